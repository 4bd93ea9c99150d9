package loss

import (
	"fmt"

	"partials/autograd"
	"partials/internal/config"
)

// PreEmphasis filters both signals and applies its losses to what comes out:
// Wright and Välimäki, "Perceptual loss function for neural modelling of audio
// systems", https://arxiv.org/abs/1911.08922. Its value is the weighted sum of
// its losses.
type PreEmphasis struct {
	Term
	Filter Emphasis            `yaml:"filter" doc:"hp: y[n] = x[n] - coef*x[n-1]; fd: y[n] = x[n] - coef*x[n-2]; aw: the A-weighting curve"`
	Coef   float64             `yaml:"coef" doc:"of hp and fd"`
	Edge   Edge                `yaml:"edge" doc:"valid drops the samples whose past is unknown (NAM); zero takes it as 0 (auraloss)"`
	Losses config.List[Config] `yaml:"losses" doc:"terms of the loss of the filtered signals"`
}

// Emphasis is a filter: high-pass, folded differentiator, or A-weighting.
type Emphasis uint8

// The filters.
const (
	HighPass Emphasis = iota
	FoldedDifferentiator
	AWeighting
)

var emphasisNames = []string{"hp", "fd", "aw"}

// String is the filter's name in a recipe.
func (e Emphasis) String() string { return emphasisNames[e] }

// MarshalText implements encoding.TextMarshaler.
func (e Emphasis) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *Emphasis) UnmarshalText(text []byte) error { return config.Choose(e, text, emphasisNames) }

// Edge says what a filter does where the signal begins and ends.
type Edge uint8

// The edges.
const (
	ValidEdge Edge = iota // the output is shorter
	ZeroEdge              // zeros stand outside
)

var edgeNames = []string{"valid", "zero"}

// String is the edge's name in a recipe.
func (e Edge) String() string { return edgeNames[e] }

// MarshalText implements encoding.TextMarshaler.
func (e Edge) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *Edge) UnmarshalText(text []byte) error { return config.Choose(e, text, edgeNames) }

// Validate implements config.Validator.
func (l PreEmphasis) Validate() error {
	if len(l.Losses.Items) == 0 {
		return config.Field("losses", []string{}, "at least one term")
	}
	return nil
}

// Build implements Config.
func (l PreEmphasis) Build(env Env) (Loss, error) {
	f, err := l.filter(env.Rate)
	if err != nil {
		return nil, err
	}
	if env.Samples <= f.shrink() {
		return nil, fmt.Errorf("the %s filter with edge %s shortens a segment by %d samples, but segment is %d: raise segment or set edge: zero",
			l.Filter, l.Edge, f.shrink(), env.Samples)
	}
	env.Samples -= f.shrink()
	sum, err := New(l.Losses, env)
	if err != nil {
		return nil, fmt.Errorf("losses: %w", err)
	}
	return &filtered{filter: f, loss: &atStep{sum: sum}}, nil
}

func (l PreEmphasis) filter(rate int) (filter, error) {
	var f filter
	switch l.Filter {
	case HighPass:
		f = filter{taps: []float64{-l.Coef, 1}, left: 1}
	case FoldedDifferentiator:
		f = filter{taps: []float64{-l.Coef, 0, 1}, left: 2}
	case AWeighting:
		var err error
		if f, err = aWeighting(rate); err != nil {
			return f, err
		}
	}
	if l.Edge == ValidEdge {
		f.left, f.right = 0, 0
	}
	return f, nil
}

// atStep is a Sum as one Drawn loss.
type atStep struct {
	sum  *Sum
	step int
}

// Draw implements Drawn.
func (l *atStep) Draw(step int) { l.step = step }

// Apply implements Loss.
func (l *atStep) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	return l.sum.Apply(t, l.step, pred, target)
}
