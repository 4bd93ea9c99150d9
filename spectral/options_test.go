package spectral_test

import (
	"encoding"
	"math"
	"reflect"
	"strings"
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/ref"
	"partials/internal/config"
	"partials/spectral"
	"partials/tensor"
)

func TestSTFTInARecipe(t *testing.T) {
	recipe := struct {
		STFT spectral.STFT `yaml:"stft"`
	}{spectral.DefaultSTFT(1024)}
	text := "stft:\n  n_fft: 512\n  hop: 50\n  win_length: 240\n  window: sqrt symmetric kaiser(12.5)\n  pad_mode: circular\n  center: false\n  normalized: true\n"
	if err := config.Load(&recipe, "r.yaml", []byte(text), nil); err != nil {
		t.Fatal(err)
	}
	want := spectral.STFT{NFFT: 512, Hop: 50, WinLength: 240, Window: spectral.Window{Kind: spectral.Kaiser, Beta: 12.5, Symmetric: true, Root: true},
		PadMode: spectral.PadCircular, Normalized: true, Onesided: true}
	check := func() {
		t.Helper()
		if !reflect.DeepEqual(recipe.STFT, want) {
			t.Errorf("%+v, want %+v", recipe.STFT, want)
		}
	}
	check()
	written, err := config.Marshal(&recipe)
	if err != nil {
		t.Fatal(err)
	}
	recipe.STFT = spectral.STFT{}
	if err := config.Load(&recipe, "r.yaml", written, nil); err != nil {
		t.Fatal(err)
	}
	check()
}

func TestRecipeMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"n_fft: 0", "n_fft is 0"},
		{"n_fft: 1000000000", "n_fft is 1000000000"},
		{"hop: -1", "hop is -1"},
		{"win_length: 17", "win_length is 17; it must be at most n_fft, 16"},
		{"window: hanning", `window is "hanning"; it must be hann, hamming, blackman, bartlett, kaiser or rectangular`},
		{"window: kaiser", "kaiser(12)"},
		{"window: kaiser(x)", "kaiser(12)"},
		{"window: kaiser(3", "kaiser(12)"},
		{"window: kaiser(-1)", "beta is -1"},
		{"window: kaiser(NaN)", "beta is NaN"},
		{"window: kaiser(701)", "beta is 701"},
		{`window: "[1, x]"`, "not a list of numbers"},
		{`window: "[]"`, "not a list of numbers"},
		{`window: "[1, 2, 3]"`, "win_length is 16; it must be 3"},
		{"pad_mode: mirror", `pad_mode is "mirror"; it must be reflect, constant, replicate or circular`},
	} {
		recipe := spectral.DefaultSTFT(16)
		err := config.Load(&recipe, "r.yaml", []byte(c.text), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q in it", c.text, err, c.want)
		}
	}
	for _, c := range []struct {
		v    config.Validator
		want string
	}{
		{spectral.Mel{}, "n_mels is 0"},
		{spectral.Mel{NMels: 4, FMin: -1}, "f_min is -1"},
		{spectral.Mel{NMels: 4, FMin: 200, FMax: 100}, "f_max is 100"},
		{spectral.Mel{NMels: 4, FMin: math.NaN()}, "f_min is NaN"},
		{spectral.Chroma{}, "n_chroma is 0"},
		{spectral.Chroma{NChroma: 12, OctWidth: -1}, "octwidth is -1"},
		{spectral.MFCC{Mel: spectral.Mel{NMels: 4}, NMFCC: 5, Eps: 1e-10}, "n_mfcc is 5"},
		{spectral.MFCC{Mel: spectral.Mel{NMels: 4}, NMFCC: 4}, "eps is 0"},
		{spectral.MFCC{Mel: spectral.Mel{NMels: 4}, NMFCC: 4, Eps: 1e-10, TopDB: 80}, "top_db is 80"},
	} {
		if err := c.v.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; want %q in it", c.v, err, c.want)
		}
	}
	if _, err := (spectral.Mel{NMels: 4, FMin: 5000}).Filterbank(8000, 64); err == nil || !strings.Contains(err.Error(), "f_min is 5000") {
		t.Errorf("bands above half the sample rate: %v", err)
	}
	if _, err := spectral.DefaultChroma().Filterbank(8000, 1); err == nil || !strings.Contains(err.Error(), "n_fft is 1") {
		t.Errorf("chroma of one sample: %v", err)
	}
	if _, err := (spectral.Mel{NMels: 4}).Filterbank(0, 64); err == nil || !strings.Contains(err.Error(), "sample rate is 0") {
		t.Errorf("no sample rate: %v", err)
	}
}

// Every choice reads what it writes.
func TestChoicesInText(t *testing.T) {
	for text, c := range map[string]struct {
		from encoding.TextMarshaler
		to   encoding.TextUnmarshaler
		read func(any) any
	}{
		"ortho":      {spectral.NormOrtho, new(spectral.Norm), func(v any) any { return *v.(*spectral.Norm) }},
		"add":        {spectral.FloorAdd, new(spectral.Floor), func(v any) any { return *v.(*spectral.Floor) }},
		"db":         {spectral.Decibels, new(spectral.Level), func(v any) any { return *v.(*spectral.Level) }},
		"htk":        {spectral.HTKScale, new(spectral.MelScale), func(v any) any { return *v.(*spectral.MelScale) }},
		"none":       {spectral.UnitPeak, new(spectral.MelNorm), func(v any) any { return *v.(*spectral.MelNorm) }},
		"l1":         {spectral.ColumnL1, new(spectral.ColumnNorm), func(v any) any { return *v.(*spectral.ColumnNorm) }},
		"replicate":  {spectral.PadReplicate, new(spectral.PadMode), func(v any) any { return *v.(*spectral.PadMode) }},
		"bartlett":   {spectral.Window{Kind: spectral.Bartlett}, new(spectral.Window), func(v any) any { return spectral.Window{Kind: v.(*spectral.Window).Kind} }},
		"[0,0.5,-1]": {spectral.Window{Samples: []float64{0, 0.5, -1}}, new(spectral.Window), nil},
	} {
		written, err := c.from.MarshalText()
		if err != nil || string(written) != text {
			t.Errorf("%v is written %s (%v)", text, written, err)
		}
		if err := c.to.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if c.read == nil {
			wantClose(t, text, c.to.(*spectral.Window).Samples, c.from.(spectral.Window).Samples, 0)
		} else if got, ok := c.read(c.to).(encoding.TextMarshaler); !ok || !sameText(t, got, text) {
			t.Errorf("%s is read as %v", text, got)
		}
		if err := c.to.UnmarshalText([]byte("nonsense")); err == nil || !strings.Contains(err.Error(), "it must be ") {
			t.Errorf("nonsense for %s: %v", text, err)
		}
	}
}

func sameText(t *testing.T, v encoding.TextMarshaler, text string) bool {
	t.Helper()
	written, err := v.MarshalText()
	return err == nil && string(written) == text
}

// Mistakes inside a step are Faults that say what to do.
func TestFaults(t *testing.T) {
	centred := newAnalysis(t, spectral.DefaultSTFT(16))
	plain := newAnalysis(t, spectral.STFT{NFFT: 16, Onesided: true})
	gaps := newAnalysis(t, spectral.STFT{NFFT: 16, Hop: 16, Center: true, Onesided: true})
	for _, c := range []struct {
		name, want string
		f          func(t *tape) *autograd.Var
	}{
		{"a short signal", "a signal of 8 samples is too short for reflect padding of 8 (n_fft/2); it needs at least 9",
			func(t *tape) *autograd.Var { return centred.Apply(t, zeros(t, 1, 8)) }},
		{"a short signal, not centred", "a signal of 15 samples is too short for n_fft 16",
			func(t *tape) *autograd.Var { return plain.Apply(t, zeros(t, 15)) }},
		{"a signal of four axes", "(T), (B, T) or (B, C, T)",
			func(t *tape) *autograd.Var { return plain.Apply(t, zeros(t, 1, 1, 1, 99)) }},
		{"a window of another length", "win_length samples, (16)",
			func(t *tape) *autograd.Var { return plain.ApplyWindow(t, zeros(t, 99), zeros(t, 15)) }},
		{"a window of another length on the way back", "win_length samples, (16)",
			func(t *tape) *autograd.Var { return plain.InverseWindow(t, zeros(t, 1, 2, 3, 9), zeros(t, 4, 4), 0) }},
		{"gaps", "hann of win_length 16 with hop 16 leaves nothing of sample 8",
			func(t *tape) *autograd.Var { return gaps.Inverse(t, zeros(t, 1, 2, 3, 9), 0) }},
		{"a window of zeros", "the window of win_length 16 with hop 4 leaves nothing of sample 0",
			func(t *tape) *autograd.Var { return centred.InverseWindow(t, zeros(t, 1, 2, 9, 9), zeros(t, 16), 0) }},
		{"a spectrum of another n_fft", "want a spectrogram (B, 2, F, 9)",
			func(t *tape) *autograd.Var { return centred.Inverse(t, zeros(t, 1, 2, 3, 8), 0) }},
		{"no frames", "at least one frame",
			func(t *tape) *autograd.Var { return centred.Inverse(t, zeros(t, 1, 2, 0, 9), 0) }},
		{"one centred frame", "1 frames with hop 4 give no samples",
			func(t *tape) *autograd.Var { return centred.Inverse(t, zeros(t, 1, 2, 1, 9), 0) }},
		{"a complex inverse of half a spectrum", "onesided must be false",
			func(t *tape) *autograd.Var { return centred.InverseComplex(t, zeros(t, 1, 2, 3, 9), nil, 0) }},
		{"a transform of nothing", "n must be at least 1",
			func(t *tape) *autograd.Var { return spectral.RFFT(t, zeros(t, 2, 0), 0, spectral.NormBackward) }},
		{"irfft of one bin", "n must be at least 1",
			func(t *tape) *autograd.Var { return spectral.IRFFT(t, zeros(t, 2, 1), 0, spectral.NormBackward) }},
		{"a complex transform of a real row", "(8) is not complex",
			func(t *tape) *autograd.Var { return spectral.FFT(t, zeros(t, 8), 0, spectral.NormBackward) }},
		{"the magnitude of a real matrix", "(3, 8) is not complex",
			func(t *tape) *autograd.Var { return spectral.Magnitude(t, zeros(t, 3, 8), spectral.FloorClamp, 0) }},
		{"unequal parts", "same shape",
			func(t *tape) *autograd.Var { return spectral.Complex(t, zeros(t, 3), zeros(t, 4)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := autograd.NewTape(ref.NewChecked(), 0)
			err := autograd.Catch(func() { c.f(tape) })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q in it", err, c.want)
			}
		})
	}
}

func zeros(t *tape, dims ...int) *autograd.Var {
	s := tensor.Of(dims...)
	return t.Put64(s, make([]float64, s.Len()))
}

// What CheckLength and Frames say beforehand is what Apply finds.
func TestCheckLength(t *testing.T) {
	for _, o := range []spectral.STFT{
		spectral.DefaultSTFT(16), {NFFT: 16, Onesided: true}, {NFFT: 9, Hop: 4, Center: true, PadMode: spectral.PadCircular},
		{NFFT: 8, Center: true, PadMode: spectral.PadConstant}, {NFFT: 5, Hop: 7, Center: true, PadMode: spectral.PadReplicate},
	} {
		a := newAnalysis(t, o)
		for n := 1; n < 40; n++ {
			tape := autograd.NewTape(ref.NewChecked(), 0)
			var y *autograd.Var
			err := autograd.Catch(func() { y = a.Apply(tape, zeros(tape, n)) })
			if said := a.CheckLength(n); (said == nil) != (err == nil) {
				t.Errorf("%+v, %d samples: CheckLength says %v, Apply %v", o, n, said, err)
			}
			if err == nil && y.Dim(2) != a.Frames(n) {
				t.Errorf("%+v, %d samples: %d frames, Frames says %d", o, n, y.Dim(2), a.Frames(n))
			}
		}
	}
}

// counted counts what goes to a device.
type counted struct {
	device.Device
	writes, allocs, reads int
}

func (d *counted) Write64(x tensor.Tensor, v []float64) { d.writes++; d.Device.Write64(x, v) }
func (d *counted) Read64(v []float64, x tensor.Tensor)  { d.reads++; d.Device.Read64(v, x) }
func (d *counted) Alloc(n int) tensor.Buffer            { d.allocs++; return d.Device.Alloc(n) }

// Windows and filterbanks go to the device once, and the inverse reads its
// envelope back once.
func TestConstantsStayOnTheDevice(t *testing.T) {
	dev := &counted{Device: ref.New()}
	a := newAnalysis(t, spectral.DefaultSTFT(16))
	mel, err := spectral.Mel{NMels: 3}.Filterbank(16000, 16)
	if err != nil {
		t.Fatal(err)
	}
	tape := autograd.NewTape(dev, 0)
	for range 3 {
		tape.Reset()
		x := a.Apply(tape, tape.Put(of(1, 64), make([]float32, 64)))
		mel.Apply(tape, spectral.Power(tape, x))
		a.Inverse(tape, x, 0)
	}
	if dev.writes != 2 || dev.allocs != 2 || dev.reads != 1 {
		t.Errorf("%d writes, %d allocations and %d reads; want 2, 2 and 1", dev.writes, dev.allocs, dev.reads)
	}
	other := autograd.NewTape(ref.New(), 0)
	if got := a.Apply(other, zeros(other, 64)); got.Dim(2) != 17 {
		t.Errorf("on another device: %v", got.Shape)
	}
	// Other frames are another envelope, which is looked at.
	tape.Reset()
	a.Inverse(tape, tape.Put(of(1, 2, 5, 9), make([]float32, 90)), 0)
	if dev.reads != 2 {
		t.Errorf("%d reads, want 2", dev.reads)
	}
}
