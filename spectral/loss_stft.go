package spectral

import (
	"errors"
	"fmt"
	"math"

	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// STFTLoss is the mean, over one or more resolutions, of
//
//	w_sc*SC + w_log_mag*LOG + w_lin_mag*LIN + w_phs*PHASE
//
// where, for the magnitudes X of the prediction and Y of the target,
// SC = |Y-X|/|Y| (Frobenius norms), LOG and LIN are distances of ln X and ln Y
// and of X and Y, and PHASE is that of the angles. Arik, Jun, Diamos, "Fast
// spectrogram inversion using multi-head convolutional neural networks",
// https://arxiv.org/abs/1808.06719; Yamamoto, Song, Kim, "Parallel WaveGAN",
// https://arxiv.org/abs/1910.11480. The form is auraloss' (Steinmetz and Reiss,
// 2020), and LossOptions says where it differs.
//
// It is used by one goroutine at a time.
type STFTLoss struct {
	resolutions []resolution
	terms       terms
	lean        float64
	in          []*autograd.Var // of the running Apply
}

// terms compare two spectra.
type terms interface {
	// compare adds the share of resolution r. x and y (R, 2, F*K) are the
	// spectra of the prediction and the target, rows R the channels of items;
	// bands is the matrix of r, or absent. Where the gradient is wanted, y is
	// overwritten by that with respect to x.
	compare(a *accumulator, r *resolution, bands, x, y tensor.Tensor)
	// fused is that share as a device.FusedSpectra computes it from rows
	// signals with n magnitudes each, or false where it cannot.
	fused(r *resolution, share float64, rows, n int) (device.Comparison, bool)
}

// resolution is one STFT of a loss, with what it needs on the device.
type resolution struct {
	stft   STFT // resolved
	window *constant
	bands  *Filterbank // nil for bins
	floor  float64     // least root mean square of a target's magnitudes
}

// NewSTFTLoss returns the loss of signals at a sample rate in Hz, which bands
// depend on, for the given resolutions; a single one is auraloss' STFTLoss,
// several its MultiResolutionSTFTLoss.
func NewSTFTLoss(rate int, resolutions []STFT, o LossOptions) (*STFTLoss, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(resolutions) == 0 {
		return nil, errors.New("n_fft is empty; a loss needs at least one resolution")
	}
	l := &STFTLoss{terms: &o, lean: o.Lean}
	for _, s := range resolutions {
		r, err := o.resolution(rate, s)
		if err != nil {
			return nil, err
		}
		l.resolutions = append(l.resolutions, r)
	}
	return l, nil
}

func (o LossOptions) resolution(rate int, s STFT) (resolution, error) {
	a, err := NewAnalysis(s)
	if err != nil {
		return resolution{}, err
	}
	bands, err := o.filterbank(rate, s.NFFT)
	if err != nil {
		return resolution{}, err
	}
	r := resolution{stft: a.STFT, window: &a.window, bands: bands}
	// White noise of that level has this magnitude in a bin...
	energy := 0.0
	for _, w := range a.window.values {
		energy += w * w
	}
	r.floor = o.SCFloor * math.Sqrt(energy) * a.framing(0).Scale
	if bands != nil { // ... and about this one in a band.
		squares := 0.0
		for i := range bands.Rows {
			squares += bands.gain(i) * bands.gain(i)
		}
		r.floor *= math.Sqrt(squares / float64(bands.Rows))
	}
	return r, nil
}

// CheckLength reports a signal of n samples that is too short for one of the
// resolutions.
func (l *STFTLoss) CheckLength(n int) error {
	for _, r := range l.resolutions {
		if err := r.stft.CheckLength(n); err != nil {
			return err
		}
	}
	return nil
}

// Apply returns the loss, of shape (), of pred and target, of equal shape
// (B, C, T), (B, T) or (T). The target is data: a target that wants a gradient
// is a Fault.
func (l *STFTLoss) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	l.in = append(l.in[:0], pred, target)
	for _, r := range l.resolutions {
		l.in = append(l.in, r.window.on(t))
		if r.bands != nil {
			l.in = append(l.in, r.bands.matrix.on(t))
		}
	}
	return autograd.ApplyN(t, stftLoss{loss: l}, l.in)
}

// stftLoss computes the gradient along with the value, while the spectra are
// at hand: one resolution after the other uses the same memory, and what is
// kept for the way back is no larger than the signal.
type stftLoss struct {
	loss *STFTLoss
	grad tensor.Tensor // d loss / d pred, (R, T); absent where nobody needs it
	sum  accumulator
}

// String names the function in errors.
func (f *stftLoss) String() string { return "spectral.STFTLoss" }

func (f *stftLoss) Forward(c *autograd.Call) tensor.Tensor {
	d := c.Device()
	pred, target := c.In(0), c.In(1)
	if pred.Shape != target.Shape || pred.Rank() < 1 || pred.Rank() > 3 {
		panic("prediction and target must have one shape, (B, C, T), (B, T) or (T)")
	}
	if c.Needs(1) {
		panic("the target of a loss is data, but this one wants a gradient: Detach it")
	}
	signals := tensor.Of(pred.Len()/max(pred.Dim(-1), 1), pred.Dim(-1))
	f.sum = accumulator{c: c, d: d, value: c.New(tensor.Of()), wanted: c.Needs(0), share: 1 / float64(len(f.loss.resolutions))}
	d.Fill(f.sum.value, 0)
	f.grad = tensor.Tensor{}
	if f.sum.wanted {
		f.grad = f.sum.zeros(signals)
	}
	pred, target = pred.View(signals), target.View(signals)
	lean := f.loss.lean
	if lean > 0 {
		p, y := c.New(signals), c.New(signals)
		d.Combine(p, 1, pred, lean, target)
		d.Combine(y, 1, target, lean, target) // rounded alike: equal signals stay equal
		pred, target = p, y
	}
	next := 2 // input
	for i := range f.loss.resolutions {
		r := &f.loss.resolutions[i]
		window, bands := c.In(next), tensor.Tensor{}
		next++
		if r.bands != nil {
			bands = c.In(next)
			next++
		}
		f.resolution(r, window, bands, pred, target)
	}
	if lean > 0 {
		f.sum.release(pred, target)
	}
	return f.sum.value
}

// resolution adds one resolution's share.
func (f *stftLoss) resolution(r *resolution, window, bands, pred, target tensor.Tensor) {
	c, d := f.sum.c, f.sum.d
	framing := r.stft.framing(pred.Dim(1))
	if err := framing.Check(); err != nil {
		panic(err)
	}
	if fast, ok := d.(device.FusedSpectra); ok && pred.Len() > 0 {
		if terms, ok := f.loss.terms.fused(r, f.sum.share, pred.Dim(0), framing.Frames*framing.Bins()); ok {
			fast.CompareSpectra(f.sum.value, f.grad, pred, target, window, framing, terms)
			return
		}
	}
	spectrum := tensor.Of(pred.Dim(0), 2, framing.Frames, framing.Bins())
	flat := tensor.Of(pred.Dim(0), 2, framing.Frames*framing.Bins())
	y, x := c.New(spectrum), c.New(spectrum)
	d.STFT(y, target, window, framing)
	d.STFT(x, pred, window, framing)
	f.loss.terms.compare(&f.sum, r, bands, x.View(flat), y.View(flat))
	if f.sum.wanted {
		d.STFTGrad(f.grad, y, window, framing)
	}
	f.sum.release(x, y)
}

func (f *stftLoss) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		d := c.Device()
		s := c.New(f.grad.Shape)
		d.Spread(s, dy, device.Axis{Outer: 1, N: s.Len(), Inner: 1})
		d.MulGrad(dx, s, f.grad)
		c.Release(s)
	}
}

// Resolutions pairs the entries of three lists, one STFT for each n_fft; a
// list of hops or windows may be empty, for n_fft/4 and n_fft.
func Resolutions(nFFT, hop, winLength []int, w Window) ([]STFT, error) {
	for _, l := range []struct {
		name string
		list []int
	}{{"hop", hop}, {"win_length", winLength}} {
		if len(l.list) != 0 && len(l.list) != len(nFFT) {
			return nil, fmt.Errorf("%s has %d entries; it must have one for each of the %d of n_fft, or none", l.name, len(l.list), len(nFFT))
		}
	}
	var rs []STFT
	for i, n := range nFFT {
		s := DefaultSTFT(n)
		s.Window = w
		if len(hop) > 0 {
			s.Hop = hop[i]
		}
		if len(winLength) > 0 {
			s.WinLength = winLength[i]
		}
		rs = append(rs, s)
	}
	return rs, nil
}
