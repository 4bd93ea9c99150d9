package conv

// InputGrad is the gradient of a convolution with respect to its input, with its
// weights packed. It is used as Forward is.
type InputGrad struct {
	shape  Shape
	stride int      // row stride of dy
	groups []matrix // inputs by (tap, output)
}

// Prepare packs w (Out, In/Groups, Kernel) for output gradients with the given
// row stride. It panics where shape and length do not agree.
func (g *InputGrad) Prepare(s Shape, w []float32, stride int) {
	s.check(len(w))
	g.shape, g.stride = s, stride
	in, out := s.In/s.Groups, s.Out/s.Groups
	g.groups = grow(g.groups, s.Groups)
	for group := range g.groups {
		m := &g.groups[group]
		m.size(in, s.Kernel*out)
		for q := range m.off {
			k, o := q/out, group*out+q%out
			m.off[q] = o*stride - k*s.Dilation
			for i := range in {
				m.w[m.at(i, q)] = w[(o*in+i)*s.Kernel+k]
			}
		}
	}
}

// Run adds to samples [s0, s1) of dx (In channels of tout+Span() samples, row
// stride dxStride) the gradient through all of dy (Out channels of tout samples, the
// stride of Prepare):
//
//	dx[i][s] += sum over k, o of w[o][i][k] * dy[o][s - k*Dilation]    where 0 <= s - k*Dilation < tout
//
// The sum of a sample is one chain, tap by tap and output by output. Disjoint
// ranges may run at the same time, and any cut of time gives the same bits.
func (g *InputGrad) Run(dx []float32, dxStride int, dy []float32, tout, s0, s1 int) {
	s := g.shape
	if s.Groups == 0 {
		panic("conv: InputGrad.Run before Prepare")
	}
	checkRange("InputGrad", s0, s1, tout+s.Span())
	if s0 == s1 || tout == 0 {
		return
	}
	holds("dx", len(dx), s.In, s1, dxStride)
	holds("dy", len(dy), s.Out, tout, g.stride)
	// Between two breakpoints all samples see the same taps: those from first to last.
	for from := s0; from < s1; {
		first, last, to := taps(s, tout, from)
		to = min(to, s1)
		if first <= last {
			g.segment(dx, dxStride, dy, from, to, first, last)
		}
		from = to
	}
}

// taps finds which taps reach sample t, from first to last, and the end of the
// stretch of samples for which that holds. No tap may: then first > last.
func taps(s Shape, tout, t int) (first, last, end int) {
	last = min(s.Kernel-1, t/s.Dilation)
	if t >= tout {
		first = (t-tout)/s.Dilation + 1
	}
	end = tout + first*s.Dilation // where tap number first stops
	if last < s.Kernel-1 {
		end = min(end, (last+1)*s.Dilation) // where the next one starts
	}
	return first, last, end
}

// segment adds the gradient to samples [from, to), which taps first to last reach.
func (g *InputGrad) segment(dx []float32, dxStride int, dy []float32, from, to, first, last int) {
	out := g.shape.Out / g.shape.Groups
	for t := from; t < to; t += strip {
		for group := range g.groups {
			m := &g.groups[group]
			c := dx[group*m.rows*dxStride+t:]
			m.run(first*out, (last+1)*out, dy, t, min(strip, to-t), c, c, dxStride)
		}
	}
}
