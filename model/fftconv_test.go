package model

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/ops"
	"partials/tensor"
)

// The convolution through the FFT is the direct one, in value and gradients.
func TestFFTConvEqualsConv1D(t *testing.T) {
	for _, c := range []struct{ batch, in, out, groups, taps, n int }{
		{1, 1, 1, 1, 1, 1}, {2, 1, 1, 1, 7, 7}, {2, 3, 2, 1, 5, 31}, {3, 4, 6, 2, 16, 33}, {1, 3, 3, 3, 64, 100},
	} {
		dev := ref.New()
		x := gradcheck.Normal(1, tensor.Of(c.batch, c.in, c.n))
		w := gradcheck.Normal(2, tensor.Of(c.out, c.in/c.groups, c.taps))
		g := gradcheck.Normal(3, tensor.Of(c.batch, c.out, c.n-c.taps+1))
		run := func(f func(t *autograd.Tape, x, w *autograd.Var) *autograd.Var) (results [3][]float64) {
			tape := autograd.NewTape(dev, 0)
			in := tape.Watch(tape.Put64(x.Shape, x.Data))
			kernel := tape.Watch(tape.Put64(w.Shape, w.Data))
			y := f(tape, in, kernel)
			if err := tape.BackwardFrom(y, tape.Put64(g.Shape, g.Data).Tensor); err != nil {
				t.Fatal(err)
			}
			dx, _ := in.Grad()
			dw, _ := kernel.Grad()
			for i, v := range []tensor.Tensor{y.Tensor, dx, dw} {
				results[i] = make([]float64, v.Len())
				dev.Read64(results[i], v)
			}
			return results
		}
		got := run(func(t *autograd.Tape, x, w *autograd.Var) *autograd.Var {
			return autograd.Apply(t, fftConv{groups: c.groups}, autograd.In{x, w})
		})
		want := run(func(t *autograd.Tape, x, w *autograd.Var) *autograd.Var {
			return ops.Conv1D(t, x, w, nil, device.Conv{Dilation: 1, Groups: c.groups})
		})
		for i, what := range []string{"y", "dx", "dw"} {
			if d := golden.RelL2(got[i], want[i]); d > 1e-13 {
				t.Errorf("%+v: %s differs by %.2g", c, what, d)
			}
		}
	}
}

func TestFastSize(t *testing.T) {
	fast := func(n int) bool {
		if n%2 != 0 {
			return false
		}
		for _, p := range []int{2, 3, 5} {
			for n%p == 0 {
				n /= p
			}
		}
		return n == 1
	}
	for n := 1; n < 3000; n++ {
		want := n
		for !fast(want) {
			want++
		}
		if got := fastSize(n); got != want {
			t.Fatalf("fastSize(%d) = %d, want %d", n, got, want)
		}
	}
}

// Overlap-added frames whose window follows from the analysis are the signal.
func TestSynthesisWindow(t *testing.T) {
	for _, hop := range []int{1, 2, 4, 8} {
		w := []float64{0.1, 0.5, 2, 1, 0.3, 0.7, 1, 0.2}
		s := synthesisWindow(w, hop)
		for i := range hop {
			sum := 0.0
			for j := i; j < len(w); j += hop {
				sum += w[j] * s[j]
			}
			if sum < 1-1e-15 || sum > 1+1e-15 {
				t.Errorf("hop %d, sample %d: the frames add up to %v", hop, i, sum)
			}
		}
	}
}
