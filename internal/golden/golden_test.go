package golden

import (
	"math"
	"testing"
)

// Every array of every file has as many values as its shape says, and no file is all zeros.
func TestFilesAreWhole(t *testing.T) {
	for file, atLeast := range map[string]int{"torch": 140, "filterbanks": 270, "losses2": 110, "optim": 60, "layers": 75, "spectral2": 200} {
		cases := Cases(t, file)
		if len(cases) < atLeast {
			t.Errorf("%s: %d cases, want at least %d", file, len(cases), atLeast)
		}
		seen := map[string]bool{}
		for _, c := range cases {
			if seen[c.ID] {
				t.Errorf("%s: %s occurs twice", file, c.ID)
			}
			seen[c.ID] = true
			results := 0
			for name, a := range c.Arrays {
				n := 1
				for _, d := range a.Shape {
					n *= d
				}
				if a.Complex {
					n *= 2
				}
				if n != len(a.Data) {
					t.Errorf("%s: %s: %s: shape %v but %d values", file, c.ID, name, a.Shape, len(a.Data))
				}
				if _, ok := c.Float32Error[name]; ok {
					results++
				}
			}
			if results+len(c.Scalars) == 0 {
				t.Errorf("%s: %s has no results", file, c.ID)
			}
		}
	}
}

// One known number of each kind: the 3-point DFT of its input, computed here.
func TestTorchCase(t *testing.T) {
	for _, c := range Torch(t, "rfft") {
		if Param[int](t, c, "n") != 3 || Param[string](t, c, "norm") != "backward" {
			continue
		}
		x, y := c.Array(t, "x"), c.Array(t, "y")
		row := x.Data[:3]
		re := row[0] - 0.5*(row[1]+row[2])
		im := math.Sqrt(3) / 2 * (row[2] - row[1])
		if got, want := y.Data[:4], []float64{row[0] + row[1] + row[2], 0, re, im}; RelL2(got, want) > 1e-15 {
			t.Errorf("%s: y starts %v, want %v", c.ID, got, want)
		}
		if !y.Complex || x.Complex || y.Shape[1] != 2 {
			t.Errorf("%s: y has shape %v, complex %v", c.ID, y.Shape, y.Complex)
		}
		return
	}
	t.Error("no 3-point rfft")
}

// The signals are the ones of losses.json: their first samples and the losses that need no library.
func TestLossSignals(t *testing.T) {
	set := Losses(t)
	if set.Target[0][1] != float64(float32(0.23078644502114265)) || set.Pred[0][1] != float64(float32(0.18830552838002745)) {
		t.Errorf("second samples %v and %v", set.Target[0][1], set.Pred[0][1])
	}
	pred, target := set.Pred[0], set.Target[0]
	var se, tt float64
	for n := range pred {
		se += (pred[n] - target[n]) * (pred[n] - target[n])
		tt += target[n] * target[n]
	}
	want := set.Results["ESRLoss"]
	if got := se / (tt + 1e-8); math.Abs(got-want.Value) > 1e-12*want.Value {
		t.Errorf("ESR %v, want %v", got, want.Value)
	}
	if got := 2 * (pred[8000] - target[8000]) / tt; math.Abs(got-want.GradAt8000) > 1e-9*math.Abs(want.GradAt8000) {
		t.Errorf("ESR gradient at 8000 is %v, want %v", got, want.GradAt8000)
	}
}

func TestRelL2(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		got, want []float64
		rel       float64
	}{
		{[]float64{3, 4}, []float64{3, 4}, 0}, {[]float64{3, 5}, []float64{3, 4}, 0.2}, {[]float64{3, 4}, []float64{0, 0}, 5},
		{nil, nil, 0}, {[]float64{1}, []float64{1, 2}, inf}, {[]float64{nan}, []float64{1}, inf}, {[]float64{1}, []float64{nan}, inf},
		{[]float64{inf}, []float64{1}, inf}, {[]float64{1}, []float64{inf}, inf}, {[]float64{nan}, []float64{0}, inf},
	} {
		if rel := RelL2(c.got, c.want); math.Abs(rel-c.rel) > 1e-15 && rel != c.rel {
			t.Errorf("RelL2(%v, %v) = %v, want %v", c.got, c.want, rel, c.rel)
		}
	}
}
