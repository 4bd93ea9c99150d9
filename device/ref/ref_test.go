package ref_test

import (
	"slices"
	"testing"

	"partials/device"
	"partials/device/devicetest"
	"partials/device/ref"
	"partials/tensor"
)

func open() device.Device { return ref.NewChecked() }

// What ref can be held to without another definition: its gradients are
// transposes and derivatives, and every rule of the contract.
func TestRef(t *testing.T) {
	devicetest.Run(t, open, devicetest.Tolerances{Kernel: 1e-12, Func: 1e-12})
	devicetest.Derivatives(t, open)
}

// The kernels that PyTorch's values do not cover, computed by hand.
func TestByHand(t *testing.T) {
	d := ref.New()
	of := func(values ...float64) tensor.Tensor {
		x := tensor.New(tensor.Of(len(values)), d.Alloc(len(values)))
		d.Write64(x, values)
		return x
	}
	six := of(1, 2, 3, 4, 5, 6)
	axis := device.Axis{Outer: 1, N: 3, Inner: 2}
	planar := func(values ...float64) tensor.Tensor { return of(values...).View(tensor.Of(1, 2, len(values)/2)) }
	for name, c := range map[string]struct {
		kernel func(dst tensor.Tensor)
		dst    tensor.Tensor
		want   []float64
	}{
		"Fill":      {func(y tensor.Tensor) { d.Fill(y, 3) }, of(0, 0), []float64{3, 3}},
		"Copy":      {func(y tensor.Tensor) { d.Copy(y, six) }, of(0, 0, 0, 0, 0, 0), []float64{1, 2, 3, 4, 5, 6}},
		"AddScaled": {func(y tensor.Tensor) { d.AddScaled(y, 2, of(3, 4)) }, of(1, 1), []float64{7, 9}},
		"Combine":   {func(y tensor.Tensor) { d.Combine(y, 2, of(3, 4), -1, of(5, 7)) }, of(1, 1), []float64{1, 1}},
		"Mul":       {func(y tensor.Tensor) { d.Mul(y, of(3, 4), of(5, 7)) }, of(1, 1), []float64{15, 28}},
		"Sum":       {func(y tensor.Tensor) { d.Sum(y, six, axis) }, of(9, 9), []float64{9, 12}},
		"SumOuter":  {func(y tensor.Tensor) { d.Sum(y, six, device.Axis{Outer: 2, N: 3, Inner: 1}) }, of(9, 9), []float64{6, 15}},
		"Spread":    {func(y tensor.Tensor) { d.Spread(y, of(7, 8), axis) }, of(9, 9, 9, 9, 9, 9), []float64{7, 8, 7, 8, 7, 8}},
		"Transpose": {func(y tensor.Tensor) { d.Transpose(y, six, device.Transposition{Outer: 1, Rows: 3, Cols: 2, Inner: 1}) },
			of(0, 0, 0, 0, 0, 0), []float64{1, 3, 5, 2, 4, 6}},
		"MatMul": {func(y tensor.Tensor) { d.MatMul(y, of(1, 2), six, device.Product{Batch: 1, M: 1, N: 3, K: 2}) }, of(9, 9, 9), []float64{9, 12, 15}},
		"MatMulTransY": {func(y tensor.Tensor) {
			d.MatMul(y, of(1, 2), six, device.Product{Batch: 1, M: 1, N: 3, K: 2, TransY: true})
		},
			of(9, 9, 9), []float64{5, 11, 17}},
		"ComplexMul": {func(y tensor.Tensor) { d.ComplexMul(y, planar(1, 2), planar(3, 4)) }, planar(0, 0), []float64{-5, 10}},
		"ClampedGradient": {func(dx tensor.Tensor) { // on the bound, below it
			d.PolarGrad(device.MagClamp, 25, dx, planar(3, 1, 4, 1), of(5, 5).View(tensor.Of(1, 2)), of(10, 10).View(tensor.Of(1, 2)))
		}, planar(0, 0, 0, 0), []float64{6, 0, 8, 0}},
		"Blend":      {func(y tensor.Tensor) { d.Blend(y, of(5, 3), 0.25) }, of(1, 7), []float64{2, 6}},
		"Clamp":      {func(y tensor.Tensor) { d.Clamp(y, 2) }, of(-3, -1, 1, 3), []float64{-2, -1, 1, 2}},
		"SumSquares": {func(y tensor.Tensor) { d.SumSquares(y, of(1, -2, 3)) }, of(100), []float64{14}},
	} {
		c.kernel(c.dst)
		if got := tensor.Slice[float64](c.dst); !slices.Equal(got, c.want) {
			t.Errorf("%s gives %v, want %v", name, got, c.want)
		}
	}
}
