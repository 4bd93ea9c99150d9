package cpu

import (
	"math"
	"testing"

	"partials/device"
	"partials/tensor"
)

// blocks are lengths of the pieces into which a stream is cut: awkward ones,
// past each vector width.
var blocks = []int{1, 2, 3, 7, 8, 9, 16, 17, 31, 64, 5, 1, 100}

// eachBlock calls f with the pieces of n samples.
func eachBlock(n int, f func(from, to int)) {
	for i, from := 0, 0; from < n; i++ {
		to := min(n, from+blocks[i%len(blocks)])
		f(from, to)
		from = to
	}
}

// cutTime copies samples [from, to) of x (B, C, T) into a tensor of its own.
func cutTime(d device.Device, x tensor.Tensor, from, to int) tensor.Tensor {
	b, c, n := x.Dim(0), x.Dim(1), to-from
	part := tensor.New(tensor.Of(b, c, n), d.Alloc(b*c*n))
	d.Move(part, x, device.Runs{Len: n, Count: b * c, DstStride: n, SrcOff: from, SrcStride: x.Dim(2)})
	return part
}

func sameBits(t *testing.T, d device.Device, name string, got, want tensor.Tensor) {
	t.Helper()
	x := read(d, want)
	for i, v := range read(d, got) {
		if v != x[i] && !(math.IsNaN(v) && math.IsNaN(x[i])) {
			t.Fatalf("%s: number %d of %v is %g alone and %g in the whole", name, i, got.Shape, v, x[i])
		}
	}
}

func fresh(d device.Device, dims ...int) tensor.Tensor {
	s := tensor.Of(dims...)
	return tensor.New(s, d.Alloc(s.Len()))
}

// TestStreaming: a signal computed block by block has the bits of the signal
// computed at once.
func TestStreaming(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		d := New(2)
		defer d.Close()
		const length = 777
		for _, c := range []device.Conv{{Dilation: 1, Groups: 1}, {Dilation: 19, Groups: 1}, {Dilation: 2, Groups: 3}} {
			const b, ins, outs, taps = 2, 6, 9, 3
			x := random(d, "x", 0, tensor.Of(b, ins, length+c.Shrink(taps)))
			w, bias := random(d, "w", 0, tensor.Of(outs, ins/c.Groups, taps)), random(d, "bias", 0, tensor.Of(outs))
			whole := fresh(d, b, outs, length)
			d.Conv1D(whole, x, w, bias, c)
			eachBlock(length, func(from, to int) {
				y := fresh(d, b, outs, to-from)
				d.Conv1D(y, cutTime(d, x, from, to+c.Shrink(taps)), w, bias, c)
				sameBits(t, d, "Conv1D", y, cutTime(d, whole, from, to))
			})
		}
		for _, kind := range []device.Kind{device.LSTM, device.GRU} {
			const h = 13
			in := map[device.Kind]int{device.LSTM: 3, device.GRU: fewInputs + 1}[kind]
			g := kind.Gates() * h
			w := device.RecurrentWeights{Wi: random(d, "wi", 0, tensor.Of(g, in)), Wh: random(d, "wh", 0, tensor.Of(g, h)),
				Bi: random(d, "bi", 0, tensor.Of(g)), Bh: random(d, "bh", 0, tensor.Of(g))}
			x := random(d, "x", 0, tensor.Of(1, length, in))
			run := func(x tensor.Tensor, s device.InitialState) (y, cells tensor.Tensor) {
				n := x.Dim(1)
				y, cells = fresh(d, 1, n, h), fresh(d, 1, n, h)
				d.Recur(device.Cell{Kind: kind}, device.Sequence{InitialState: s, Gates: fresh(d, 1, n, g), Cells: cells}, y, w, x)
				return y, cells
			}
			whole, _ := run(x, device.InitialState{})
			var s device.InitialState
			eachBlock(length, func(from, to int) {
				y, cells := run(x.Part(from*in, tensor.Of(1, to-from, in)), s)
				sameBits(t, d, kind.String(), y, whole.Part(from*h, y.Shape))
				s.H0 = y.Part((to-from-1)*h, tensor.Of(1, h))
				if kind == device.LSTM {
					s.C0 = cells.Part((to-from-1)*h, tensor.Of(1, h))
				}
			})
		}
	})
}

// TestPosition: rows of products, numbers of elementwise functions and frames
// of transforms do not depend on what stands beside them.
func TestPosition(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		d := New(2)
		defer d.Close()
		const rows = 777
		for _, nk := range [][2]int{{1, 5}, {3, 17}, {16, 300}, {33, 64}} {
			n, k := nk[0], nk[1]
			x, y := random(d, "x", 0, tensor.Of(rows, k)), random(d, "y", 0, tensor.Of(k, n))
			whole := fresh(d, rows, n)
			d.MatMul(whole, x, y, device.Product{Batch: 1, M: rows, N: n, K: k})
			eachBlock(rows, func(from, to int) {
				part := fresh(d, to-from, n)
				d.MatMul(part, x.Part(from*k, tensor.Of(to-from, k)), y, device.Product{Batch: 1, M: to - from, N: n, K: k})
				sameBits(t, d, "MatMul", part, whole.Part(from*n, part.Shape))
			})
		}
		x := random(d, "x", 0, tensor.Of(rows))
		d.Map(device.Scale, 5, x, x)
		for f := range device.Funcs {
			whole := fresh(d, rows)
			d.Map(device.Func(f), 0.5, whole, x)
			eachBlock(rows, func(from, to int) {
				part := fresh(d, to-from)
				d.Map(device.Func(f), 0.5, part, x.Part(from, part.Shape))
				sameBits(t, d, device.Func(f).String(), part, whole.Part(from, part.Shape))
			})
		}
		const frames = 137
		framing := device.Framing{NFFT: 64, Hop: 16, Frames: frames, Onesided: true, Scale: 1}
		framing.Length = framing.Span()
		signal, window := random(d, "signal", 0, tensor.Of(1, framing.Length)), random(d, "window", 0, tensor.Of(64))
		whole := fresh(d, 1, 2, frames, framing.Bins())
		d.STFT(whole, signal, window, framing)
		rowwise := whole.View(tensor.Of(1, 2, frames*framing.Bins()))
		eachBlock(frames, func(from, to int) {
			f := framing
			f.Frames = to - from
			f.Length = f.Span()
			part := fresh(d, 1, 2, f.Frames, f.Bins())
			d.STFT(part, signal.Part(from*f.Hop, tensor.Of(1, f.Length)), window, f)
			sameBits(t, d, "STFT", part.View(tensor.Of(1, 2, f.Frames*f.Bins())), cutTime(d, rowwise, from*f.Bins(), to*f.Bins()))
		})
	})
}
