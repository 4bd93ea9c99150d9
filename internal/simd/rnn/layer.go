package rnn

// Layer is the weights of one layer, packed.
//
// Units stand in blocks of eight, eight numbers a block: Slots of them for a row
// of all units. Where Hidden is no multiple of eight, the last block holds the
// last eight units again, or, below eight, zeros after the units.
type Layer struct {
	Kind       Kind
	In, Hidden int // In is 0 where the products with the input are made elsewhere
	Slots      int

	// Blocks of eight units: biases and weights of the input, then of the state,
	// gate by gate within each input or unit of the state.
	forward []float32
	// Weights of the state, transposed: for up to three vectors of units at a time, a
	// row of them for each of the gates' sums.
	back []float32

	Inputs int // of the layer, whoever multiplies them
	// InputRows is Wi with a row for each slot of each gate, (G*Slots, Inputs), in
	// PyTorch's order of gates. The products of samples with it are what
	// Forward.Products holds.
	InputRows []float32
	// GradRows is the same in the order of Backward.Sums, with repeated units as
	// zeros: the products of the sums with it are the gradient of the input.
	GradRows []float32
}

// Pack sets the layer for Forward, from PyTorch's weights wi (G*H, inputs),
// wh (G*H, H) and the biases (G*H). own says that the steps multiply the input,
// too: the best for a few inputs.
func (l *Layer) Pack(kind Kind, inputs, hidden int, own bool, wi, wh, bi, bh []float32) {
	l.set(kind, inputs, hidden, wi, wh)
	hold("bi", bi, kind.Gates()*hidden)
	hold("bh", bh, kind.Gates()*hidden)
	if own {
		l.In = inputs
	} else {
		l.packInputRows(wi)
	}
	l.packForward(wi, wh, bi, bh)
}

// PackBack sets the layer for Backward. rows says that GradRows is wanted.
func (l *Layer) PackBack(kind Kind, inputs, hidden int, rows bool, wi, wh []float32) {
	l.set(kind, inputs, hidden, wi, wh)
	l.packBack(wh)
	if rows {
		l.packGradRows(wi)
	}
}

func (l *Layer) set(kind Kind, inputs, hidden int, wi, wh []float32) {
	hold("wi", wi, kind.Gates()*hidden*inputs)
	hold("wh", wh, kind.Gates()*hidden*hidden)
	l.Kind, l.Hidden, l.Inputs, l.In = kind, hidden, inputs, 0
	l.Slots = (hidden + lanes - 1) / lanes * lanes
}

// unit is the unit at a slot, whether there is one, and whether it is its first
// place.
func (l *Layer) unit(slot int) (unit int, is, first bool) {
	block := slot / lanes * lanes
	start := max(0, min(block, l.Hidden-lanes))
	unit = start + slot - block
	return unit, unit < l.Hidden, unit >= block
}

// start is the first unit of a block.
func (l *Layer) start(block int) int { return max(0, min(block*lanes, l.Hidden-lanes)) }

func (l *Layer) packForward(wi, wh, bi, bh []float32) {
	g, h := l.Kind.Gates(), l.Hidden
	l.forward = grow(l.forward, l.Slots*(4+g*(l.In+h)))
	to := l.forward
	put := func(block int, f func(unit int) float32) {
		for j := range lanes {
			to[j] = 0
			if unit, is, _ := l.unit(block*lanes + j); is {
				to[j] = f(unit)
			}
		}
		to = to[lanes:]
	}
	for block := range l.Slots / lanes {
		for q := range g {
			put(block, func(u int) float32 {
				if l.Kind == GRU && q == 2 {
					return bi[q*h+u]
				}
				return bi[q*h+u] + bh[q*h+u]
			})
		}
		for i := range l.In {
			for q := range g {
				put(block, func(u int) float32 { return wi[(q*h+u)*l.Inputs+i] })
			}
		}
		if l.Kind == GRU {
			put(block, func(u int) float32 { return bh[2*h+u] })
		}
		for i := range h {
			for q := range g {
				put(block, func(u int) float32 { return wh[(q*h+u)*h+i] })
			}
		}
	}
}

// columns is how many vectors of units the steps back take next where blocks are
// left: three, and twos where three would leave one.
func columns(left int) int {
	switch left {
	case 1:
		return 1
	case 2, 4:
		return 2
	}
	return 3
}

func (l *Layer) packBack(wh []float32) {
	g, h := l.Kind.Gates(), l.Hidden
	l.back = grow(l.back, g*l.Slots*l.Slots)
	to := l.back
	for done, blocks := 0, l.Slots/lanes; done < blocks; {
		n := columns(blocks - done)
		for q := range g {
			for slot := range l.Slots {
				from, is, first := l.unit(slot)
				for j := range n * lanes {
					to[j] = 0
					if unit, is2, _ := l.unit(done*lanes + j); is && first && is2 {
						to[j] = wh[(q*h+from)*h+unit]
					}
				}
				to = to[n*lanes:]
			}
		}
		done += n
	}
}

func (l *Layer) packInputRows(wi []float32) {
	n := l.Inputs
	l.InputRows = grow(l.InputRows, l.Kind.Gates()*l.Slots*n)
	clear(l.InputRows)
	for q := range l.Kind.Gates() {
		for slot := range l.Slots {
			if unit, is, _ := l.unit(slot); is {
				copy(row(l.InputRows, q*l.Slots+slot, n), row(wi, q*l.Hidden+unit, n))
			}
		}
	}
}

func (l *Layer) packGradRows(wi []float32) {
	n := l.Inputs
	l.GradRows = grow(l.GradRows, l.Kind.Gates()*l.Slots*n)
	clear(l.GradRows)
	for q := range l.Kind.Gates() {
		for slot := range l.Slots {
			if unit, is, first := l.unit(slot); is && first {
				copy(row(l.GradRows, l.place(q)*l.Slots+slot, n), row(wi, q*l.Hidden+unit, n))
			}
		}
	}
}

// place is where gate q stands among the sums of the input: a GRU's lie n, r, z.
func (l *Layer) place(q int) int {
	if l.Kind == GRU {
		return (q + 1) % 3
	}
	return q
}

// FromState is where, in a row of Backward.Sums, the gradients of the sums over
// the state begin, G*Slots of them. Those of the sums over the input begin at 0.
func (l *Layer) FromState() int {
	if l.Kind == GRU {
		return l.Slots
	}
	return 0
}

// Spread writes a row of all units to slots.
func (l *Layer) Spread(slots, units []float32) {
	for slot := range slots[:l.Slots] {
		slots[slot] = 0
		if unit, is, _ := l.unit(slot); is {
			slots[slot] = units[unit]
		}
	}
}

// Gather adds slots to a row of all units.
func (l *Layer) Gather(units, slots []float32) {
	for slot, v := range slots[:l.Slots] {
		if unit, is, first := l.unit(slot); is && first {
			units[unit] += v
		}
	}
}

// Unpack adds to the gradient of a gates' matrix, rows (G*H, n), what products with
// the sums over the input (or over the state) gave, products (n, G*Slots).
func (l *Layer) Unpack(dw []float32, products []float32, n int, state bool) {
	g := l.Kind.Gates()
	for q := range g {
		place := q
		if !state {
			place = l.place(q)
		}
		for slot := range l.Slots {
			unit, is, first := l.unit(slot)
			if !is || !first {
				continue
			}
			row := dw[(q*l.Hidden+unit)*n:][:n]
			for i := range row {
				row[i] += products[(i*g+place)*l.Slots+slot]
			}
		}
	}
}

// grow returns n numbers of any value, in the memory of s where that suffices.
func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
