package loss_test

import (
	"math"
	"slices"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/loss"
	"partials/spectral"
)

func drawn(t *testing.T, o spectral.RandomOptions, seed uint64) *spectral.RandomSTFTLoss {
	t.Helper()
	l, err := spectral.NewRandomSTFTLoss(44100, o, false, spectral.DefaultLossOptions(), seed)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func transforms(l *spectral.RandomSTFTLoss, step int) []string {
	l.Draw(step)
	var out []string
	for _, s := range l.Transforms() {
		out = append(out, s.Window.String(), string(rune(s.NFFT)), string(rune(s.Hop)), string(rune(s.WinLength)))
	}
	return out
}

// What is drawn is a function of seed and step, and of nothing that came before.
func TestDrawsDependOnSeedAndStep(t *testing.T) {
	o := spectral.DefaultRandomOptions()
	o.Every = 4
	a, b := drawn(t, o, 7), drawn(t, o, 7)
	for step := range 20 {
		transforms(a, step)
	}
	if !slices.Equal(transforms(a, 9), transforms(b, 9)) {
		t.Error("the same step draws otherwise after other steps")
	}
	if !slices.Equal(transforms(a, 8), transforms(a, 11)) || slices.Equal(transforms(a, 11), transforms(a, 12)) {
		t.Error("randomize_rate 4 does not draw every 4 steps")
	}
	if slices.Equal(transforms(a, 9), transforms(drawn(t, o, 8), 9)) {
		t.Error("another seed draws the same")
	}
}

func TestDrawsCoverTheirRange(t *testing.T) {
	o := spectral.DefaultRandomOptions()
	o.MinNFFT, o.MaxNFFT = 16, 128
	l := drawn(t, o, 1)
	seen := map[any]int{}
	const steps = 400
	for step := range steps {
		l.Draw(step)
		for _, s := range l.Transforms() {
			seen[s.NFFT]++
			seen[s.Window.String()]++
			seen[float64(s.WinLength)/float64(s.NFFT)]++
			if part := float64(s.Hop) / float64(s.NFFT); part < 0.1-1/float64(s.NFFT) || part > 1 || s.Hop < 1 {
				t.Fatalf("hop %d of n_fft %d", s.Hop, s.NFFT)
			}
		}
	}
	// Each choice about as often as its sisters: within 5 standard deviations.
	groups := [][]any{{16, 32, 64, 128}, {"hann", "bartlett", "blackman", "hamming", "kaiser(12)"}, {1.0, 0.5, 0.25}}
	for _, g := range groups {
		n := 3.0 * steps
		p := 1 / float64(len(g))
		for _, key := range g {
			if away := math.Abs(float64(seen[key]) - n*p); away > 5*math.Sqrt(n*p*(1-p)) {
				t.Errorf("%v was drawn %d times of %v", key, seen[key], n)
			}
		}
	}
}

// random_stft is the loss of the transforms that it draws.
func TestRandomIsTheLossOfItsDraws(t *testing.T) {
	env := loss.Env{Rate: 44100, Channels: 1, Samples: 300, Seed: 5}
	shape := of(2, 1, 300)
	pred, target := gradcheck.Normal(1, shape).Data, gradcheck.Normal(2, shape).Data
	s := build(t, "{kind: random_stft, max_n_fft: 512}", env)
	o := spectral.DefaultRandomOptions()
	o.MaxNFFT = 512
	same := drawn(t, o, env.Seed)
	for step := range 4 {
		same.Draw(step)
		plain, err := spectral.NewSTFTLoss(env.Rate, same.Transforms(), spectral.DefaultLossOptions())
		if err != nil {
			t.Fatal(err)
		}
		tape := autograd.NewTape(ref.NewChecked(), 0)
		p, y := tape.Put64(shape, pred), tape.Put64(shape, target)
		got, want := tape.Scalar(s.Apply(tape, step, p, y)), tape.Scalar(plain.Apply(tape, p, y))
		check(t, "value", got, want, 0)
	}
}
