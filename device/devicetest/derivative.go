package devicetest

import (
	"fmt"
	"math"
	"testing"

	"partials/device"
	"partials/tensor"
)

// derivative is a kernel that is not linear, with its gradient kernel.
type derivative struct {
	kernel, name string
	in           []argument     // all of which have gradients
	out          []tensor.Shape // all of which have gradients
	keep         []tensor.Shape // further outputs of forward, which gradient reads
	forward      func(d device.Device, out, keep, in []tensor.Tensor)
	gradient     func(d device.Device, din, in, out, keep, dout []tensor.Tensor)
}

// Derivatives checks the gradients of the kernels that are not linear by
// central differences, in one random direction of every input. open must
// return a device that computes in float64.
func Derivatives(t *testing.T, open func() device.Device) {
	d := open()
	defer shut(t, d)
	for _, k := range derivatives() {
		k.check(t, d)
	}
}

func (k *derivative) check(t *testing.T, d device.Device) {
	t.Helper()
	arena := d.NewArena(0)
	place := func(s tensor.Shape, values []float64) tensor.Tensor {
		x := tensor.New(s, arena.Alloc(s.Len()))
		d.Write64(x, values)
		return x
	}
	var in, din, out, keep, dout []tensor.Tensor
	for i, a := range k.in {
		if a.values == nil {
			k.in[i].values = random(fmt.Sprint(k.kernel, k.name, i), a.shape.Len())
		}
		in = append(in, place(a.shape, k.in[i].values))
		din = append(din, place(a.shape, repeated(a.shape.Len(), 0)))
	}
	for i, s := range k.out {
		out = append(out, place(s, repeated(s.Len(), 0)))
		dout = append(dout, place(s, random(fmt.Sprint(k.kernel, k.name, "out", i), s.Len())))
	}
	for _, s := range k.keep {
		keep = append(keep, place(s, repeated(s.Len(), 0)))
	}
	loss := func() float64 {
		k.forward(d, out, keep, in)
		sum := 0.0
		for i := range out {
			sum += dot(read(d, out[i]), read(d, dout[i]))
		}
		return sum
	}
	loss()
	k.gradient(d, din, in, out, keep, dout)
	for i, a := range k.in {
		direction := random(fmt.Sprint(k.kernel, k.name, "direction", i), a.shape.Len())
		const h = 1e-5
		at := func(h float64) float64 {
			moved := make([]float64, len(direction))
			for j, v := range direction {
				moved[j] = k.in[i].values[j] + h*v
			}
			d.Write64(in[i], moved)
			return loss()
		}
		want := (at(h) - at(-h)) / (2 * h)
		at(0)
		grad := read(d, din[i])
		got := dot(grad, direction)
		if scale := norm(grad)*norm(direction) + 1e-3; !(math.Abs(got-want) <= 1e-7*scale) {
			t.Errorf("%s %s: the derivative along a direction of input %d is %g, by differences %g", k.kernel, k.name, i, got, want)
		}
	}
}

func derivatives() []derivative {
	var list []derivative
	for _, o := range domains {
		list = append(list, mapDerivative(o))
	}
	for _, p := range polars {
		list = append(list, derivative{kernel: "Polar", name: fmt.Sprintf("%s(%g)", p.name, p.eps), in: []argument{in(2, 2, 33)}, out: []tensor.Shape{tensor.Of(2, 33)},
			forward: func(d device.Device, out, _, in []tensor.Tensor) { d.Polar(p.f, p.eps, out[0], in[0]) },
			gradient: func(d device.Device, din, in, out, _, dout []tensor.Tensor) {
				d.PolarGrad(p.f, p.eps, din[0], in[0], out[0], dout[0])
			}})
	}
	for _, f := range framings() {
		list = append(list, derivative{kernel: "Envelope", name: fmt.Sprintf("%+v", f.Framing), in: []argument{in(f.NFFT)}, out: []tensor.Shape{tensor.Of(f.Length)},
			forward: func(d device.Device, out, _, in []tensor.Tensor) { d.Envelope(out[0], in[0], f.Framing) },
			gradient: func(d device.Device, din, in, _, _, dout []tensor.Tensor) {
				d.EnvelopeGrad(din[0], dout[0], in[0], f.Framing)
			}})
	}
	for _, r := range allRecurrences() {
		if r.length > 0 {
			r.Detach = 0
			list = append(list, recurrentDerivative(r))
		}
	}
	return list
}

// mapDerivative tries a function at the random numbers of its domain, away
// from kinks.
func mapDerivative(o domain) derivative {
	var x []float64
	for _, v := range o.points(127)[len(o.special):] {
		smooth := true
		for _, s := range o.special {
			if o.kink && math.Abs(v-s) < 1e-3 {
				smooth = false
			}
		}
		// A step of the differences must be small against the function's scale.
		if smooth && math.Abs(v) < 10 && (o.lo < 0 || v > 0.05*o.hi || o.f != device.Log && o.f != device.Pow && o.f != device.Reciprocal) {
			x = append(x, v)
		}
	}
	n := len(x)
	return derivative{kernel: "Map", name: o.String(), in: []argument{in(n).of(x)}, out: []tensor.Shape{tensor.Of(n)},
		forward: func(d device.Device, out, _, in []tensor.Tensor) { d.Map(o.f, o.p, out[0], in[0]) },
		gradient: func(d device.Device, din, in, out, _, dout []tensor.Tensor) {
			d.MapGrad(o.f, o.p, din[0], in[0], out[0], dout[0])
		}}
}

// recurrentDerivative takes y and, where there are states, the last ones for
// the outputs.
func recurrentDerivative(r recurrence) derivative {
	_, y, gates, state, _, _, _ := r.shapes()
	k := derivative{kernel: "Recur", name: r.String(), in: r.inputs(), out: []tensor.Shape{y}, keep: []tensor.Shape{gates, y}}
	for range len(k.in) - 5 {
		k.out = append(k.out, state)
	}
	last := device.Runs{Len: r.hidden, Count: r.batch, DstStride: r.hidden, SrcOff: (r.length - 1) * r.hidden, SrcStride: r.length * r.hidden}
	k.forward = func(d device.Device, out, keep, in []tensor.Tensor) {
		x, w, s := unpack(in)
		d.Recur(r.Cell, device.Sequence{InitialState: s, Gates: keep[0], Cells: keep[1]}, out[0], w, x)
		if len(out) > 1 {
			d.Move(out[1], out[0], last)
		}
		if len(out) > 2 {
			d.Move(out[2], keep[1], last)
		}
	}
	k.gradient = func(d device.Device, din, in, out, keep, dout []tensor.Tensor) {
		r.backward(d, din, in, []tensor.Tensor{out[0], keep[0], keep[1]}, dout)
	}
	return k
}
