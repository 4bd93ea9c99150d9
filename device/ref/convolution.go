package ref

import (
	"partials/device"
	"partials/tensor"
)

// Conv1D implements device.Convolution.
func (d *Device) Conv1D(y, x, w, bias tensor.Tensor, c device.Conv) {
	device.CheckConv("Conv1D", y, x, w, bias, c)
	out, in, kernel, offset := numbers(y), numbers(x), numbers(w), numbers(bias)
	batch, channels, length := y.Dim(0), y.Dim(1), y.Dim(2)
	for b := range batch {
		for o := range channels {
			for t := range length {
				v := 0.0
				if offset != nil {
					v = offset[o]
				}
				out[(b*channels+o)*length+t] = v
			}
		}
	}
	taps(y, x, w, c, func(y, x, w int) { out[y] += kernel[w] * in[x] })
}

// Conv1DInputGrad implements device.Convolution.
func (d *Device) Conv1DInputGrad(dx, dy, w tensor.Tensor, c device.Conv) {
	device.CheckConv("Conv1DInputGrad", dy, dx, w, tensor.Tensor{}, c)
	grad, out, kernel := numbers(dx), numbers(dy), numbers(w)
	taps(dy, dx, w, c, func(y, x, w int) { grad[x] += kernel[w] * out[y] })
}

// Conv1DWeightGrad implements device.Convolution.
func (d *Device) Conv1DWeightGrad(dw, dbias, dy, x tensor.Tensor, c device.Conv) {
	device.CheckConv("Conv1DWeightGrad", dy, x, dw, dbias, c)
	grad, out, in := numbers(dw), numbers(dy), numbers(x)
	taps(dy, x, dw, c, func(y, x, w int) { grad[w] += out[y] * in[x] })
	if !dbias.Absent() {
		// (B, Cout, T) is summed over T, then over B.
		channels, length := dy.Dim(1), dy.Dim(2)
		for i, g := range out {
			numbers(dbias)[i/length%channels] += g
		}
	}
}

// taps calls visit for every product in the sum that Conv1D is, with the
// indexes of its numbers in y, x and w.
func taps(y, x, w tensor.Tensor, c device.Conv, visit func(y, x, w int)) {
	batch, outs, length := y.Dim(0), y.Dim(1), y.Dim(2)
	ins, samples := x.Dim(1), x.Dim(2)
	groupIns, kernel := w.Dim(1), w.Dim(2)
	for b := range batch {
		for o := range outs {
			group := o / (outs / c.Groups)
			for i := range groupIns {
				for k := range kernel {
					xRow := (b*ins + group*groupIns + i) * samples
					for t := range length {
						visit((b*outs+o)*length+t, xRow+t+k*c.Dilation, (o*groupIns+i)*kernel+k)
					}
				}
			}
		}
	}
}
