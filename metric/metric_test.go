package metric

import (
	"math"
	"math/rand/v2"
	"testing"
)

func measure(t *testing.T, name string, pred, target []float32, block int) float64 {
	t.Helper()
	m, ok := Get(name)
	if !ok {
		t.Fatalf("no metric %q", name)
	}
	meter := m.New(16000)
	for at := 0; at < len(pred); at += block {
		end := min(at+block, len(pred))
		meter.Add(pred[at:end], target[at:end])
	}
	return meter.Value()
}

func signals(n int) (pred, target []float32) {
	r := rand.New(rand.NewPCG(1, 2))
	pred, target = make([]float32, n), make([]float32, n)
	for i := range pred {
		target[i] = float32(0.5 * math.Sin(0.05*float64(i)))
		pred[i] = 0.8*target[i] + 0.05*float32(r.NormFloat64())
	}
	return pred, target
}

func TestKnownValues(t *testing.T) {
	pred := []float32{1, 2, 3, 5}
	target := []float32{1, 2, 4, 4}
	for name, want := range map[string]float64{
		"esr":  2.0 / 37,
		"mse":  0.5,
		"mae":  0.5,
		"peak": 1,
		"snr":  10 * math.Log10(37.0/2),
		// Zero-mean p = (-1.75, -.75, .25, 2.25), t = (-1.75, -.75, 1.25, 1.25):
		// <p,t> = 6.75, <t,t> = 6.75, <p,p> = 8.75.
		"si_sdr": 10 * math.Log10(6.75/2),
	} {
		if got := measure(t, name, pred, target, 3); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

func TestBlocksDoNotMatter(t *testing.T) {
	pred, target := signals(12000)
	for _, name := range Names() {
		whole := measure(t, name, pred, target, len(pred))
		for _, block := range []int{1, 7, 512, 2047, 2049} {
			if got := measure(t, name, pred, target, block); got != whole {
				t.Errorf("%s in blocks of %d: %v, whole %v", name, block, got, whole)
			}
		}
	}
}

func TestScale(t *testing.T) {
	pred, target := signals(8192)
	half := make([]float32, len(pred))
	for i, p := range pred {
		half[i] = p / 2
	}
	if a, b := measure(t, "si_sdr", pred, target, 100), measure(t, "si_sdr", half, target, 100); math.Abs(a-b) > 1e-6 {
		t.Errorf("SI-SDR changes with the level: %v, %v", a, b)
	}
	noise, louder := make([]float32, 8192), make([]float32, 8192)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range noise {
		noise[i] = 0.1 * float32(r.NormFloat64())
		louder[i] = 2 * noise[i]
	}
	if d := measure(t, "lsd", louder, noise, 100); math.Abs(d-20*math.Log10(2)) > 1e-6 {
		t.Errorf("LSD of noise at twice the level is %v dB", d)
	}
}

// Against the definition, in two passes, where it is hard: long signals that
// are all but perfect.
func TestSISDROfNearPerfectPredictions(t *testing.T) {
	const n = 200_000
	r := rand.New(rand.NewPCG(5, 6))
	pred, target := make([]float32, n), make([]float32, n)
	for i := range pred {
		target[i] = float32(0.5*math.Sin(0.05*float64(i)) + 0.2)
		pred[i] = target[i] + 1e-6*float32(r.NormFloat64())
	}
	if got := measure(t, "si_sdr", target, target, 999); !math.IsInf(got, 1) {
		t.Errorf("SI-SDR of a perfect prediction is %v dB", got)
	}
	var mp, mt float64
	for i := range pred {
		mp += float64(pred[i]) / n
		mt += float64(target[i]) / n
	}
	var pt, tt float64
	for i := range pred {
		pt += (float64(pred[i]) - mp) * (float64(target[i]) - mt)
		tt += (float64(target[i]) - mt) * (float64(target[i]) - mt)
	}
	var signal, noise float64
	for i := range pred {
		s := pt / tt * (float64(target[i]) - mt)
		e := float64(pred[i]) - mp - s
		signal += s * s
		noise += e * e
	}
	want := 10 * math.Log10(signal/noise)
	if got := measure(t, "si_sdr", pred, target, 999); !(math.Abs(got-want) <= 1e-9*want) {
		t.Errorf("SI-SDR is %v dB, want %v", got, want)
	}
}

func TestPerfectAndUndefined(t *testing.T) {
	_, target := signals(4096)
	for _, name := range []string{"esr", "mse", "mae", "peak", "lsd"} {
		if got := measure(t, name, target, target, 512); got != 0 {
			t.Errorf("%s of a perfect prediction is %v", name, got)
		}
	}
	silent := make([]float32, 4096)
	if got := measure(t, "esr", silent, silent, 512); !math.IsNaN(got) {
		t.Errorf("ESR of silence is %v", got)
	}
	for _, name := range Names() {
		m, _ := Get(name)
		if got := m.New(16000).Value(); !math.IsNaN(got) {
			t.Errorf("%s of nothing is %v", name, got)
		}
	}
}

func TestBetter(t *testing.T) {
	esr, _ := Get("esr")
	sdr, _ := Get("si_sdr")
	if !esr.Better(0.1, 0.2) || esr.Better(0.2, 0.1) || !sdr.Better(2, 1) || sdr.Better(1, 2) {
		t.Error("the wrong way is better")
	}
	if esr.Better(math.NaN(), 1) || !esr.Better(1, math.NaN()) {
		t.Error("NaN is better than a number")
	}
}
