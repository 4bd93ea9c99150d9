package spectral_test

import (
	"math"
	"testing"

	"partials/autograd"
	"partials/internal/golden"
	"partials/ops"
	"partials/spectral"
)

// wantWeights compares a matrix with that of a case, or its products with
// vectors where the case has only them.
func wantWeights(t *testing.T, c golden.Case, f *spectral.Filterbank) {
	t.Helper()
	w := f.Weights()
	check := func(name string, got []float64) {
		t.Helper()
		if err := golden.RelL2(got, c.Array(t, name).Data); !(err <= 1e-12) {
			t.Errorf("%s: %s: relative error %.3g", c.ID, name, err)
		}
	}
	for _, name := range []string{"fb", "d"} {
		if _, ok := c.Arrays[name]; ok {
			check(name, w)
			return
		}
	}
	u, v := c.Array(t, "u").Data, c.Array(t, "v").Data
	wv, uw := make([]float64, f.Rows), make([]float64, f.Bins)
	for i := range u {
		for k := range v {
			wv[i] += w[i*f.Bins+k] * v[k]
			uw[k] += u[i] * w[i*f.Bins+k]
		}
	}
	check("fbv", wv)
	check("ufb", uw)
}

func melOf(t *testing.T, c golden.Case) *spectral.Filterbank {
	t.Helper()
	m := melConfig(t, c)
	f, err := m.Filterbank(golden.Param[int](t, c, "sample_rate"), golden.Param[int](t, c, "n_fft"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func melConfig(t *testing.T, c golden.Case) spectral.Mel {
	t.Helper()
	m := spectral.Mel{NMels: golden.Param[int](t, c, "n_mels"), FMin: golden.Param[float64](t, c, "f_min"), FMax: golden.Param[float64](t, c, "f_max")}
	unmarshal(t, &m.Scale, golden.Param[string](t, c, "mel_scale"))
	if golden.Param[*string](t, c, "norm") == nil {
		m.Norm = spectral.UnitPeak
	}
	return m
}

func chromaOf(t *testing.T, c golden.Case) *spectral.Filterbank {
	t.Helper()
	m := spectral.Chroma{
		NChroma: golden.Param[int](t, c, "n_chroma"), Tuning: golden.Param[float64](t, c, "tuning"), CtrOct: golden.Param[float64](t, c, "ctroct"),
		OctWidth: golden.Param[float64](t, c, "octwidth"), BaseC: golden.Param[bool](t, c, "base_c"),
		Norm: map[float64]spectral.ColumnNorm{0: spectral.ColumnNone, 1: spectral.ColumnL1, 2: spectral.ColumnL2}[golden.Param[float64](t, c, "norm")],
	}
	f, err := m.Filterbank(golden.Param[int](t, c, "sample_rate"), golden.Param[int](t, c, "n_fft"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFilterbanks(t *testing.T) {
	for _, c := range golden.Cases(t, "filterbanks", "mel_filterbank") {
		wantWeights(t, c, melOf(t, c))
	}
	for _, c := range golden.Cases(t, "filterbanks", "chroma_filterbank") {
		wantWeights(t, c, chromaOf(t, c))
	}
	for _, c := range golden.Cases(t, "filterbanks", "dct") {
		wantWeights(t, c, spectral.DCT(golden.Param[int](t, c, "n_out"), golden.Param[int](t, c, "n_in")))
	}
}

// The top of the highest band is half the sample rate by default.
func TestMelDefaultTop(t *testing.T) {
	whole, err := spectral.Mel{NMels: 7}.Filterbank(16000, 64)
	if err != nil {
		t.Fatal(err)
	}
	stated, err := spectral.Mel{NMels: 7, FMax: 8000}.Filterbank(16000, 64)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range stated.Weights() {
		if whole.Weights()[i] != w {
			t.Fatalf("weight %d is %v, want %v", i, whole.Weights()[i], w)
		}
	}
}

// The bands reach from f_min to f_max, on both scales and on both sides of the
// knee of Slaney's.
func TestMelEdges(t *testing.T) {
	const rate, nFFT = 16000, 1600 // bins of 10 Hz
	for _, scale := range []spectral.MelScale{spectral.SlaneyScale, spectral.HTKScale} {
		for _, edges := range [][2]int{{300, 800}, {500, 1500}, {1500, 4000}} {
			f, err := spectral.Mel{NMels: 3, FMin: float64(edges[0]), FMax: float64(edges[1]), Scale: scale, Norm: spectral.UnitPeak}.Filterbank(rate, nFFT)
			if err != nil {
				t.Fatal(err)
			}
			for k := range f.Bins {
				sum := 0.0
				for i := range f.Rows {
					sum += f.Weights()[i*f.Bins+k]
				}
				if hz := 10 * k; (sum > 1e-9) != (hz > edges[0] && hz < edges[1]) {
					t.Errorf("%v scale, %v Hz: weight %g at %d Hz", scale, edges, sum, hz)
				}
			}
		}
	}
}

func TestBandSpectrograms(t *testing.T) {
	onEach(t, "filterbanks", func(t *testing.T, s session) {
		o := spectral.DefaultSTFT(golden.Param[int](t, s.Case, "n_fft"))
		o.Hop, o.WinLength = golden.Param[int](t, s.Case, "hop_length"), golden.Param[int](t, s.Case, "win_length")
		a, err := spectral.NewAnalysis(o)
		if err != nil {
			t.Fatal(err)
		}
		x := s.put(t, "x")
		y := ops.Transpose(s.tape, bandsOf(t, s, a.Apply(s.tape, x)), 1, 2) // to (batch, rows, frames)
		s.backFrom(t, y)
		s.want(t, "y", y.Tensor)
		s.wantGrad(t, "gx", x)
	}, "mel_spectrogram", "chroma_spectrogram", "mfcc")
}

func bandsOf(t *testing.T, s session, x *autograd.Var) *autograd.Var {
	t.Helper()
	level, floor, eps, top := logOf(t, s.Case)
	if s.Op == "mfcc" {
		c, err := spectral.NewCepstrum(spectral.MFCC{Mel: melConfig(t, s.Case), NMFCC: golden.Param[int](t, s.Case, "n_mfcc"), Log: level, Floor: floor, Eps: eps, TopDB: top},
			golden.Param[int](t, s.Case, "sample_rate"), golden.Param[int](t, s.Case, "n_fft"))
		if err != nil {
			t.Fatal(err)
		}
		return c.Apply(s.tape, x)
	}
	bank := chromaOf
	if s.Op == "mel_spectrogram" {
		bank = melOf
	}
	m := spectral.Power(s.tape, x)
	if golden.Param[int](t, s.Case, "power") == 1 {
		m = spectral.Magnitude(s.tape, x, spectral.FloorClamp, 0)
	}
	y := bank(t, s.Case).Apply(s.tape, m)
	if eps > 0 {
		y = spectral.LogPower(s.tape, y, floor, eps, level)
	}
	if top > 0 {
		y = spectral.TopDB(s.tape, y, top)
	}
	return y
}

// logOf reads how a case takes logarithms; eps 0 is not at all.
func logOf(t *testing.T, c golden.Case) (level spectral.Level, floor spectral.Floor, eps, top float64) {
	t.Helper()
	optional := func(name string) float64 {
		if _, ok := c.Params[name]; !ok {
			return 0
		}
		return golden.Param[float64](t, c, name)
	}
	top = optional("top_db")
	switch golden.Param[string](t, c, "log") {
	case "ln_add":
		return spectral.Ln, spectral.FloorAdd, optional("offset"), top
	case "ln_clamp":
		return spectral.Ln, spectral.FloorClamp, optional("floor"), top
	case "log10_clamp":
		return spectral.Log10, spectral.FloorClamp, optional("floor"), top
	case "db":
		return spectral.Decibels, spectral.FloorClamp, optional("floor"), top
	}
	return 0, 0, 0, 0
}

// A DCT of all rows keeps lengths and angles.
func TestDCTIsOrthogonal(t *testing.T) {
	const n = 11
	w := spectral.DCT(n, n).Weights()
	for i := range n {
		for j := range n {
			dot, want := 0.0, 0.0
			for k := range n {
				dot += w[i*n+k] * w[j*n+k]
			}
			if i == j {
				want = 1
			}
			if math.Abs(dot-want) > 1e-15*n {
				t.Errorf("rows %d and %d: %g, want %g", i, j, dot, want)
			}
		}
	}
}
