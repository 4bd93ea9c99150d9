package devicetest

import (
	"fmt"

	"partials/device"
	"partials/tensor"
)

// convolution is a size of Conv1D; length is that of the output.
type convolution struct {
	batch, ins, outs, taps, length int
	device.Conv
}

func conv(batch, ins, outs, taps, dilation, groups, length int) convolution {
	return convolution{batch, ins, outs, taps, length, device.Conv{Dilation: dilation, Groups: groups}}
}

// convolutions: one tap, an input as long as the receptive field, an empty
// batch or time, channels past each vector width, WaveNet's dilations,
// depthwise and grouped channels.
var convolutions = []convolution{
	conv(1, 1, 1, 1, 1, 1, 1), conv(1, 1, 1, 1, 1, 1, 0), conv(0, 2, 3, 3, 1, 1, 5), conv(2, 2, 3, 3, 2, 1, 0),
	conv(2, 3, 5, 3, 7, 1, 1), conv(1, 1, 16, 3, 1, 1, 65), conv(2, 16, 16, 3, 1, 1, 63), conv(1, 16, 16, 3, 512, 1, 127),
	conv(3, 8, 8, 3, 16, 1, 33), conv(1, 16, 1, 1, 1, 1, 1009), conv(2, 7, 9, 2, 3, 1, 31), conv(1, 12, 12, 5, 2, 1, 17),
	conv(2, 4, 4, 3, 2, 4, 32), conv(1, 8, 16, 3, 4, 8, 65), conv(2, 6, 9, 4, 1, 3, 15), conv(1, 12, 8, 2, 5, 2, 64),
	conv(1, 1, 1, 127, 1, 1, 33), conv(1, 2, 1, 64, 2, 1, 9), conv(1, 33, 31, 3, 8, 1, 16), conv(2, 17, 24, 1, 1, 1, 8),
	conv(1, 3, 2, 3, 1, 1, 1009), conv(1, 32, 32, 3, 2, 1, 7), conv(2, 5, 5, 1, 1, 5, 2), conv(3, 1, 2, 3, 9, 1, 3),
	conv(1, 0, 2, 3, 1, 1, 5),
}

func (c convolution) String() string {
	return fmt.Sprintf("B%d %d->%d K%d D%d G%d T%d", c.batch, c.ins, c.outs, c.taps, c.Dilation, c.Groups, c.length)
}

func (c convolution) shapes() (x, w, y tensor.Shape) {
	return tensor.Of(c.batch, c.ins, c.length+c.Shrink(c.taps)), tensor.Of(c.outs, c.ins/c.Groups, c.taps), tensor.Of(c.batch, c.outs, c.length)
}

func convolutionOperators() []operator {
	var list []operator
	for _, c := range convolutions {
		x, w, y := c.shapes()
		list = append(list,
			operator{kernel: "Conv1D", transpose: "Conv1DInputGrad", name: c.String(), x: x, y: y, fixed: []argument{{shape: w}},
				forward: func(d device.Device, y, x tensor.Tensor, w []tensor.Tensor) {
					d.Conv1D(y, x, w[0], tensor.Tensor{}, c.Conv)
				},
				backward: func(d device.Device, dx, dy tensor.Tensor, w []tensor.Tensor) {
					d.Conv1DInputGrad(dx, dy, w[0], c.Conv)
				}},
			operator{kernel: "Conv1D", transpose: "Conv1DWeightGrad", name: c.String() + " in w", x: w, y: y, fixed: []argument{{shape: x}},
				forward: func(d device.Device, y, w tensor.Tensor, x []tensor.Tensor) {
					d.Conv1D(y, x[0], w, tensor.Tensor{}, c.Conv)
				},
				backward: func(d device.Device, dw, dy tensor.Tensor, x []tensor.Tensor) {
					d.Conv1DWeightGrad(dw, tensor.Tensor{}, dy, x[0], c.Conv)
				}},
			// With an input of zeros the output is the bias, and the weights get
			// no gradient.
			operator{kernel: "Conv1D", transpose: "Conv1DWeightGrad", name: c.String() + " in bias", x: tensor.Of(c.outs), y: y,
				fixed: []argument{{shape: x, values: repeated(x.Len(), 0)}, {shape: w}},
				forward: func(d device.Device, y, bias tensor.Tensor, f []tensor.Tensor) {
					d.Conv1D(y, f[0], f[1], bias, c.Conv)
				},
				backward: func(d device.Device, dbias, dy tensor.Tensor, f []tensor.Tensor) {
					d.Conv1DWeightGrad(f[1], dbias, dy, f[0], c.Conv)
				}})
	}
	return list
}

func convolutionCases() []testcase {
	var cases []testcase
	for _, c := range convolutions {
		x, w, y := c.shapes()
		bias := tensor.Of(c.outs)
		cases = append(cases,
			testcase{kernel: "Conv1D", name: c.String() + " with bias",
				args: []argument{{role: output, shape: y}, {shape: x}, {shape: w}, {shape: bias}},
				call: func(d device.Device, a []tensor.Tensor) { d.Conv1D(a[0], a[1], a[2], a[3], c.Conv) }},
			testcase{kernel: "Conv1DWeightGrad", name: c.String() + " with bias",
				args: []argument{{role: sum, shape: w}, {role: sum, shape: bias}, {shape: y}, {shape: x}},
				call: func(d device.Device, a []tensor.Tensor) { d.Conv1DWeightGrad(a[0], a[1], a[2], a[3], c.Conv) }})
	}
	return cases
}
