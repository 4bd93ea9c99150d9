package loss

import (
	"math"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/tensor"
)

// The reference's curve comes from polynomials that lose digits where the poles
// crowd near z = 1: it is off by up to 1e-7, and its taps by up to 3e-9.
func TestAWeightingTaps(t *testing.T) {
	for _, c := range golden.Cases(t, "losses2", "a_weighting_taps") {
		rate := golden.Param[int](t, c, "sample_rate")
		f, err := aWeighting(rate)
		if err != nil {
			t.Fatal(err)
		}
		if e := golden.RelL2(f.taps, c.Array(t, "taps").Data); !(e <= 5e-9) {
			t.Errorf("%d Hz: the taps are off by %.2g", rate, e)
		}
	}
	if _, err := aWeighting(0); err == nil {
		t.Error("a sample rate of 0 is no error")
	}
}

// IEC 61672-1, table 3, in dB, at the exact frequencies.
func TestAWeightingCurve(t *testing.T) {
	for hz, want := range map[float64]float64{31.623: -39.4, 125.89: -16.1, 1000: 0, 3981.1: 1.0, 15848.9: -6.6} {
		if got := 20 * math.Log10(aCurve(2*math.Pi*hz)); math.Abs(got-want) > 0.05 {
			t.Errorf("%v Hz: %.2f dB, want %v", hz, got, want)
		}
	}
}

func TestFiltersOfTheReference(t *testing.T) {
	for _, c := range golden.Cases(t, "losses2", "fir_filter", "pre_emphasis") {
		t.Run(c.ID, func(t *testing.T) {
			var f filter
			if c.Op == "fir_filter" {
				f = filter{taps: c.Array(t, "taps").Data, left: aTaps / 2, right: aTaps / 2}
			} else {
				l := PreEmphasis{Coef: golden.Param[float64](t, c, "coef")}
				if err := l.Filter.UnmarshalText([]byte(golden.Param[string](t, c, "filter"))); err != nil {
					t.Fatal(err)
				}
				if err := l.Edge.UnmarshalText([]byte(golden.Param[string](t, c, "edge"))); err != nil {
					t.Fatal(err)
				}
				var err error
				if f, err = l.filter(16000); err != nil {
					t.Fatal(err)
				}
			}
			dev := ref.NewChecked()
			tape := autograd.NewTape(dev, 0)
			in, g := c.Array(t, "x"), c.Array(t, "g")
			x := tape.Watch(tape.Put64(tensor.Of(in.Shape...), in.Data))
			y := f.apply(tape, x, tape.Put64(tensor.Of(1, 1, len(f.taps)), f.taps))
			if y.Dim(2) != x.Dim(2)-f.shrink() || y.Shape != tensor.Of(g.Shape...) {
				t.Fatalf("%v became %v, want %v", x.Shape, y.Shape, g.Shape)
			}
			if err := tape.BackwardFrom(y, tape.Put64(y.Shape, g.Data).Tensor); err != nil {
				t.Fatal(err)
			}
			dx, _ := x.Grad()
			for name, v := range map[string]tensor.Tensor{"y": y.Tensor, "gx": dx} {
				got := make([]float64, v.Len())
				dev.Read64(got, v)
				if e := golden.RelL2(got, c.Array(t, name).Data); !(e <= 1e-13) {
					t.Errorf("%s is off by %.2g", name, e)
				}
			}
		})
	}
}
