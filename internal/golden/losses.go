package golden

import (
	"math"
	"testing"
)

// LossSamples is the length N of the signals that losses.json is about.
const LossSamples = 16384

// Loss is what losses.json says of one loss: its value and its gradient with respect to
// the prediction (channel 0 for the mono ones).
type Loss struct {
	Value      float64 `json:"value"`
	GradL2     float64 `json:"grad_l2"`      // L2 norm over all channels and samples
	GradAt100  float64 `json:"grad_at_100"`  // dL/dpred[100] of channel 0
	GradAt8000 float64 `json:"grad_at_8000"` // dL/dpred[8000] of channel 0
}

// LossSet is losses.json with the two-channel signals it was computed on.
type LossSet struct {
	Pred, Target [2][]float64 // float32 values
	Results      map[string]Loss
}

// Losses returns losses.json and its signals: tones and LCG noise at 48 kHz, the target, and a
// saturated copy of it. It checks channel 0 against the sums in the file.
func Losses(t testing.TB) LossSet {
	t.Helper()
	var doc struct {
		Signals struct {
			TargetSum float64 `json:"target_sumsq"`
			PredSum   float64 `json:"pred_sumsq"`
		}
		Results map[string]Loss
	}
	decode(t, "losses.json", &doc)
	set := LossSet{Results: doc.Results}
	for c := range 2 {
		set.Pred[c], set.Target[c] = lossSignals(c)
	}
	check := func(name string, x []float64, want float64) {
		var sum float64
		for _, v := range x {
			sum += v * v
		}
		if math.Abs(sum-want) > 1e-12*want {
			t.Fatalf("losses.json: sum of squares of %s is %v, want %v", name, sum, want)
		}
	}
	check("target", set.Target[0], doc.Signals.TargetSum)
	check("pred", set.Pred[0], doc.Signals.PredSum)
	return set
}

// lossSignals returns channel c of the prediction and the target, rounded to float32.
func lossSignals(c int) (pred, target []float64) {
	y := make([]float64, LossSamples)
	u := make([]float64, LossSamples)
	s := uint32(12345 + 777*c)
	fc := float64(c)
	for n := range y {
		t := float64(n) / 48000
		y[n] = 0.5*math.Sin(2*math.Pi*(220+55*fc)*t) + 0.25*math.Sin(2*math.Pi*(1870+113*fc)*t+0.3) + 0.1*math.Sin(2*math.Pi*9973*t+1.1*fc)
		s = 1664525*s + 1013904223
		u[n] = float64(s)/(1<<31) - 1
	}
	pred, target = make([]float64, LossSamples), make([]float64, LossSamples)
	for n := range y {
		target[n] = float64(float32(y[n] + 0.01*u[n]))
		pred[n] = float64(float32(0.6*math.Tanh(1.5*y[n]) + 0.02*u[(n+LossSamples-1)%LossSamples]))
	}
	return pred, target
}
