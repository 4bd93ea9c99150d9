package conv

import "fmt"

// strip is how many samples a kernel is given at once: the Go scheduler cannot
// interrupt it. It is a multiple of every tile's width.
const strip = 240

// Forward is a convolution with its weights packed. Prepare it once per change of
// weights; then any number of goroutines may Run it. The zero value is ready to
// prepare, and preparing the same shape again allocates nothing.
type Forward struct {
	shape  Shape
	stride int      // row stride of x
	groups []matrix // outputs by (input, tap)
}

// Prepare packs w (Out, In/Groups, Kernel) and bias (Out, or nil for none) for
// inputs with the given row stride. It keeps neither slice. It panics where
// shape and lengths do not agree.
func (f *Forward) Prepare(s Shape, w, bias []float32, stride int) {
	s.check(len(w))
	if bias != nil && len(bias) != s.Out {
		panic(fmt.Sprintf("conv: %d biases for shape %+v", len(bias), s))
	}
	f.shape, f.stride = s, stride
	in, out := s.In/s.Groups, s.Out/s.Groups
	f.groups = grow(f.groups, s.Groups)
	for g := range f.groups {
		m := &f.groups[g]
		m.size(out, in*s.Kernel)
		for r := range out {
			for q, v := range w[(g*out+r)*m.terms:][:m.terms] {
				m.w[m.at(r, q)] = v
			}
		}
		if bias != nil {
			copy(m.start, bias[g*out:])
		}
		for q := range m.off {
			m.off[q] = (g*in+q/s.Kernel)*stride + q%s.Kernel*s.Dilation
		}
	}
}

// Run writes samples [t0, t1) of y (Out channels, row stride yStride) from samples
// [t0, t1+Span()) of x (In channels, the stride of Prepare). Each sample is
// one chain of multiply-adds from the bias on, input by input and tap by tap:
//
//	sum := bias[o]
//	for i := range In/Groups { for k := range Kernel { sum += w[o][i][k] * x[i][t+k*Dilation] } }
//
// so any cut of time gives the same bits.
func (f *Forward) Run(y []float32, yStride int, x []float32, t0, t1 int) {
	f.run(y, yStride, x, t0, t1, false)
}

// RunAdd is Run that adds the sums to y.
func (f *Forward) RunAdd(y []float32, yStride int, x []float32, t0, t1 int) {
	f.run(y, yStride, x, t0, t1, true)
}

func (f *Forward) run(y []float32, yStride int, x []float32, t0, t1 int, add bool) {
	s := f.shape
	if s.Groups == 0 {
		panic("conv: Forward.Run before Prepare")
	}
	checkRange("Forward", t0, t1, t1)
	if t0 == t1 {
		return
	}
	holds("y", len(y), s.Out, t1, yStride)
	holds("x", len(x), s.In, t1+s.Span(), f.stride)
	for t := t0; t < t1; t += strip {
		n := min(strip, t1-t)
		for g := range f.groups {
			m := &f.groups[g]
			c := y[g*m.rows*yStride+t:]
			was := c
			if !add {
				was = nil
			}
			m.run(0, m.terms, x, t, n, c, was, yStride)
		}
	}
}
