package datasets

import (
	"math"
	"testing"

	"partials/internal/rng"
)

// toneGain is the gain in dB of an effect for a tone, at the end of 4000
// samples of it at 1000 Hz, where both signals must agree.
func toneGain(t *testing.T, c EffectConfig, hz float64, key int) float64 {
	t.Helper()
	e, err := c.Build(1000)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 4000), make([]float32, 4000)
	for i := range x {
		x[i] = float32(0.5 * math.Sin(2*math.Pi*hz/1000*float64(i)))
	}
	before := power([][]float32{x[2000:]})
	copy(y, x)
	r := rng.New(1, "tone", key)
	e.Apply(&r, [][]float32{x}, [][]float32{y})
	if !equal(x, y) {
		t.Errorf("%T changes input and target apart", c)
	}
	return 10 * math.Log10(power([][]float32{x[2000:]})/before)
}

func TestBandLimit(t *testing.T) {
	c := BandLimit{High: [2]float64{200, 200}, Low: [2]float64{20, 20}, On: onBoth}
	// A Butterworth filter of order 8 with pre-warped edges.
	order8 := func(hz, edge float64) float64 {
		x := math.Tan(math.Pi*hz/1000) / math.Tan(math.Pi*edge/1000)
		return -10 * math.Log10(1+math.Pow(x, 16))
	}
	for _, hz := range []float64{10, 20, 60, 150, 200, 230, 300} {
		want := order8(hz, 200) - 10*math.Log10(1+math.Pow(math.Tan(math.Pi*20/1000)/math.Tan(math.Pi*hz/1000), 16))
		if got := toneGain(t, c, hz, 0); math.Abs(got-want) > 0.05 {
			t.Errorf("%v Hz is changed by %.2f dB, want %.2f", hz, got, want)
		}
	}
	_, err := BandLimit{High: [2]float64{500, 600}}.Build(1000)
	wantError(t, err, "signals of 1000 Hz end at 500")
}

// A drawn filter colours, by no more than its coefficients can, and dies away
// within what it asks to see.
func TestEqualizer(t *testing.T) {
	c := Equalizer{Strength: 0.375, On: onBoth}
	low, high := 0.0, 0.0
	most := 20 * math.Log10((1+2*0.375)/(1-2*0.375))
	for key := range 200 {
		g := toneGain(t, c, 30, key)
		low, high = min(low, g), max(high, g)
	}
	if low > -3 || high < 3 || low < -most || high > most {
		t.Errorf("gains lie in %.1f to %.1f dB; the bound is %.1f", low, high, most)
	}
	e, err := Equalizer{Strength: 0.49, On: onInput}.Build(1000)
	if err != nil {
		t.Fatal(err)
	}
	for key := range 200 {
		x := make([]float32, 2*e.Before)
		x[0] = 1
		r := rng.New(2, "eq", key)
		e.Apply(&r, [][]float32{x}, nil)
		if p := power([][]float32{x[e.Before:]}); p > 1e-9 {
			t.Fatalf("the response has a power of %v past the %d samples that are read before", p, e.Before)
		}
	}
}

func TestClipping(t *testing.T) {
	e, err := Clipping{Range: [2]float64{-6, -6}}.Build(1000)
	if err != nil {
		t.Fatal(err)
	}
	x := [][]float32{{0.1, -0.8, 0.5}, {0.2, 0.3, -0.41}}
	y := [][]float32{{0.1, -0.8, 0.5}, {0.2, 0.3, -0.41}}
	r := rng.New(1, "x")
	e.Apply(&r, x, y)
	top := float32(0.8 * math.Pow(10, -6./20))
	if !equal(x[0], []float32{0.1, -top, top}) || !equal(x[1], []float32{0.2, 0.3, -top}) || y[0][1] != -0.8 {
		t.Errorf("clipped to %v with target %v", x, y)
	}
}

// A room's tail has the drawn energy below the direct sound and falls by 60 dB
// in the drawn time; the target keeps as much as asked.
func TestRoom(t *testing.T) {
	const rate = 8000
	e, err := Room{RT60: [2]float64{0.3, 0.3}, Ratio: [2]float64{3, 3}, Keep: 50}.Build(rate)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 4000), make([]float32, 4000)
	x[0], y[0] = 1, 1
	r := rng.New(1, "room")
	e.Apply(&r, [][]float32{x}, [][]float32{y})
	sum := func(x []float32) float64 { return power([][]float32{x}) * float64(len(x)) }
	if tail := 10 * math.Log10(sum(x[1:])); math.Abs(x64(x[0])-1) > 1e-6 || math.Abs(tail+3) > 1e-3 {
		t.Errorf("the direct sound is %v, the tail %.3f dB", x[0], tail)
	}
	// Energy after half the time: 30 dB of 60.
	if fall := 10 * math.Log10(sum(x[100:300])/sum(x[1300:1500])); math.Abs(fall-30) > 3 {
		t.Errorf("in half of rt60 the tail falls by %.1f dB, want 30", fall)
	}
	if p := sum(x[2400:]); p > 1e-12 || e.Before != 2399 {
		t.Errorf("energy %v past rt60, %d samples before", p, e.Before)
	}
	if d := sum(y[400:]); d > 1e-12 || math.Abs(x64(x[399]-y[399])) > 1e-6 {
		t.Errorf("the target keeps more than 50 ms, or less: %v", d)
	}
}

func x64(v float32) float64 { return float64(v) }
