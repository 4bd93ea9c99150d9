package spectral

import (
	"errors"
	"fmt"

	"partials/device"
	"partials/internal/config"
)

// Distance is how far two levels are from each other.
type Distance uint8

// The distances.
const (
	L1 Distance = iota // |a - b|
	L2                 // (a - b)^2
)

var distanceNames = []string{"L1", "L2"}

// String is the distance's name in a recipe.
func (d Distance) String() string { return distanceNames[d] }

// MarshalText implements encoding.TextMarshaler.
func (d Distance) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Distance) UnmarshalText(text []byte) error { return config.Choose(d, text, distanceNames) }

// of is the distance as a function of the difference.
func (d Distance) of() device.Func {
	if d == L2 {
		return device.Square
	}
	return device.Abs
}

// Reduction says how many distances become one loss.
type Reduction uint8

// The reductions.
const (
	MeanOf Reduction = iota
	SumOf
)

var reductionNames = []string{"mean", "sum"}

// String is the reduction's name in a recipe.
func (r Reduction) String() string { return reductionNames[r] }

// MarshalText implements encoding.TextMarshaler.
func (r Reduction) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Reduction) UnmarshalText(text []byte) error { return config.Choose(r, text, reductionNames) }

// Over is the factor on the sum of n distances.
func (r Reduction) Over(n int) float64 {
	if r == SumOf {
		return 1
	}
	return 1 / float64(n)
}

// Grouping says over what the norms of spectral convergence are taken.
type Grouping uint8

// The groupings.
const (
	ByBatch Grouping = iota // one ratio for the whole batch
	ByItem                  // the mean of the ratios of each channel of each item
)

var groupingNames = []string{"batch", "item"}

// String is the grouping's name in a recipe.
func (g Grouping) String() string { return groupingNames[g] }

// MarshalText implements encoding.TextMarshaler.
func (g Grouping) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *Grouping) UnmarshalText(text []byte) error { return config.Choose(g, text, groupingNames) }

// Bands says what the magnitudes of bins are summed to before they are
// compared.
type Bands uint8

// The bands.
const (
	NoBands     Bands = iota // the bins themselves
	MelBands                 // librosa's mel filterbank
	ChromaBands              // librosa's chroma filterbank
)

var bandsNames = []string{"none", "mel", "chroma"}

// String is the bands' name in a recipe.
func (b Bands) String() string { return bandsNames[b] }

// MarshalText implements encoding.TextMarshaler.
func (b Bands) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bands) UnmarshalText(text []byte) error { return config.Choose(b, text, bandsNames) }

// LossOptions say how an STFTLoss compares two spectrograms. Begin with
// DefaultLossOptions. Those of auraloss are the same but for floor clamp,
// sc_floor 0 and lean 0.
type LossOptions struct {
	WSC     float64 `yaml:"w_sc" doc:"weight of spectral convergence, |Y-X|/|Y| of all magnitudes"`
	WLogMag float64 `yaml:"w_log_mag" doc:"weight of the distance of log magnitudes"`
	WLinMag float64 `yaml:"w_lin_mag" doc:"weight of the distance of magnitudes"`
	WPhs    float64 `yaml:"w_phs" doc:"weight of the mean squared difference of phases in radians, not unwrapped"`

	MagDistance Distance  `yaml:"mag_distance" doc:"L1 or L2 (squares), of magnitudes and log magnitudes"`
	Reduction   Reduction `yaml:"reduction" doc:"mean or sum of the distances over bins, frames, channels and items"`
	SCReduction Grouping  `yaml:"sc_reduction" doc:"spectral convergence of the whole batch, or the mean of every item's own"`
	LogFac      float64   `yaml:"log_fac" doc:"factor of the magnitude m in its logarithm, ln(log_fac*m + log_eps)"`
	LogEps      float64   `yaml:"log_eps" doc:"added in that logarithm"`

	Scale           Bands `yaml:"scale" doc:"none (bins), mel or chroma bands; phases are always those of bins"`
	NBins           int   `yaml:"n_bins" doc:"bands of the scale; 0 is 128 mel bands or 12 pitch classes"`
	ScaleInvariance bool  `yaml:"scale_invariance" doc:"scale the magnitudes of every target to fit the prediction best"`

	Floor   Floor   `yaml:"floor" doc:"magnitude is sqrt(p + eps) with add, sqrt(max(p, eps)) with clamp (auraloss), whose gradient below the floor is 0"`
	Eps     float64 `yaml:"eps" doc:"floor of the power p of a bin"`
	SCFloor float64 `yaml:"sc_floor" doc:"RMS level (full scale is 1) of the quietest target that spectral convergence is relative to; 0 for none (auraloss)"`
	Lean    float64 `yaml:"lean" doc:"part of the target that is mixed into both signals, so that even exact silence learns where to go; 0 for none (auraloss)"`
}

// DefaultLossOptions are auraloss' without its faults: a silent prediction has
// a gradient (floor add, lean), and a silent target does not explode
// (sc_floor).
func DefaultLossOptions() LossOptions {
	return LossOptions{WSC: 1, WLogMag: 1, LogFac: 1, Floor: FloorAdd, Eps: 1e-8, SCFloor: 1e-3, Lean: 1e-4}
}

// Validate reports every field that is out of bounds.
func (o LossOptions) Validate() error {
	var errs []error
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"w_sc", o.WSC}, {"w_log_mag", o.WLogMag}, {"w_lin_mag", o.WLinMag}, {"w_phs", o.WPhs},
		{"log_eps", o.LogEps}, {"eps", o.Eps}, {"sc_floor", o.SCFloor}, {"lean", o.Lean},
	} {
		if !(f.value >= 0) {
			errs = append(errs, config.Field(f.name, f.value, "at least 0"))
		}
	}
	if o.WSC == 0 && o.WLogMag == 0 && o.WLinMag == 0 && o.WPhs == 0 {
		errs = append(errs, errors.New("w_sc, w_log_mag, w_lin_mag and w_phs are all 0; one must be above"))
	}
	if !(o.LogFac > 0) {
		errs = append(errs, config.Field("log_fac", o.LogFac, "above 0"))
	}
	if o.Eps == 0 && o.LogEps == 0 && o.WLogMag > 0 {
		errs = append(errs, config.Field("eps", o.Eps, "above 0, or log_eps must be: silence has no logarithm"))
	}
	if o.NBins < 0 {
		errs = append(errs, config.Field("n_bins", o.NBins, "at least 0"))
	}
	return errors.Join(errs...)
}

// filterbank returns the bands at a sample rate, nil for bins.
func (o LossOptions) filterbank(rate, nFFT int) (*Filterbank, error) {
	var fb *Filterbank
	var err error
	n := o.NBins
	switch o.Scale {
	case NoBands:
		return nil, nil
	case MelBands:
		if n == 0 {
			n = 128
		}
		fb, err = Mel{NMels: n}.Filterbank(rate, nFFT)
	case ChromaBands:
		c := DefaultChroma()
		if n != 0 {
			c.NChroma = n
		}
		fb, err = c.Filterbank(rate, nFFT)
	}
	if err != nil {
		return nil, err
	}
	if o.WLogMag > 0 && o.LogEps == 0 {
		for i := range fb.Rows {
			if fb.gain(i) == 0 {
				return nil, fmt.Errorf("n_bins %d is too many for n_fft %d: at %d Hz %s band %d has no bin, and nothing has no logarithm; "+
					"lower n_bins, raise n_fft, or set log_eps", fb.Rows, nFFT, rate, o.Scale, i)
			}
		}
	}
	return fb, nil
}

// gain is the sum of the weights of band i.
func (f *Filterbank) gain(i int) float64 {
	sum := 0.0
	for _, w := range f.Weights()[i*f.Bins : (i+1)*f.Bins] {
		sum += w
	}
	return sum
}
