package spectral_test

import (
	"math"
	"testing"

	"partials/spectral"
)

// A full-scale sine in the middle of a bin is 0 dB there, and one of a tenth is
// -20 dB, at frames that lie within the signal.
func TestSpectrogramLevels(t *testing.T) {
	const n, bin = 64, 10
	x := make([]float32, 300)
	for i := range x {
		x[i] = float32(math.Sin(2 * math.Pi * bin * float64(i) / n))
		if i >= 150 {
			x[i] *= 0.1
		}
	}
	s := spectral.Spectrogram(x, n, 50)
	if len(s) != 6 || len(s[0]) != n/2+1 {
		t.Fatalf("%d frames of %d bins", len(s), len(s[0]))
	}
	for frame, want := range map[int]float64{1: 0, 2: 0, 4: -20, 5: -20} {
		if d := float64(s[frame][bin]) - want; math.Abs(d) > 0.01 {
			t.Errorf("frame %d: %.3f dB, want %g", frame, s[frame][bin], want)
		}
	}
	if s[1][bin+5] > -100 {
		t.Errorf("5 bins away: %.1f dB", s[1][bin+5])
	}
}

// Frame i is centred at sample i*hop: a click there is loudest in it, and as
// loud before as after.
func TestSpectrogramIsCentred(t *testing.T) {
	const hop, frame = 4, 5
	for _, n := range []int{16, 24} {
		x := make([]float32, 60)
		x[hop*frame] = 1
		s := spectral.Spectrogram(x, n, hop)
		before, at, after := s[frame-1][0], s[frame][0], s[frame+1][0]
		if !(at > before) || math.Abs(float64(before-after)) > 1e-4 {
			t.Errorf("n_fft %d: %g, %g, %g dB", n, before, at, after)
		}
	}
}

func TestSpectrogramOfSilenceAndNothing(t *testing.T) {
	for _, n := range []int{1, 2, 7, 16} {
		s := spectral.Spectrogram(make([]float32, 5), n, 2)
		if len(s) != 3 {
			t.Fatalf("%d frames", len(s))
		}
		for _, row := range s {
			for k, v := range row {
				if !math.IsInf(float64(v), -1) {
					t.Errorf("n_fft %d, bin %d of silence is %v dB", n, k, v)
				}
			}
		}
	}
	if s := spectral.Spectrogram(nil, 16, 4); len(s) != 0 {
		t.Errorf("%d frames of nothing", len(s))
	}
}

// However long the signal, the picture has few enough frames.
func TestHopFor(t *testing.T) {
	for _, n := range []int{0, 1, 63, 1000, 44100, 1234567} {
		for _, frames := range []int{1, 3, 800} {
			hop := spectral.HopFor(n, 64, frames)
			if hop < 16 {
				t.Errorf("%d samples: hop %d", n, hop)
			}
			if got := (n + hop - 1) / hop; got > frames {
				t.Errorf("%d samples: %d frames, at most %d wanted", n, got, frames)
			}
		}
	}
	if hop := spectral.HopFor(1000, 64, 800); hop != 16 {
		t.Errorf("a short signal: hop %d, want n_fft/4", hop)
	}
}
