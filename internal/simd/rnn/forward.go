package rnn

// Forward is a layer's run over a batch of sequences of Length samples, of which
// pieces are computed call by call.
type Forward struct {
	*Layer
	Length int

	X     []float32 // (B, Length, In), where the layer multiplies its input
	Y     []float32 // (B, Length, H), the hidden states: written
	Gates []float32 // (B, Length, G*H), the activated gates: written, or nil
	Cells []float32 // (B, Length, H): written; LSTM c, GRU Wh_n h + bh_n
	H0    []float32 // (B, H), before the first sample
	C0    []float32 // (B, H), LSTM only

	// Products are those of the samples from the first of the piece on with
	// Layer.InputRows, where In is 0: (B, ProductSteps, G*Slots).
	Products     []float32
	ProductSteps int
}

// Run computes samples [from, to) of items [first, last). The samples before
// them must have been computed. Calls for other items may run at the same time,
// with a Scratch of their own.
func (f *Forward) Run(s *Scratch, first, last, from, to int) {
	if first >= last || from >= to || f.Hidden == 0 {
		return
	}
	g := f.Kind.Gates()
	rows := last * f.Length
	hold("X", f.X, rows*f.In)
	hold("Y", f.Y, rows*f.Hidden)
	hold("Cells", f.Cells, rows*f.Hidden)
	hold("H0", f.H0, last*f.Hidden)
	hold("forward weights", f.forward, f.Slots*(4+g*(f.In+f.Hidden)))
	if f.Gates != nil {
		hold("Gates", f.Gates, rows*g*f.Hidden)
	}
	if f.Kind == LSTM {
		hold("C0", f.C0, last*f.Hidden)
	}
	if f.In != f.Inputs {
		hold("Products", f.Products, ((last-1)*f.ProductSteps+to-from)*g*f.Slots)
	}
	f.run(s, first, last, from, to)
}

// generic is Run in plain Go.
func (f *Forward) generic(first, last, from, to int) {
	for b := first; b < last; b++ {
		for t := from; t < to; t++ {
			f.step(b, t, t-from)
		}
	}
}

// row returns row i of rows of n numbers.
func row(rows []float32, i, n int) []float32 { return rows[i*n:][:n:n] }

// before returns what stood before sample t of item b in rows (B, T, H) whose
// initial rows are (B, H).
func before(rows, initial []float32, b, t, length, n int) []float32 {
	if t == 0 {
		return row(initial, b, n)
	}
	return row(rows, b*length+t-1, n)
}

// step computes sample t of item b, the at-th of its piece.
func (f *Forward) step(b, t, at int) {
	g, n, now := f.Kind.Gates(), f.Hidden, b*f.Length+t
	h := before(f.Y, f.H0, b, t, f.Length, n)
	y, cells := row(f.Y, now, n), row(f.Cells, now, n)
	var c []float32
	if f.Kind == LSTM {
		c = before(f.Cells, f.C0, b, t, f.Length, n)
	}
	w := f.forward
	for block := range f.Slots / lanes {
		var sums [4 * lanes]float32
		sum := sums[:g*lanes]
		w = w[copy(sum, w):]
		if f.In != f.Inputs {
			p := row(f.Products, b*f.ProductSteps+at, g*f.Slots)
			for q := range g {
				for j, v := range p[q*f.Slots+block*lanes:][:lanes] {
					sum[q*lanes+j] += v
				}
			}
		}
		if f.In > 0 {
			w = multiply(sum, row(f.X, now, f.In), w)
		}
		if f.Kind == GRU {
			copy(sums[3*lanes:], sums[2*lanes:3*lanes])
			w = w[copy(sums[2*lanes:3*lanes], w):]
		}
		w = multiply(sum, h, w)
		start := f.start(block)
		for j := range min(lanes, n) {
			u := start + j
			var gates [4]float32
			if f.Kind == GRU {
				gates = [4]float32{sigmoid(sums[j]), sigmoid(sums[lanes+j])}
				cells[u] = sums[2*lanes+j]
				gates[2] = tanh(sums[3*lanes+j] + float32(gates[0]*cells[u]))
				y[u] = gates[2] + float32(gates[1]*(h[u]-gates[2]))
			} else {
				gates = [4]float32{sigmoid(sums[j]), sigmoid(sums[lanes+j]), tanh(sums[2*lanes+j]), sigmoid(sums[3*lanes+j])}
				cells[u] = float32(gates[1]*c[u]) + float32(gates[0]*gates[2])
				y[u] = gates[3] * tanh(cells[u])
			}
			if f.Gates != nil {
				to := row(f.Gates, now, g*n)
				for q := range g {
					to[q*n+u] = gates[q]
				}
			}
		}
	}
}

// multiply adds to the sums of a block the products of x with its weights, and
// returns the weights that follow.
func multiply(sums, x, w []float32) []float32 {
	for _, v := range x {
		for j, k := range w[:len(sums)] {
			sums[j] += float32(k * v)
		}
		w = w[len(sums):]
	}
	return w
}
