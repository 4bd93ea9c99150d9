package spectral

import (
	"errors"
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/internal/config"
	"partials/ops"
	"partials/tensor"
)

// PadMode says what stands outside a signal, as in torch.stft.
type PadMode device.PadMode

// The modes.
const (
	PadReflect   = PadMode(device.PadReflect)   // mirrored at the edge sample, which is not repeated
	PadConstant  = PadMode(device.PadConstant)  // zeros
	PadReplicate = PadMode(device.PadReplicate) // the edge sample
	PadCircular  = PadMode(device.PadCircular)  // the other end
)

// String is the mode's name in a recipe.
func (m PadMode) String() string { return device.PadMode(m).String() }

// MarshalText implements encoding.TextMarshaler.
func (m PadMode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *PadMode) UnmarshalText(text []byte) error { return config.Choose(m, text, device.PadModes[:]) }

// STFT describes a short-time Fourier transform in a recipe. Its fields are the
// options of torch.stft and torch.istft. Begin with DefaultSTFT; NewAnalysis
// builds the transform.
type STFT struct {
	NFFT       int     `yaml:"n_fft" doc:"samples of a transform"`
	Hop        int     `yaml:"hop" doc:"samples from one frame to the next; 0 is n_fft/4"`
	WinLength  int     `yaml:"win_length" doc:"samples of the window, centred in n_fft; 0 is n_fft"`
	Window     Window  `yaml:"window" doc:"hann, hamming, blackman, bartlett, kaiser(beta), rectangular; periodic unless symmetric"`
	Center     bool    `yaml:"center" doc:"pad n_fft/2 samples on both sides, so that frame f is centred at sample f*hop"`
	PadMode    PadMode `yaml:"pad_mode" doc:"what the padding holds: reflect, constant (zeros), replicate, circular"`
	Normalized bool    `yaml:"normalized" doc:"multiply the spectrum by n_fft^-1/2"`
	Onesided   bool    `yaml:"onesided" doc:"bins 0 to n_fft/2 only; the others mirror them"`
}

// DefaultSTFT is PyTorch's and librosa's common choice: hop n_fft/4, a periodic
// Hann window of n_fft, centred with reflect padding, one-sided, not
// normalized.
func DefaultSTFT(nFFT int) STFT { return STFT{NFFT: nFFT, Center: true, Onesided: true} }

// maxNFFT keeps a slip of the keyboard from asking for all of the memory.
const maxNFFT = 1 << 24

// Resolved returns s with every 0 replaced by what it stands for.
func (s STFT) Resolved() STFT {
	if s.Hop == 0 {
		s.Hop = max(s.NFFT/4, 1)
	}
	if s.WinLength == 0 {
		s.WinLength = s.NFFT
	}
	return s
}

// Validate reports every field that is out of bounds.
func (s STFT) Validate() error {
	if s.NFFT < 1 || s.NFFT > maxNFFT {
		return config.Field("n_fft", s.NFFT, fmt.Sprintf("1 to %d", maxNFFT))
	}
	var errs []error
	if s.Hop < 0 || s.Hop > maxNFFT {
		errs = append(errs, config.Field("hop", s.Hop, fmt.Sprintf("1 to %d, or 0 for n_fft/4", maxNFFT)))
	}
	if s.WinLength < 0 || s.WinLength > s.NFFT {
		errs = append(errs, config.Field("win_length", s.WinLength, fmt.Sprintf("at most n_fft, %d, or 0 for n_fft", s.NFFT)))
	}
	if err := s.Window.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("window: %w", err))
	}
	if n, w := len(s.Window.Samples), s.Resolved().WinLength; n > 0 && n != w {
		errs = append(errs, config.Field("win_length", w, fmt.Sprintf("%d, the length of the window given", n)))
	}
	if int(s.PadMode) >= len(device.PadModes) {
		errs = append(errs, config.Field("pad_mode", uint8(s.PadMode), "one of reflect, constant, replicate, circular"))
	}
	return errors.Join(errs...)
}

// Bins returns the number of bins K of a frame.
func (s STFT) Bins() int { return s.framing(0).Bins() }

// Frames returns the number of frames F of a signal of n samples, 0 where it is
// too short for one.
func (s STFT) Frames(n int) int {
	s = s.Resolved()
	room := n + 2*s.pad() - s.NFFT
	if room < 0 {
		return 0
	}
	return 1 + room/s.Hop
}

// CheckLength reports a signal of n samples that is too short, in the terms of
// the recipe's fields.
func (s STFT) CheckLength(n int) error { return s.framing(n).Check() }

// pad is the padding on each side.
func (s STFT) pad() int {
	if s.Center {
		return s.NFFT / 2
	}
	return 0
}

// framing is s for a signal of n samples.
func (s STFT) framing(n int) device.Framing {
	s = s.Resolved()
	f := device.Framing{
		NFFT: s.NFFT, Hop: s.Hop, Frames: s.Frames(n), Length: n, Pad: s.pad(),
		Mode: device.PadMode(s.PadMode), Onesided: s.Onesided, Scale: 1,
	}
	if s.Normalized {
		f.Scale = NormOrtho.scale(s.NFFT, false)
	}
	return f
}

// Analysis computes one STFT and its inverse and keeps the window on the
// device. It is used by one goroutine at a time.
type Analysis struct {
	STFT        // resolved
	window      constant
	left, right int // zeros on both sides of the window, up to n_fft
	knownGood   goodEnvelope
}

// NewAnalysis returns the transform that s describes.
func NewAnalysis(s STFT) (*Analysis, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.Resolved()
	a := &Analysis{STFT: s, left: (s.NFFT - s.WinLength) / 2}
	a.right = s.NFFT - s.WinLength - a.left
	w := make([]float64, s.NFFT)
	copy(w[a.left:], s.Window.Values(s.WinLength))
	a.window = constant{shape: tensor.Of(s.NFFT), values: w}
	return a, nil
}

// Apply returns the spectrogram (B*C, 2, F, K) of x (B, C, T), (B, T) or (T),
// as torch.stft with return_complex. A signal that is too short is a Fault.
func (a *Analysis) Apply(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return a.analyse(t, x, a.window.on(t))
}

// ApplyWindow is Apply with another window (win_length), which gets a gradient
// where it wants one: a learnable window.
func (a *Analysis) ApplyWindow(t *autograd.Tape, x, window *autograd.Var) *autograd.Var {
	return a.analyse(t, x, a.whole(t, window))
}

// whole is a window with zeros on both sides, n_fft samples long.
func (a *Analysis) whole(t *autograd.Tape, window *autograd.Var) *autograd.Var {
	if a.left+a.right == 0 {
		return window
	}
	return ops.Pad(t, window, 0, a.left, a.right)
}

// wantWindow panics unless w is a whole window.
func (s STFT) wantWindow(w tensor.Tensor) {
	if w.Shape != tensor.Of(s.NFFT) {
		panic(fmt.Sprintf("the window must have win_length samples, (%d)", s.WinLength))
	}
}

type stft struct {
	options STFT
	signals tensor.Shape // (B, T)
	f       device.Framing
}

func (a *Analysis) analyse(t *autograd.Tape, x, window *autograd.Var) *autograd.Var {
	return autograd.Apply(t, stft{options: a.STFT}, autograd.In{x, window})
}

// cut sets how the signal of a call is cut into frames.
func (f *stft) cut(c *autograd.Call) {
	x := c.In(0)
	if x.Rank() < 1 || x.Rank() > 3 {
		panic("a signal is (T), (B, T) or (B, C, T)")
	}
	f.options.wantWindow(c.In(1))
	n, batch := x.Dim(-1), 1
	for i := range x.Rank() - 1 {
		batch *= x.Dim(i)
	}
	f.f = f.options.framing(n)
	if err := f.f.Check(); err != nil {
		panic(err)
	}
	f.signals = tensor.Of(batch, n)
}

// spectra is the shape of the spectrogram.
func (f *stft) spectra() tensor.Shape {
	return tensor.Of(f.signals.Dim(0), 2, f.f.Frames, f.f.Bins())
}

func (f *stft) Forward(c *autograd.Call) tensor.Tensor {
	f.cut(c)
	y := c.New(f.spectra())
	c.Device().STFT(y, c.In(0).View(f.signals), c.In(1), f.f)
	return y
}

func (f *stft) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().STFTGrad(dx.View(f.signals), dy, c.In(1), f.f)
	}
	if dw, ok := c.Grad(1); ok {
		c.Device().STFTWindowGrad(dw, dy, c.In(0).View(f.signals), f.f)
	}
}

// ONNX is Conv with windowed cosines and sines as its kernels, hop apart: exact
// at any n_fft, which runtimes' own STFT is not.
func (f *stft) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	b, k := f.signals.Dim(0), f.f.Bins()
	x := w.Node("Reshape", nil, w.In(0), w.Ints(b, 1, f.f.Length))
	if f.f.Pad > 0 {
		mode, ok := onnxPads[f.f.Mode]
		if !ok {
			panic(fmt.Sprintf("pad_mode %v has no form in ONNX", f.f.Mode))
		}
		x = w.Node("Pad", graph.Attrs{"mode": mode}, x, w.Ints(0, 0, f.f.Pad, 0, 0, f.f.Pad))
	}
	y := w.Node("Conv", graph.Attrs{"strides": []int{f.f.Hop}}, x, analysisKernels(c, w, f.f)) // (B, 2K, F)
	y = w.Node("Reshape", nil, y, w.Ints(b, 2, k, f.f.Frames))
	return w.Node("Transpose", graph.Attrs{"perm": []int{0, 1, 3, 2}}, y)
}
