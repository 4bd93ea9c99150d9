package model

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"partials/autograd"
	"partials/device"
	"partials/internal/config"
	"partials/ops"
	"partials/tensor"
)

// Activation names an elementwise function and its number P: "tanh",
// "leaky_relu(0.01)", "prelu". The zero value is tanh.
type Activation struct {
	Name string
	P    float64
}

// activationKind is a row of the table of activations.
type activationKind struct {
	f       device.Func // where nothing is learnt
	takes   string      // what P is; empty where there is none
	p       float64     // default
	learn   func(t *autograd.Tape, x, p *autograd.Var) *autograd.Var
	learned string // the parameter's name, one number for each channel, P at first
}

var activations = map[string]activationKind{
	"tanh":       {f: device.Tanh},
	"sigmoid":    {f: device.Sigmoid},
	"relu":       {f: device.ReLU},
	"leaky_relu": {f: device.LeakyReLU, takes: "slope", p: 0.01},
	"prelu": {takes: "first slope", p: 0.25, learned: "slope", learn: func(t *autograd.Tape, x, p *autograd.Var) *autograd.Var {
		return ops.PReLU(t, x, p, 1)
	}},
	"elu":       {f: device.ELU, takes: "alpha", p: 1},
	"gelu":      {f: device.GELU},
	"silu":      {f: device.SiLU},
	"softplus":  {f: device.Softplus},
	"softsign":  {f: device.Softsign},
	"hardtanh":  {f: device.Hardtanh},
	"hardswish": {f: device.Hardswish},
	"snake":     {takes: "first frequency", p: 1, learned: "frequency", learn: snake},
}

// snake is x + sin(a x)^2 / a, https://arxiv.org/abs/2006.08195.
func snake(t *autograd.Tape, x, a *autograd.Var) *autograd.Var {
	s := ops.Square(t, ops.Sin(t, ops.ScaleBy(t, x, a, 1)))
	return ops.Add(t, x, ops.ScaleBy(t, s, ops.Reciprocal(t, a), 1))
}

// UnmarshalText reads "tanh" or "leaky_relu(0.2)".
func (a *Activation) UnmarshalText(text []byte) error {
	name, rest, parens := strings.Cut(string(text), "(")
	name = strings.TrimSpace(name)
	kind, ok := activations[name]
	if !ok {
		return config.NoneOf(slices.Sorted(maps.Keys(activations)))
	}
	*a = Activation{Name: name, P: kind.p}
	if !parens {
		return nil
	}
	digits, closed := strings.CutSuffix(strings.TrimSpace(rest), ")")
	p, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	switch {
	case kind.takes == "":
		return fmt.Errorf("activation %s takes no number", name)
	case !closed || err != nil || math.IsNaN(p) || math.IsInf(p, 0):
		return fmt.Errorf("activation %q: write %s(%g), where the number is its %s", text, name, kind.p, kind.takes)
	case p == 0 && name == "snake":
		return fmt.Errorf("activation snake divides by its frequency, which cannot be 0")
	}
	a.P = p
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (a Activation) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// String is what UnmarshalText reads.
func (a Activation) String() string {
	kind, ok := activations[a.name()]
	if ok && kind.takes != "" {
		return fmt.Sprintf("%s(%s)", a.name(), strconv.FormatFloat(a.P, 'g', -1, 64))
	}
	return a.name()
}

func (a Activation) name() string {
	if a.Name == "" {
		return "tanh"
	}
	return a.Name
}

// Activate is the layer of an Activation.
type Activate struct {
	kind  activationKind
	p     float64
	param *autograd.Param // (channels) where something is learnt
}

// Activate declares an activation of data (B, channels, T). A name that is not
// in the table panics; one from a recipe was checked when it was read.
func (b *Builder) Activate(name string, a Activation, channels int) *Activate {
	kind, ok := activations[a.name()]
	if !ok {
		panic("model.Activate: there is no activation " + a.Name)
	}
	l := &Activate{kind: kind, p: a.P}
	if kind.learn != nil {
		l.param = b.Within(name).Constant(kind.learned, tensor.Of(channels), a.P)
	}
	return l
}

// Forward keeps the shape of x.
func (a *Activate) Forward(p Pass, x *autograd.Var) *autograd.Var {
	if a.kind.learn != nil {
		return a.kind.learn(p.Tape, x, a.param.Var())
	}
	return ops.Map(p.Tape, a.kind.f, a.p, x)
}
