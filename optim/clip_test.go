package optim_test

import (
	"math"
	"slices"
	"testing"

	"partials/device"
	"partials/internal/golden"
	"partials/optim"
	"partials/tensor"
)

// torchGrads are the gradients of a clipping case as one slab.
func torchGrads(t *testing.T, dev device.Device, c golden.Case) (g tensor.Tensor, w int) {
	gw, gb := c.Array(t, "gw").Data, c.Array(t, "gb").Data
	return put(dev, slices.Concat(gw, gb)), len(gw)
}

// The L2 norm is ours; clipping takes any norm, so that the cases of the others
// check it too.
func TestTorchClipNorm(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		measured := 0
		for _, c := range golden.Cases(t, "optim", "clip_norm") {
			g, w := torchGrads(t, dev, c)
			norm := c.Scalar(t, "total_norm")
			if string(c.Params["norm_type"]) == "2.0" {
				got := optim.Norm(dev, g, put(dev, []float64{7}))
				most := 1e-12
				if dev.Name() != "ref" {
					most = 1e-6
				}
				if !(math.Abs(got-norm) <= most*norm) {
					t.Errorf("%s: the norm is %v, want %v", c.ID, got, norm)
				}
				norm = got
				measured++
			}
			optim.ClipNorm(dev, g, norm, golden.Param[float64](t, c, "max_norm"))
			got := read(dev, g)
			within(t, dev, c, "clipped_w", got[:w])
			within(t, dev, c, "clipped_b", got[w:])
		}
		if measured != 3 {
			t.Errorf("%d L2 norms, want 3", measured)
		}
	})
}

func TestTorchClipValue(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		for _, c := range golden.Cases(t, "optim", "clip_value") {
			g, w := torchGrads(t, dev, c)
			dev.Clamp(g, golden.Param[float64](t, c, "clip_value"))
			got := read(dev, g)
			within(t, dev, c, "clipped_w", got[:w])
			within(t, dev, c, "clipped_b", got[w:])
		}
	})
}

func TestNormOfBrokenGradients(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		scratch := put(dev, []float64{0})
		for _, n := range []int{1, 7, 64, 1009, 40000} {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				x := gradient(n, 0)
				x[n-1] = bad
				if norm := optim.Norm(dev, put(dev, x), scratch); norm < math.Inf(1) {
					t.Errorf("%d gradients, the last %v: the norm is %v", n, bad, norm)
				}
			}
		}
	})
}

// Gradients within the limit keep their bits, also those whose norm is no
// number: it is train that refuses them.
func TestClipNormLeavesAlone(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		for _, norm := range []float64{0, 0.5, 1 - 1e-6, math.NaN()} {
			g := put(dev, gradient(65, 3))
			optim.ClipNorm(dev, g, norm, 1)
			if !slices.Equal(read(dev, g), gradient(65, 3)) {
				t.Errorf("norm %v, limit 1: the gradients changed", norm)
			}
		}
	})
}

func TestClippingAllocatesNothing(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		g, scratch := put(dev, gradient(40000, 0)), put(dev, []float64{0})
		if n := testing.AllocsPerRun(20, func() {
			optim.ClipNorm(dev, g, optim.Norm(dev, g, scratch), 1e-3)
			dev.Clamp(g, 1e-4)
		}); n != 0 {
			t.Errorf("clipping allocates %v times", n)
		}
	})
}

// The moving average of weights that train keeps with Blend is torch's.
func TestTorchAverage(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		for _, c := range golden.Cases(t, "optim", "ema") {
			w := c.Array(t, "w")
			n := w.Shape[1]
			average := put(dev, w.Data[:n])
			got := read(dev, average)
			for i := 1; i < w.Shape[0]; i++ {
				dev.Blend(average, put(dev, w.Data[i*n:][:n]), 1-golden.Param[float64](t, c, "decay"))
				got = append(got, read(dev, average)...)
			}
			within(t, dev, c, "average", got)
		}
	})
}
