package devicetest

import (
	"fmt"
	"math"

	"partials/device"
	"partials/tensor"
)

// framed is a size of the short-time transforms.
type framed struct {
	batch int
	device.Framing
}

// framings returns sizes that an STFT can have: for every n_fft hops from 1 to
// past n_fft, every padding mode, one side of the spectrum or both, signals
// that end with the last frame and longer ones.
func framings() []framed {
	var list []framed
	for i, n := range transformLengths {
		for j, hop := range []int{1, max(n/4, 1), n/2 + 1, n + 3} {
			for mode := range device.PadModes {
				k := i + j + mode // varies what is not swept
				if n > 16 && k%3 != 0 {
					continue
				}
				list = append(list, framing(n, hop, k, device.PadMode(mode), n/2))
			}
			list = append(list, framing(n, hop, i+j, device.PadConstant, 0))
		}
	}
	none := framing(8, 2, 0, device.PadReflect, 4)
	none.Frames = 0
	empty := framing(8, 2, 0, device.PadReflect, 4)
	empty.batch = 0
	wide := framing(5, 2, 1, device.PadConstant, 40)
	return append(list, none, empty, wide)
}

func framing(n, hop, k int, mode device.PadMode, pad int) framed {
	frames := []int{1, 2, 9, 17}
	if n > 128 {
		frames = []int{1, 2, 3, 9}
	}
	f := framed{batch: 1 + k%3, Framing: device.Framing{NFFT: n, Hop: hop, Frames: frames[k%4],
		Pad: pad, Mode: mode, Onesided: k%5 != 0, Scale: 0.75}}
	// At least a frame, and more than the padding for the modes that mirror or wrap.
	f.Length = max(f.Span()-2*pad, n-2*pad, pad+1) + k%3
	return f
}

func (f framed) shapes() (signal, spectrum, window tensor.Shape) {
	return tensor.Of(f.batch, f.Length), tensor.Of(f.batch, 2, f.Frames, f.Bins()), tensor.Of(f.NFFT)
}

func framingOperators() []operator {
	var list []operator
	for _, f := range framings() {
		list = append(list, analyses(f)...)
		// The signal of an inverse may end before or after the frames do.
		f.Scale = math.Sqrt(float64(f.NFFT))
		list = append(list, syntheses(f)...)
		if f.Hop > 1 {
			f.Length = f.Span() + 5
			list = append(list, syntheses(f)...)
			f.Length = max(f.Span()/2-f.Pad, 0)
			list = append(list, syntheses(f)...)
		}
	}
	return list
}

func analyses(f framed) []operator {
	signal, spectrum, window := f.shapes()
	name := fmt.Sprintf("B%d %+v", f.batch, f.Framing)
	return []operator{
		{kernel: "STFT", transpose: "STFTGrad", name: name, x: signal, y: spectrum, fixed: []argument{{shape: window}},
			forward:  func(d device.Device, y, x tensor.Tensor, w []tensor.Tensor) { d.STFT(y, x, w[0], f.Framing) },
			backward: func(d device.Device, dx, dy tensor.Tensor, w []tensor.Tensor) { d.STFTGrad(dx, dy, w[0], f.Framing) }},
		{kernel: "STFT", transpose: "STFTWindowGrad", name: name + " in the window", x: window, y: spectrum, fixed: []argument{{shape: signal}},
			forward: func(d device.Device, y, w tensor.Tensor, x []tensor.Tensor) { d.STFT(y, x[0], w, f.Framing) },
			backward: func(d device.Device, dw, dy tensor.Tensor, x []tensor.Tensor) {
				d.STFTWindowGrad(dw, dy, x[0], f.Framing)
			}},
	}
}

func syntheses(f framed) []operator {
	signal, spectrum, window := f.shapes()
	name := fmt.Sprintf("B%d %+v", f.batch, f.Framing)
	return []operator{
		{kernel: "Synthesis", transpose: "SynthesisGrad", name: name, x: spectrum, y: signal, fixed: []argument{{shape: window}},
			forward: func(d device.Device, y, x tensor.Tensor, w []tensor.Tensor) { d.Synthesis(y, x, w[0], f.Framing) },
			backward: func(d device.Device, dx, dy tensor.Tensor, w []tensor.Tensor) {
				d.SynthesisGrad(dx, dy, w[0], f.Framing)
			}},
		{kernel: "Synthesis", transpose: "SynthesisWindowGrad", name: name + " in the window", x: window, y: signal, fixed: []argument{{shape: spectrum}},
			forward: func(d device.Device, y, w tensor.Tensor, x []tensor.Tensor) { d.Synthesis(y, x[0], w, f.Framing) },
			backward: func(d device.Device, dw, dy tensor.Tensor, x []tensor.Tensor) {
				d.SynthesisWindowGrad(dw, dy, x[0], f.Framing)
			}},
	}
}

func envelopeCases() []testcase {
	var cases []testcase
	for _, f := range framings() {
		if f.batch != 1 {
			continue
		}
		name := fmt.Sprintf("%+v", f.Framing)
		cases = append(cases,
			testcase{kernel: "Envelope", name: name, args: []argument{out(f.Length), in(f.NFFT)},
				call: func(d device.Device, a []tensor.Tensor) { d.Envelope(a[0], a[1], f.Framing) }},
			testcase{kernel: "EnvelopeGrad", name: name, args: []argument{add(f.NFFT), in(f.Length), in(f.NFFT)},
				call: func(d device.Device, a []tensor.Tensor) { d.EnvelopeGrad(a[0], a[1], a[2], f.Framing) }})
	}
	return cases
}
