package conv

import "fmt"

// Forward is a convolution with its weights packed. Prepare it once per change of
// weights; then any number of goroutines may Run it. The zero value is ready to
// prepare, and preparing the same shape again allocates nothing.
type Forward struct {
	shape  Shape
	stride int       // row stride of x
	w      []float32 // per block of 4 outputs: one 4-vector per (input, tap)
	bias   []float32 // padded to whole blocks
	off    []int     // per group: where (input, tap) starts in x, in floats
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
	terms := in * s.Kernel
	blocks := (out + rows - 1) / rows
	f.w = grow(f.w, s.Groups*blocks*terms*rows)
	f.bias = grow(f.bias, s.Groups*blocks*rows)
	clear(f.w)
	clear(f.bias)
	for o := range s.Out {
		block, r := o/out*blocks+o%out/rows, o%out%rows
		for q, v := range w[o*terms:][:terms] {
			f.w[(block*terms+q)*rows+r] = v
		}
		if bias != nil {
			f.bias[block*rows+r] = bias[o]
		}
	}
	f.off = grow(f.off, s.Groups*terms)
	for i := range s.In {
		for k := range s.Kernel {
			f.off[i*s.Kernel+k] = i*stride + k*s.Dilation
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
	out, terms := s.Out/s.Groups, s.In/s.Groups*s.Kernel
	blocks := (out + rows - 1) / rows
	// A strip of time stays in the first-level cache for all blocks of outputs.
	const strip = 10 * wide
	for t := t0; t < t1; t += strip {
		width := min(strip, t1-t)
		for g := range s.Groups {
			off := f.off[g*terms:][:terms]
			for b := range blocks {
				at := g*blocks + b
				sums(min(rows, out-b*rows), width, f.w[at*terms*rows:][:terms*rows], off, x, t,
					(*[rows]float32)(f.bias[at*rows:]), y[(g*out+b*rows)*yStride+t:], yStride, false)
			}
		}
	}
}
