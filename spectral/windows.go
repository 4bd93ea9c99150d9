package spectral

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"partials/internal/config"
)

// WindowKind names a family of windows.
type WindowKind uint8

// The windows of PyTorch's torch.*_window.
const (
	Hann        WindowKind = iota
	Hamming                // 0.54 - 0.46 cos
	Blackman               // 0.42 - 0.5 cos + 0.08 cos 2
	Bartlett               // a triangle
	Kaiser                 // takes Window.Beta
	Rectangular            // ones
)

var windowNames = []string{"hann", "hamming", "blackman", "bartlett", "kaiser", "rectangular"}

// Window describes a window. The zero value is the periodic Hann window.
//
// In a recipe it is a text: "hann", "kaiser(12)", "symmetric hamming", "sqrt
// hann", or the numbers themselves, "[0, 0.5, 1, 0.5]".
type Window struct {
	Kind WindowKind
	// Beta is the shape of a Kaiser window, from 0 (a rectangle) to 700.
	Beta float64
	// Root takes the square root of every sample: a window for the way there and
	// back, whose square is the window itself.
	Root bool
	// Symmetric makes the last sample equal to the first. Without it the window
	// is periodic: its period is its length, as spectra want it.
	Symmetric bool
	// Samples is a window of the user's own, in place of the others. Its length
	// is then win_length.
	Samples []float64
}

const maxBeta = 700 // past it the Bessel function overflows

// Validate reports a beta out of bounds and samples that are no numbers.
func (w Window) Validate() error {
	if w.Kind == Kaiser && !(w.Beta >= 0 && w.Beta <= maxBeta) {
		return fmt.Errorf("kaiser's beta is %v; it must be 0 to %d", w.Beta, maxBeta)
	}
	if int(w.Kind) >= len(windowNames) {
		return fmt.Errorf("there is no window kind %d", w.Kind)
	}
	for i, v := range w.Samples {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("sample %d of the window is %v", i, v)
		}
	}
	return nil
}

// Values returns n samples of the window, equal to torch.hann_window(n,
// periodic=!Symmetric) and its sisters. A window of the user's own has one
// length only; another n panics.
func (w Window) Values(n int) []float64 {
	if w.Samples != nil {
		if n != len(w.Samples) {
			panic(fmt.Sprintf("spectral.Window: %d samples of a window that has %d", n, len(w.Samples)))
		}
		return slices.Clone(w.Samples)
	}
	v := make([]float64, n)
	period := float64(n)
	if w.Symmetric {
		period--
	}
	for k := range v {
		v[k] = w.at(float64(k), period)
		if w.Root {
			v[k] = math.Sqrt(max(v[k], 0)) // a Blackman window begins at -1e-17
		}
	}
	if n == 1 {
		v[0] = 1 // PyTorch's choice for every kind
	}
	return v
}

// at is the window at sample k; it is symmetric about period/2.
func (w Window) at(k, period float64) float64 {
	phase := 2 * math.Pi * k / period
	switch w.Kind {
	case Hann:
		return 0.5 - 0.5*math.Cos(phase)
	case Hamming:
		return 0.54 - 0.46*math.Cos(phase)
	case Blackman:
		return 0.42 - 0.5*math.Cos(phase) + 0.08*math.Cos(2*phase)
	case Bartlett:
		return 1 - math.Abs(2*k/period-1)
	case Kaiser:
		r := 2*k/period - 1
		return bessel0(w.Beta*math.Sqrt(max(1-r*r, 0))) / bessel0(w.Beta)
	default:
		return 1
	}
}

// bessel0 is the modified Bessel function of the first kind, order 0, by its
// power series: all terms are positive, so nothing cancels.
func bessel0(x float64) float64 {
	q := x * x / 4
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= q / (k * k)
		sum += term
	}
	return sum
}

// MarshalText gives the window as UnmarshalText reads it.
func (w Window) MarshalText() ([]byte, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	if w.Samples != nil {
		return json.Marshal(w.Samples)
	}
	return []byte(w.String()), nil
}

// String is the window's text in a recipe, or how many samples it has of the
// user's own.
func (w Window) String() string {
	if w.Samples != nil {
		return fmt.Sprintf("a window of %d samples", len(w.Samples))
	}
	s := windowNames[w.Kind]
	if w.Kind == Kaiser {
		s += "(" + strconv.FormatFloat(w.Beta, 'g', -1, 64) + ")"
	}
	if w.Symmetric {
		s = "symmetric " + s
	}
	if w.Root {
		s = "sqrt " + s
	}
	return s
}

// UnmarshalText reads a window of a recipe.
func (w *Window) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	*w = Window{}
	if strings.HasPrefix(s, "[") {
		if err := json.Unmarshal([]byte(s), &w.Samples); err != nil || len(w.Samples) == 0 {
			return fmt.Errorf("window %s is not a list of numbers", s)
		}
		return w.Validate()
	}
	s, w.Root = strings.CutPrefix(s, "sqrt ")
	s, w.Symmetric = strings.CutPrefix(s, "symmetric ")
	if s == "kaiser" {
		return fmt.Errorf("the kaiser window wants its beta: kaiser(12)")
	}
	if arg, ok := strings.CutPrefix(s, "kaiser("); ok {
		arg, closed := strings.CutSuffix(arg, ")")
		beta, err := strconv.ParseFloat(strings.TrimSpace(arg), 64)
		if err != nil || !closed {
			return fmt.Errorf("window %q: want kaiser(12)", text)
		}
		w.Kind, w.Beta = Kaiser, beta
		return w.Validate()
	}
	return config.Choose(&w.Kind, []byte(s), windowNames)
}
