package metric

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"partials/audio"
	"partials/datasets/embedded"
)

// sound is a sound inside the program.
func sound(t *testing.T, name string) []float32 {
	t.Helper()
	f, err := embedded.FS.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r, err := audio.NewReader(name, f.(interface {
		ReadAt(p []byte, off int64) (int, error)
	}), info.Size())
	if err != nil {
		t.Fatal(err)
	}
	x, err := audio.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return x.Channels[0]
}

// STOI and ESTOI are pystoi's, of speech in noise at many rates.
func TestIntelligibilityEqualsPystoi(t *testing.T) {
	text, err := os.ReadFile("testdata/stoi.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Speech, Noise string
			Gain          float64
			Rate          int
			STOI, ESTOI   float64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Cases) < 20 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	for _, c := range file.Cases {
		x, n := sound(t, "speech/"+c.Speech+".wav"), sound(t, "noise/"+c.Noise+".wav")
		y := make([]float32, len(x))
		for i := range y {
			y[i] = float32(float64(x[i]) + c.Gain*float64(n[i%len(n)]))
		}
		for name, want := range map[string]float64{"stoi": c.STOI, "estoi": c.ESTOI} {
			m, _ := Get(name)
			meter := m.New(c.Rate)
			for at := 0; at < len(x); at += 5000 {
				end := min(at+5000, len(x))
				meter.Add(y[at:end], x[at:end])
			}
			if got := meter.Value(); !(math.Abs(got-want) < 1e-9) {
				t.Errorf("%s of %s in %g of %s at %d Hz is %.12f, pystoi's %.12f", name, c.Speech, c.Gain, c.Noise, c.Rate, got, want)
			}
		}
	}
}

// Silence in the target counts for nothing, however loud the prediction is.
func TestIntelligibilityLeavesSilenceOut(t *testing.T) {
	x := sound(t, "speech/librivox_ss_0880.wav")
	noisy := make([]float32, len(x)+32000)
	target := make([]float32, len(noisy))
	copy(target, x)
	for i := range noisy {
		noisy[i] = target[i]
		if i >= len(x) {
			noisy[i] = float32(i%7) - 3
		}
	}
	for _, name := range []string{"stoi", "estoi"} {
		m, _ := Get(name)
		meter := m.New(16000)
		meter.Add(noisy, target)
		if got := meter.Value(); got < 0.99 {
			t.Errorf("%s is %v", name, got)
		}
		short := m.New(16000)
		short.Add(x[8000:12000], x[8000:12000])
		if got := short.Value(); !math.IsNaN(got) {
			t.Errorf("%s of a quarter of a second is %v", name, got)
		}
	}
}

// The mean of what each frame has, held to -10 and 35 dB, silence left out.
func TestSegmentalSNR(t *testing.T) {
	const rate = 1000 // frames of 28 samples, 7 apart
	target, pred := make([]float32, 28*60), make([]float32, 28*60)
	for i := range target {
		switch part := i / (28 * 20); part {
		case 0: // 20 dB
			target[i] = float32(1 - 2*(i%2))
			pred[i] = 1.1 * target[i]
		case 1: // silent
			pred[i] = 1
		case 2: // perfect: 35 dB
			target[i] = float32(1 - 2*(i%2))
			pred[i] = target[i]
		}
	}
	// Of 4*20-3 frames in the first and last part each, and 6 more that reach
	// into the silence, whose errors are large.
	got := measure(t, "seg_snr", pred, target, 100)
	m := newSegmentalSNR(rate)
	for at := 0; at < len(pred); at += 13 {
		end := min(at+13, len(pred))
		m.Add(pred[at:end], target[at:end])
	}
	value := m.Value()
	if low, high := (77*20.+77*35-6*10)/160, (77*20.+77*35+6*35)/160; !(low <= value && value <= high) {
		t.Errorf("segmental SNR is %v, want from %.2f to %.2f", value, low, high)
	}
	if got == value {
		t.Error("the rate does not matter")
	}
}
