package spectral

import (
	"errors"
	"fmt"
	"math/bits"

	"partials/internal/config"
	"partials/internal/rng"
)

// RandomOptions say how the transforms of a RandomSTFTLoss are drawn: n_fft a
// power of two, hop between min_hop and max_hop of it, win_length the whole, a
// half or a quarter of it. Begin with DefaultRandomOptions.
type RandomOptions struct {
	Count   int      `yaml:"resolutions" doc:"transforms drawn at once"`
	MinNFFT int      `yaml:"min_n_fft" doc:"least n_fft, a power of two"`
	MaxNFFT int      `yaml:"max_n_fft" doc:"largest n_fft, a power of two; segments must be longer than half of it"`
	MinHop  float64  `yaml:"min_hop" doc:"least hop, part of n_fft"`
	MaxHop  float64  `yaml:"max_hop" doc:"largest hop, part of n_fft"`
	Windows []Window `yaml:"windows" doc:"windows to draw from"`
	Every   int      `yaml:"randomize_rate" doc:"steps from one draw to the next"`
}

// DefaultRandomOptions are auraloss' (whose largest n_fft of 32768 is never
// drawn).
func DefaultRandomOptions() RandomOptions {
	return RandomOptions{
		Count: 3, MinNFFT: 16, MaxNFFT: 16384, MinHop: 0.1, MaxHop: 1, Every: 1,
		Windows: []Window{{Kind: Hann}, {Kind: Bartlett}, {Kind: Blackman}, {Kind: Hamming}, {Kind: Kaiser, Beta: 12}},
	}
}

// Validate reports every field that is out of bounds.
func (o RandomOptions) Validate() error {
	var errs []error
	if o.Count < 1 {
		errs = append(errs, config.Field("resolutions", o.Count, "at least 1"))
	}
	power := func(n int) bool { return n >= 4 && bits.OnesCount(uint(n)) == 1 }
	if !power(o.MinNFFT) {
		errs = append(errs, config.Field("min_n_fft", o.MinNFFT, "a power of two, at least 4"))
	}
	if !power(o.MaxNFFT) || o.MaxNFFT < o.MinNFFT {
		errs = append(errs, config.Field("max_n_fft", o.MaxNFFT, "a power of two, at least min_n_fft"))
	}
	if !(o.MinHop > 0) {
		errs = append(errs, config.Field("min_hop", o.MinHop, "above 0"))
	}
	if !(o.MaxHop >= o.MinHop) {
		errs = append(errs, config.Field("max_hop", o.MaxHop, "at least min_hop"))
	}
	if len(o.Windows) == 0 {
		errs = append(errs, config.Field("windows", o.Windows, "at least one window"))
	}
	for i, w := range o.Windows {
		if err := w.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("windows[%d]: %w", i, err))
		}
		if w.Samples != nil {
			errs = append(errs, fmt.Errorf("windows[%d]: a window of given samples has one length only; name a window", i))
		}
	}
	if o.Every < 1 {
		errs = append(errs, config.Field("randomize_rate", o.Every, "at least 1"))
	}
	return errors.Join(errs...)
}

// RandomSTFTLoss is an STFTLoss whose transforms are drawn anew every few
// steps.
type RandomSTFTLoss struct {
	STFTLoss
	options    LossOptions
	random     RandomOptions
	normalized bool
	seed       uint64
	rate       int
	built      map[transform]resolution // whatever was drawn so far, but for its hop
}

// transform is what a window on the device depends on.
type transform struct{ nFFT, winLength, window int }

// NewRandomSTFTLoss returns the loss of signals at a sample rate in Hz. What is
// drawn depends on the seed and the step only.
func NewRandomSTFTLoss(rate int, r RandomOptions, normalized bool, o LossOptions, seed uint64) (*RandomSTFTLoss, error) {
	if err := errors.Join(r.Validate(), o.Validate()); err != nil {
		return nil, err
	}
	l := &RandomSTFTLoss{
		STFTLoss: STFTLoss{terms: &o, lean: o.Lean, resolutions: make([]resolution, r.Count)},
		options:  o, random: r, normalized: normalized, seed: seed, rate: rate, built: map[transform]resolution{},
	}
	for n := r.MinNFFT; n <= r.MaxNFFT; n *= 2 {
		if _, err := o.filterbank(rate, n); err != nil {
			return nil, err
		}
	}
	l.Draw(0)
	return l, nil
}

// Draw fixes the transforms of a step.
func (l *RandomSTFTLoss) Draw(step int) {
	r := rng.New(l.seed, "loss/random_stft", step/l.random.Every)
	low := bits.Len(uint(l.random.MinNFFT)) - 1
	high := bits.Len(uint(l.random.MaxNFFT)) - 1
	for i := range l.resolutions {
		n := 1 << (low + r.IntN(high-low+1))
		hop := max(int(float64(n)*r.Uniform(l.random.MinHop, l.random.MaxHop)), 1)
		l.resolutions[i] = l.resolution(transform{n, n >> r.IntN(3), r.IntN(len(l.random.Windows))})
		l.resolutions[i].stft.Hop = hop
	}
}

// resolution returns a transform, built the first time it is asked for.
func (l *RandomSTFTLoss) resolution(f transform) resolution {
	if r, ok := l.built[f]; ok {
		return r
	}
	s := DefaultSTFT(f.nFFT)
	s.WinLength, s.Window, s.Normalized = f.winLength, l.random.Windows[f.window], l.normalized
	r, err := l.options.resolution(l.rate, s)
	if err != nil { // all that can be drawn was checked when l was made
		panic(fmt.Sprintf("spectral.RandomSTFTLoss: %v", err))
	}
	l.built[f] = r
	return r
}

// Transforms returns those of the last Draw.
func (l *RandomSTFTLoss) Transforms() []STFT {
	s := make([]STFT, len(l.resolutions))
	for i, r := range l.resolutions {
		s[i] = r.stft
	}
	return s
}
