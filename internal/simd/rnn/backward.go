package rnn

// Backward is the way back over a Forward: it turns the gradients of the hidden
// states into those of the sums of all gates, from which the gradients of the
// input and the weights are matrix products.
type Backward struct {
	*Layer
	Length int
	Detach int // above 0: no gradient goes from a sample whose index is a positive multiple of it to the state before

	Gates, Cells, Y []float32 // as Forward left them
	H0, C0          []float32
	DY              []float32 // (B, Length, H)

	// DH and DC (B, Slots) are the gradients of the state, of an LSTM also of the
	// cells, after the piece but without DY's share; Run turns them into those
	// before the piece.
	DH, DC []float32
	// Sums (B, SumSteps, 4*Slots), from the first sample of the piece on: written.
	// A row of an LSTM's has i, f, g, o, one of a GRU's n, r, z and the n of the
	// sum over the state.
	Sums     []float32
	SumSteps int
}

// Run goes back over samples [from, to) of items [first, last). The samples after
// them must be done. Calls for other items may run at the same time, with a
// Scratch of their own.
func (b *Backward) Run(s *Scratch, first, last, from, to int) {
	if first >= last || from >= to || b.Hidden == 0 {
		return
	}
	g, rows := b.Kind.Gates(), last*b.Length
	hold("Gates", b.Gates, rows*g*b.Hidden)
	hold("Cells", b.Cells, rows*b.Hidden)
	hold("Y", b.Y, rows*b.Hidden)
	hold("DY", b.DY, rows*b.Hidden)
	hold("H0", b.H0, last*b.Hidden)
	hold("DH", b.DH, last*b.Slots)
	hold("Sums", b.Sums, ((last-1)*b.SumSteps+to-from)*4*b.Slots)
	hold("backward weights", b.back, g*b.Slots*b.Slots)
	if b.Kind == LSTM {
		hold("C0", b.C0, last*b.Hidden)
		hold("DC", b.DC, last*b.Slots)
	}
	for end := to; end > from; {
		start := from
		if b.Detach > 0 {
			start = max(from, (end-1)/b.Detach*b.Detach)
		}
		b.run(s, first, last, start, end, from)
		if b.Detach > 0 && start > 0 && start%b.Detach == 0 {
			clear(b.DH[first*b.Slots : last*b.Slots])
			if b.Kind == LSTM {
				clear(b.DC[first*b.Slots : last*b.Slots])
			}
		}
		end = start
	}
}

// generic is Run in plain Go, of a stretch that begins where the rows of Sums do
// or later.
func (b *Backward) generic(first, last, from, to, origin int) {
	for item := first; item < last; item++ {
		for t := to - 1; t >= from; t-- {
			b.step(item, t, row(b.Sums, item*b.SumSteps+t-origin, 4*b.Slots))
		}
	}
}

// step goes back over sample t of an item.
func (b *Backward) step(item, t int, sums []float32) {
	n, s, now := b.Hidden, b.Slots, item*b.Length+t
	gates, cells, dy := row(b.Gates, now, b.Kind.Gates()*n), row(b.Cells, now, n), row(b.DY, now, n)
	dh := row(b.DH, item, s)
	for slot := range s {
		unit, is, _ := b.unit(slot)
		if !is {
			for q := range 4 {
				sums[q*s+slot] = 0
			}
			continue
		}
		h := dh[slot] + dy[unit]
		if b.Kind == GRU {
			r, z, c := gates[unit], gates[n+unit], gates[2*n+unit]
			hBefore := before(b.Y, b.H0, item, t, b.Length, n)[unit]
			dn := h * (1 - z) * (1 - float32(c*c))
			sums[slot] = dn
			sums[s+slot] = dn * cells[unit] * (r - float32(r*r))
			sums[2*s+slot] = h * (hBefore - c) * (z - float32(z*z))
			sums[3*s+slot] = dn * r
			dh[slot] = h * z
			continue
		}
		dc := row(b.DC, item, s)
		i, f, g, o, c := gates[unit], gates[n+unit], gates[2*n+unit], gates[3*n+unit], tanh(cells[unit])
		d := dc[slot] + float32(float32(h*o)*(1-float32(c*c)))
		sums[slot] = d * g * (i - float32(i*i))
		sums[s+slot] = d * before(b.Cells, b.C0, item, t, b.Length, n)[unit] * (f - float32(f*f))
		sums[2*s+slot] = d * i * (1 - float32(g*g))
		sums[3*s+slot] = h * c * (o - float32(o*o))
		dc[slot] = d * f
		dh[slot] = 0
	}
	// The way through the weights. (The assembly has two chains, to keep its
	// registers busy.)
	w := b.back
	sums = sums[b.FromState():][:b.Kind.Gates()*s]
	for done, blocks := 0, s/lanes; done < blocks; {
		k := columns(blocks-done) * lanes
		var acc [3 * lanes]float32
		sum := acc[:k]
		w = multiply(sum, sums, w)
		for j, v := range sum {
			dh[done*lanes+j] += v
		}
		done += k / lanes
	}
}
