package conv

// WeightGrad is the gradient of a convolution with respect to its weights:
// Reset, any number of Adds, then Sums. It is used by one goroutine. The zero value
// is ready, and the same shape again allocates nothing.
type WeightGrad struct {
	shape  Shape
	groups []Inner // outputs by (input, tap)
}

// Reset makes g ready for a convolution of shape s. It panics where s is none.
func (g *WeightGrad) Reset(s Shape) {
	g.Grow(s)
	for i := range g.groups {
		g.groups[i].Reset(s.Out/s.Groups, s.In/s.Groups*s.Kernel)
	}
}

// Grow makes room for Reset, which then allocates nothing.
func (g *WeightGrad) Grow(s Shape) {
	s.check(s.Weights())
	g.shape = s
	g.groups = grow(g.groups, s.Groups)
	for i := range g.groups {
		g.groups[i].Grow(s.Out/s.Groups, s.In/s.Groups*s.Kernel)
	}
}

// block is how many samples go through all rows at once: few enough that the
// rows of sixteen channels stay in the first-level cache.
const block = 240

// Add adds what samples [t0, t1) of dy and [t0, t1+Span()) of x give:
//
//	dw[o][i][k] += sum over t of dy[o][t] * x[i][t + k*Dilation]
//
// Time is cut into blocks of 240 samples from t0 on, the stretches of Inner. The
// bits depend on t0 and t1: to use threads, cut time into fixed chunks, each
// with a WeightGrad of its own, and fold their sums in the order of the chunks.
//
// It panics where strides and lengths do not agree.
func (g *WeightGrad) Add(x []float32, xStride int, dy []float32, dyStride, t0, t1 int) {
	s := g.shape
	if s.Groups == 0 {
		panic("conv: WeightGrad.Add before Reset")
	}
	checkRange("WeightGrad", t0, t1, t1)
	if t0 == t1 {
		return
	}
	holds("x", len(x), s.In, t1+s.Span(), xStride)
	holds("dy", len(dy), s.Out, t1, dyStride)
	in, out := s.In/s.Groups, s.Out/s.Groups
	for t := t0; t < t1; t += block {
		n := min(block, t1-t)
		for group := range g.groups {
			p := &g.groups[group]
			for r := range out {
				p.Row(r, dy[(group*out+r)*dyStride+t:][:n])
			}
			for i := range in {
				for k := range s.Kernel {
					p.Column(i*s.Kernel+k, x[(group*in+i)*xStride+k*s.Dilation+t:][:n])
				}
			}
			p.Add(n)
		}
	}
}

// Sums writes the gradient since Reset to dw (Out, In/Groups, Kernel) and makes it zero.
func (g *WeightGrad) Sums(dw []float32) {
	g.shape.check(len(dw))
	n := len(dw) / g.shape.Groups
	for i := range g.groups {
		g.groups[i].Sums(dw[i*n:][:n])
	}
}

// Packed is the length of a packed gradient, see Inner.
func (g *WeightGrad) Packed() int { return g.shape.Groups * g.groups[0].Packed() }

// Fold adds the gradient since Reset to a packed one and makes it zero.
func (g *WeightGrad) Fold(packed []float32) {
	n := g.groups[0].Packed()
	for i := range g.groups {
		g.groups[i].Fold(packed[i*n:][:n])
	}
}

// Unpack writes a packed gradient to dw (Out, In/Groups, Kernel).
func (g *WeightGrad) Unpack(dw, packed []float32) {
	g.shape.check(len(dw))
	n, m := len(dw)/g.shape.Groups, g.groups[0].Packed()
	for i := range g.groups {
		g.groups[i].Unpack(dw[i*n:][:n], packed[i*m:][:m])
	}
}
