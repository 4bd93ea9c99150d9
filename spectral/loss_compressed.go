package spectral

import (
	"errors"

	"partials/device"
	"partials/internal/config"
	"partials/tensor"
)

// CompressedOptions say how a compressed loss compares two spectra. Begin with
// DefaultCompressedOptions.
type CompressedOptions struct {
	Gamma    float64 `yaml:"gamma" doc:"exponent that compresses magnitudes"`
	WMag     float64 `yaml:"w_mag" doc:"weight of the mean squared difference of compressed magnitudes"`
	WComplex float64 `yaml:"w_complex" doc:"weight of that of compressed magnitudes with their phases, mean over both parts"`
	Eps      float64 `yaml:"eps" doc:"added to the power of a bin; DeepFilterNet's floor is 1e-24"`
	Lean     float64 `yaml:"lean" doc:"part of the target that is mixed into both signals, so that even exact silence learns where to go; 0 for none (DeepFilterNet)"`
}

// DefaultCompressedOptions are DeepFilterNet's with a floor that bounds the
// gradient of quiet bins.
func DefaultCompressedOptions() CompressedOptions {
	return CompressedOptions{Gamma: 0.3, WMag: 1, WComplex: 1, Eps: 1e-8, Lean: 1e-4}
}

// Validate reports every field that is out of bounds.
func (o CompressedOptions) Validate() error {
	var errs []error
	if !(o.Gamma > 0 && o.Gamma <= 1) {
		errs = append(errs, config.Field("gamma", o.Gamma, "above 0 and at most 1"))
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"w_mag", o.WMag}, {"w_complex", o.WComplex}, {"lean", o.Lean}} {
		if !(f.value >= 0) {
			errs = append(errs, config.Field(f.name, f.value, "at least 0"))
		}
	}
	if o.WMag == 0 && o.WComplex == 0 {
		errs = append(errs, errors.New("w_mag and w_complex are both 0; one must be above"))
	}
	if !(o.Eps > 0) {
		errs = append(errs, config.Field("eps", o.Eps, "above 0"))
	}
	return errors.Join(errs...)
}

// NewCompressedLoss returns the sum (not the mean) over resolutions of
//
//	w_mag * mean (|X|^gamma - |Y|^gamma)^2 + w_complex * mean |X |X|^(gamma-1) - Y |Y|^(gamma-1)|^2
//
// with |X| = sqrt(p + eps) and the second mean over real and imaginary parts:
// DeepFilterNet's MultiResSpecLoss, https://arxiv.org/abs/2205.05474.
func NewCompressedLoss(resolutions []STFT, o CompressedOptions) (*STFTLoss, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(resolutions) == 0 {
		return nil, errors.New("n_fft is empty; a loss needs at least one resolution")
	}
	l := &STFTLoss{terms: &o, lean: o.Lean}
	for _, s := range resolutions {
		a, err := NewAnalysis(s)
		if err != nil {
			return nil, err
		}
		l.resolutions = append(l.resolutions, resolution{stft: a.STFT, window: &a.window})
	}
	return l, nil
}

// fused implements terms.
func (o *CompressedOptions) fused(*resolution, float64, int, int) (device.Comparison, bool) {
	return device.Comparison{}, false
}

// compare implements terms.
func (o *CompressedOptions) compare(a *accumulator, _ *resolution, _, x, y tensor.Tensor) {
	c, d := a.c, a.d
	bins := tensor.Of(x.Dim(0), x.Dim(2))
	n := float64(bins.Len())
	planes := device.Axis{Outer: x.Dim(0), N: 2, Inner: x.Dim(2)}
	px, py := c.New(bins), c.New(bins) // powers, floored
	for _, s := range [...]struct{ p, z tensor.Tensor }{{px, x}, {py, y}} {
		d.Polar(device.Power, 0, s.p, s.z)
		d.Map(device.Shift, o.Eps, s.p, s.p)
	}
	var dp tensor.Tensor
	if a.wanted {
		dp = a.zeros(bins)
	}
	m, r := c.New(bins), c.New(bins)

	// Magnitudes.
	d.Map(device.Pow, o.Gamma/2, m, px)
	d.Map(device.Pow, o.Gamma/2, r, py)
	d.Combine(r, 1, m, -1, r)
	if a.wanted {
		dm := c.New(bins)
		d.Map(device.Scale, 2*o.WMag/n, dm, r)
		d.MapGrad(device.Pow, o.Gamma/2, dp, px, m, dm)
		a.release(dm)
	}
	d.Map(device.Square, 0, r, r)
	a.add(o.WMag/n, r)

	// Complex numbers: both parts of z by p^((gamma-1)/2).
	exponent := (o.Gamma - 1) / 2
	zx, zy, s := c.New(x.Shape), c.New(x.Shape), c.New(x.Shape)
	d.Map(device.Pow, exponent, r, py)
	d.Spread(s, r, planes)
	d.Mul(zy, y, s)
	d.Map(device.Pow, exponent, r, px)
	d.Spread(s, r, planes)
	d.Mul(zx, x, s)
	d.Combine(zx, 1, zx, -1, zy)
	if a.wanted {
		dz, dr, dX := zy, m, y
		d.Map(device.Scale, o.WComplex/n, dz, zx) // 2 parts, and squares
		d.Mul(dX, dz, s)
		d.Mul(s, dz, x)
		d.Sum(dr, s, planes)
		d.MapGrad(device.Pow, exponent, dp, px, r, dr)
		d.PolarGrad(device.Power, 0, dX, x, px, dp)
		a.release(dp)
	}
	d.Map(device.Square, 0, zx, zx)
	a.add(o.WComplex/(2*n), zx)
	a.release(px, py, m, r, zx, zy, s)
}
