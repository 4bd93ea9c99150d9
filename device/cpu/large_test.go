package cpu

import (
	"fmt"
	"math"
	"testing"

	"partials/device"
	"partials/device/ref"
	"partials/internal/rng"
	"partials/tensor"
)

// trial is a call at a size that is cut into several chunks, which the suite's
// sizes are not. Its first outputs arguments are compared.
type trial struct {
	name    string
	outputs int
	args    []tensor.Shape
	call    func(d device.Device, a []tensor.Tensor)
}

// shapes returns one-dimensional shapes.
func shapes(lens ...int) []tensor.Shape {
	var list []tensor.Shape
	for _, n := range lens {
		list = append(list, tensor.Of(n))
	}
	return list
}

func trials() []trial {
	const n = 2*chunk + 77
	var list []trial
	add := func(name string, outputs int, args []tensor.Shape, call func(d device.Device, a []tensor.Tensor)) {
		list = append(list, trial{name, outputs, args, call})
	}
	add("Map", 1, shapes(n, n), func(d device.Device, a []tensor.Tensor) { d.Map(device.Exp, 0, a[0], a[1]) })
	add("Map without a kernel", 1, shapes(n, n), func(d device.Device, a []tensor.Tensor) { d.Map(device.GELU, 0, a[0], a[1]) })
	add("MapGrad", 1, shapes(n, n, n, n), func(d device.Device, a []tensor.Tensor) { d.MapGrad(device.Sigmoid, 0, a[0], a[1], a[2], a[3]) })
	add("Combine", 1, shapes(n, n), func(d device.Device, a []tensor.Tensor) { d.Combine(a[0], 0.3, a[0], -2, a[1]) })
	add("Clamp", 1, shapes(n), func(d device.Device, a []tensor.Tensor) { d.Clamp(a[0], 0.5) })
	add("SumSquares", 1, shapes(1, 5*n), func(d device.Device, a []tensor.Tensor) { d.SumSquares(a[0], a[1]) })
	add("Adam", 3, shapes(n, n, n, n), func(d device.Device, a []tensor.Tensor) {
		d.Mul(a[2], a[2], a[2]) // second moments are positive
		d.Adam(a[0], a[3], a[1], a[2], device.Adam{Step: 0.01, Root: 1.2, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8})
	})
	for _, m := range []device.Runs{
		{Len: n, Count: 1, DstOff: 3, SrcOff: 5}, {Len: n, Count: 3, DstStride: n + 2, SrcStride: n + 1}, {Len: 7, Count: n, DstStride: 8, SrcStride: 5},
	} {
		add(fmt.Sprintf("MoveGrad %+v", m), 1, shapes(m.Count*(m.Len+2)+3, m.Count*(m.Len+2)+5),
			func(d device.Device, a []tensor.Tensor) { d.MoveGrad(a[0], a[1], m) })
	}
	for _, s := range []device.Transposition{{Outer: 1, Rows: 301, Cols: 203, Inner: 1}, {Outer: 3, Rows: 2, Cols: 20011, Inner: 1},
		{Outer: 2, Rows: 20011, Cols: 2, Inner: 1}, {Outer: 2, Rows: 131, Cols: 57, Inner: 5}} {
		size := s.Outer * s.Rows * s.Cols * s.Inner
		add(fmt.Sprintf("TransposeGrad %+v", s), 1, shapes(size, size), func(d device.Device, a []tensor.Tensor) { d.TransposeGrad(a[0], a[1], s) })
	}
	for _, s := range []device.Axis{{Outer: 1, N: 5 * n, Inner: 1}, {Outer: 3, N: n, Inner: 1}, {Outer: n, N: 2, Inner: 1},
		{Outer: 1, N: 2001, Inner: 40}, {Outer: 2, N: 71, Inner: 1031}, {Outer: 3000, N: 5, Inner: 7}} {
		full, reduced := s.Outer*s.N*s.Inner, s.Outer*s.Inner
		add(fmt.Sprintf("Sum %+v", s), 1, shapes(reduced, full), func(d device.Device, a []tensor.Tensor) { d.Sum(a[0], a[1], s) })
		add(fmt.Sprintf("SpreadGrad %+v", s), 1, shapes(reduced, full), func(d device.Device, a []tensor.Tensor) { d.SpreadGrad(a[0], a[1], s) })
		add(fmt.Sprintf("Spread %+v", s), 1, shapes(full, reduced), func(d device.Device, a []tensor.Tensor) { d.Spread(a[0], a[1], s) })
		add(fmt.Sprintf("SumGrad %+v", s), 1, shapes(full, reduced), func(d device.Device, a []tensor.Tensor) { d.SumGrad(a[0], a[1], s) })
	}
	for _, p := range []device.Product{
		{Batch: 1, M: 401, N: 7, K: 300}, {Batch: 1, M: 5, N: 1031, K: 33}, {Batch: 2, M: 400, N: 31, K: 60, TransX: true},
		{Batch: 5000, M: 3, N: 4, K: 10, TransY: true}, {Batch: 70, M: 30, N: 9, K: 8, SharedY: true},
	} {
		add(fmt.Sprintf("MatMul %+v", p), 1, shapes(p.Batch*p.M*p.N, p.Batch*p.M*p.K, p.Batch*p.K*p.N), func(d device.Device, a []tensor.Tensor) {
			y := a[2]
			if p.SharedY {
				y = y.Part(0, tensor.Of(p.K*p.N))
			}
			d.MatMul(a[0], a[1], y, p)
		})
	}
	for _, p := range []device.Product{
		{Batch: 1, M: 9, N: 5, K: 40001, TransX: true}, {Batch: 3, M: 9, N: 5, K: 2100, TransY: true, SharedDst: true},
		{Batch: 75, M: 7, N: 6, K: 5, TransX: true, SharedDst: true}, {Batch: 2, M: 230, N: 600, K: 9, TransX: true, SharedDst: true},
	} {
		add(fmt.Sprintf("MatMulGrad %+v", p), 1, shapes(p.M*p.N, p.Batch*p.M*p.K, p.Batch*p.K*p.N),
			func(d device.Device, a []tensor.Tensor) { d.MatMulGrad(a[0], a[1], a[2], p) })
	}
	list = append(list, convolutionTrials()...)
	list = append(list, recurrentTrials()...)
	return append(list, fourierTrials()...)
}

func convolutionTrials() []trial {
	var list []trial
	for _, s := range []struct {
		batch, ins, outs, taps, tout int
		device.Conv
	}{
		{2, 16, 16, 3, 1009, device.Conv{Dilation: 64, Groups: 1}},
		{1, 3, 5, 2, 4099, device.Conv{Dilation: 5, Groups: 1}},
		{5, 4, 6, 3, 901, device.Conv{Dilation: 1, Groups: 2}},
	} {
		x, y := tensor.Of(s.batch, s.ins, s.tout+s.Shrink(s.taps)), tensor.Of(s.batch, s.outs, s.tout)
		w, bias := tensor.Of(s.outs, s.ins/s.Groups, s.taps), tensor.Of(s.outs)
		list = append(list,
			trial{fmt.Sprintf("Conv1D %+v", s), 1, []tensor.Shape{y, x, w, bias},
				func(d device.Device, a []tensor.Tensor) { d.Conv1D(a[0], a[1], a[2], a[3], s.Conv) }},
			trial{fmt.Sprintf("Conv1DInputGrad %+v", s), 1, []tensor.Shape{x, y, w},
				func(d device.Device, a []tensor.Tensor) { d.Conv1DInputGrad(a[0], a[1], a[2], s.Conv) }},
			trial{fmt.Sprintf("Conv1DWeightGrad %+v", s), 2, []tensor.Shape{w, bias, y, x},
				func(d device.Device, a []tensor.Tensor) { d.Conv1DWeightGrad(a[0], a[1], a[2], a[3], s.Conv) }})
	}
	return list
}

func recurrentTrials() []trial {
	var list []trial
	for _, size := range [][4]int{{45, 19, 3, 5}, {17, 800, 40, 17}} { // the second takes several pieces of the sequence
		list = append(list, recurrentTrial(device.LSTM, size), recurrentTrial(device.GRU, size))
	}
	return list
}

func recurrentTrial(kind device.Kind, size [4]int) trial {
	b, t, in, h := size[0], size[1], size[2], size[3]
	g := kind.Gates() * h
	x, y, gates, state := tensor.Of(b, t, in), tensor.Of(b, t, h), tensor.Of(b, t, g), tensor.Of(b, h)
	wi, wh, bias := tensor.Of(g, in), tensor.Of(g, h), tensor.Of(g)
	cell := device.Cell{Kind: kind, Detach: 8}
	return trial{fmt.Sprint("Recur and RecurGrad ", kind, size), 9, []tensor.Shape{y, gates, y, x, state, wi, wh, bias, bias, x, state, wi, wh, bias, bias, y},
		func(d device.Device, a []tensor.Tensor) {
			s := device.Sequence{InitialState: device.InitialState{H0: a[10]}, Gates: a[1], Cells: a[2]}
			w := device.RecurrentWeights{Wi: a[11], Wh: a[12], Bi: a[13], Bh: a[14]}
			dw := device.RecurrentWeights{Wi: a[5], Wh: a[6], Bi: a[7], Bh: a[8]}
			d.Recur(cell, s, a[0], w, a[9])
			d.RecurGrad(cell, a[3], device.InitialState{H0: a[4]}, dw, a[15], tensor.Tensor{}, tensor.Tensor{}, s, a[0], w, a[9])
		}}
}

func fourierTrials() []trial {
	var list []trial
	add := func(name string, args []tensor.Shape, call func(d device.Device, a []tensor.Tensor)) {
		list = append(list, trial{name, 1, args, call})
	}
	for _, s := range []device.Transform{{N: 1024, In: 1000, Scale: 1}, {N: 97, In: 99, Scale: 0.1}} {
		const b, r = 3, 51
		x, y := tensor.Of(b, r, s.In), tensor.Of(b, 2, r, s.N/2+1)
		add(fmt.Sprintf("RFFT %+v", s), []tensor.Shape{y, x}, func(d device.Device, a []tensor.Tensor) { d.RFFT(a[0], a[1], s) })
		add(fmt.Sprintf("RFFTGrad %+v", s), []tensor.Shape{x, y}, func(d device.Device, a []tensor.Tensor) { d.RFFTGrad(a[0], a[1], s) })
	}
	for _, f := range []device.Framing{
		{NFFT: 512, Hop: 50, Frames: 101, Pad: 256, Onesided: true, Scale: 1},
		{NFFT: 512, Hop: 600, Frames: 67, Pad: 256, Mode: device.PadCircular, Scale: 0.5},
		{NFFT: 30, Hop: 1, Frames: 2500, Pad: 15, Mode: device.PadReplicate, Onesided: true, Scale: 2},
		{NFFT: 1024, Hop: 120, Frames: 77, Onesided: true, Scale: 1},
	} {
		const b = 2
		f.Length = f.Span() - 2*f.Pad
		x, y, w := tensor.Of(b, f.Length), tensor.Of(b, 2, f.Frames, f.Bins()), tensor.Of(f.NFFT)
		name := fmt.Sprintf(" %+v", f)
		add("STFT"+name, []tensor.Shape{y, x, w}, func(d device.Device, a []tensor.Tensor) { d.STFT(a[0], a[1], a[2], f) })
		add("STFTGrad"+name, []tensor.Shape{x, y, w}, func(d device.Device, a []tensor.Tensor) { d.STFTGrad(a[0], a[1], a[2], f) })
		add("STFTWindowGrad"+name, []tensor.Shape{w, y, x}, func(d device.Device, a []tensor.Tensor) { d.STFTWindowGrad(a[0], a[1], a[2], f) })
		add("Synthesis"+name, []tensor.Shape{x, y, w}, func(d device.Device, a []tensor.Tensor) { d.Synthesis(a[0], a[1], a[2], f) })
		add("SynthesisGrad"+name, []tensor.Shape{y, x, w}, func(d device.Device, a []tensor.Tensor) { d.SynthesisGrad(a[0], a[1], a[2], f) })
		add("SynthesisWindowGrad"+name, []tensor.Shape{w, x, y}, func(d device.Device, a []tensor.Tensor) { d.SynthesisWindowGrad(a[0], a[1], a[2], f) })
		add("Envelope"+name, []tensor.Shape{tensor.Of(f.Length), w}, func(d device.Device, a []tensor.Tensor) { d.Envelope(a[0], a[1], f) })
		add("EnvelopeGrad"+name, []tensor.Shape{w, tensor.Of(f.Length), w}, func(d device.Device, a []tensor.Tensor) { d.EnvelopeGrad(a[0], a[1], a[2], f) })
	}
	const n = chunk + 99
	x, y := tensor.Of(2, 2, n), tensor.Of(2, n)
	add("Polar", []tensor.Shape{y, x}, func(d device.Device, a []tensor.Tensor) { d.Polar(device.MagFloor, 1e-3, a[0], a[1]) })
	add("PolarGrad", []tensor.Shape{x, x, y, y}, func(d device.Device, a []tensor.Tensor) {
		d.Polar(device.MagClamp, 1e-3, a[2], a[1])
		d.PolarGrad(device.MagClamp, 1e-3, a[0], a[1], a[2], a[3])
	})
	add("ComplexMulGrad", []tensor.Shape{x, x, x}, func(d device.Device, a []tensor.Tensor) { d.ComplexMulGrad(a[0], a[1], a[2]) })
	return list
}

// data returns the numbers of the arguments, which depend on the trial's name
// only.
func (c *trial) data() [][]float64 {
	var data [][]float64
	for i, s := range c.args {
		data = append(data, uniform(c.name, i, s.Len()))
	}
	return data
}

func (c *trial) place(d device.Device, data [][]float64) []tensor.Tensor {
	var args []tensor.Tensor
	for i, s := range c.args {
		args = append(args, write(d, s, data[i]))
	}
	return args
}

// do runs the trial on d and returns the outputs.
func (c *trial) do(d device.Device, data [][]float64) [][]float64 {
	args := c.place(d, data)
	c.call(d, args)
	var results [][]float64
	for _, a := range args[:c.outputs] {
		results = append(results, read(d, a))
	}
	return results
}

// uniform returns n numbers in [-1, 1) that are float32.
func uniform(name string, key, n int) []float64 {
	r := rng.New(1, name, key)
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(float32(r.Uniform(-1, 1)))
	}
	return x
}

func random(d device.Device, name string, key int, s tensor.Shape) tensor.Tensor {
	return write(d, s, uniform(name, key, s.Len()))
}

func write(d device.Device, s tensor.Shape, x []float64) tensor.Tensor {
	t := tensor.New(s, d.Alloc(len(x)))
	d.Write64(t, x)
	return t
}

func read(d device.Device, t tensor.Tensor) []float64 {
	x := make([]float64, t.Len())
	d.Read64(x, t)
	return x
}

// TestLarge holds calls of several chunks against the definition, and the bits
// on one thread against those on more.
func TestLarge(t *testing.T) {
	devices := map[int]*Device{}
	for _, threads := range []int{1, 2, 3, 7} {
		devices[threads] = New(threads)
		defer devices[threads].Close()
	}
	for _, c := range trials() {
		data := c.data()
		want, got := c.do(ref.New(), data), c.do(devices[1], data)
		for i := range want {
			largest := 1.0
			for _, v := range want[i] {
				largest = max(largest, math.Abs(v))
			}
			for j, v := range want[i] {
				// The rounding of the result, and of float32 blocks of 256 to 1024 terms.
				if e := math.Abs(got[i][j] - v); !(e <= 3e-6*largest) {
					t.Errorf("%s: output %d at %d is %g, want %g, the largest is %g", c.name, i, j, got[i][j], v, largest)
					break
				}
			}
		}
		for _, threads := range []int{2, 3, 7} {
			again := c.do(devices[threads], data)
			for i := range got {
				for j, v := range got[i] {
					if v != again[i][j] {
						t.Errorf("%s: output %d at %d is %g on one thread and %g on %d", c.name, i, j, v, again[i][j], threads)
						break
					}
				}
			}
		}
	}
}

// TestLargeAllocatesNothing repeats every call. It runs on one thread: a second
// worker may join at the second call only, and grow its memory then.
func TestLargeAllocatesNothing(t *testing.T) {
	d := New(1)
	defer d.Close()
	for _, c := range trials() {
		args := c.place(d, c.data())
		if n := testing.AllocsPerRun(1, func() { c.call(d, args) }); n != 0 {
			t.Errorf("%s: a repeated call allocates %v times", c.name, n)
		}
	}
}

// TestSumsAreExact adds numbers of one sign, where a plain float32 sum loses
// three digits more.
func TestSumsAreExact(t *testing.T) {
	const n = 300007
	d := New(2)
	defer d.Close()
	x := random(d, "positive", 0, tensor.Of(n))
	d.Map(device.Shift, 3, x, x)
	sum, squares := 0.0, 0.0
	for _, v := range read(d, x) {
		sum += v
		squares += v * v
	}
	one := tensor.New(tensor.Of(1), d.Alloc(1))
	check := func(name string, want float64) {
		t.Helper()
		if got := read(d, one)[0]; !(math.Abs(got-want) <= 0x1p-24*want) {
			t.Errorf("%s = %.10g, want %.10g", name, got, want)
		}
	}
	d.Sum(one, x, device.Axis{Outer: 1, N: n, Inner: 1})
	check("Sum", sum)
	d.SumSquares(one, x)
	check("SumSquares", squares)
}
