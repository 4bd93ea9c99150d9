package sweep

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"partials/internal/rng"
	"partials/train"
)

// Plan says what a sweep trains. It is a sweep's identity: a folder holds the
// trials of one plan.
type Plan struct {
	Recipe string   `json:"recipe"` // name or path
	Text   string   `json:"text"`   // the recipe with the fixed settings, resolved
	Fixed  []string `json:"fixed"`  // settings that all trials share, key=value
	Axes   []Axis   `json:"axes"`
	Random int      `json:"random,omitempty"` // combinations to draw; 0 for all of them
	Seed   uint64   `json:"seed,omitempty"`   // of the drawing
	// Halving is how many times fewer trials go on from one round to the next, each
	// trained as many times longer; 0 trains all to the end. K. Jamieson, A.
	// Talwalkar, "Non-stochastic best arm identification and hyperparameter
	// optimization", https://arxiv.org/abs/1502.07943.
	Halving int `json:"halving,omitempty"`
}

// maxTrials keeps a slip of the keyboard from filling the disk.
const maxTrials = 100_000

// Trial is one combination: a value for each axis, in their order.
type Trial struct {
	Index  int
	Values []string
}

// Name is the name of the trial's run.
func (t Trial) Name() string { return fmt.Sprintf("trial-%04d", t.Index) }

// settings are the key=value that make the trial's recipe.
func (p Plan) settings(t Trial) []string {
	s := slices.Clone(p.Fixed)
	for i, a := range p.Axes {
		s = append(s, a.Key+"="+t.Values[i])
	}
	return append(s, "name="+t.Name())
}

// Check reports what cannot be swept.
func (p Plan) Check() error {
	if len(p.Axes) == 0 {
		return errors.New("nothing varies: give a setting several values, as in optim.lr=1e-4,1e-3, or a range, as in optim.lr='log(1e-4, 1e-2)'")
	}
	if p.Random < 0 || p.Random > maxTrials {
		return fmt.Errorf("random is %d; it must be from 0 to %d", p.Random, maxTrials)
	}
	if p.Halving != 0 && (p.Halving < 2 || p.Halving > 16) {
		return fmt.Errorf("halving is %d; it must be from 2 to 16, or 0 for none", p.Halving)
	}
	for _, a := range p.Axes {
		switch {
		case a.Key == "name":
			return errors.New("name cannot vary: the sweep names its trials")
		case p.Halving > 0 && (a.Key == "steps" || a.Key == "epochs" || strings.HasPrefix(a.Key, "validate")):
			return fmt.Errorf("%s cannot vary with halving, which compares trials at equal steps", a.Key)
		case a.Range != nil && p.Random == 0:
			return fmt.Errorf("%s is a range, which has no end of values: say how many combinations to draw with --random N", a.Key)
		}
	}
	if p.Random == 0 && p.combinations() > maxTrials {
		return fmt.Errorf("that is %.3g combinations; the limit is %d. --random N draws some of them", p.combinations(), maxTrials)
	}
	return nil
}

// combinations is how many there are; +Inf with a range.
func (p Plan) combinations() float64 {
	n := 1.0
	for _, a := range p.Axes {
		if a.Range != nil {
			return math.Inf(1)
		}
		n *= float64(len(a.Values))
	}
	return n
}

// Trials lists the trials: all combinations, the last axis changing fastest, or
// those drawn. No combination is drawn twice, so there may be fewer than were
// asked for.
func (p Plan) Trials() []Trial {
	all := p.combinations()
	if p.Random == 0 || all <= float64(p.Random) {
		return p.grid(int(all))
	}
	var list []Trial
	seen := map[string]bool{}
	for draw := 0; len(list) < p.Random && draw < 100*p.Random; draw++ {
		s := rng.New(p.Seed, "sweep", draw)
		t := Trial{Index: len(list)}
		for _, a := range p.Axes {
			t.Values = append(t.Values, a.draw(&s))
		}
		if key := strings.Join(t.Values, "\x00"); !seen[key] {
			seen[key] = true
			list = append(list, t)
		}
	}
	return list
}

func (p Plan) grid(n int) []Trial {
	list := make([]Trial, n)
	for i := range list {
		list[i] = Trial{Index: i, Values: make([]string, len(p.Axes))}
		rest := i
		for k := len(p.Axes) - 1; k >= 0; k-- {
			values := p.Axes[k].Values
			list[i].Values[k] = values[rest%len(values)]
			rest /= len(values)
		}
	}
	return list
}

// round is one stage of a sweep: so many of the best trials train up to that
// share of the recipe's steps.
type round struct {
	trials int
	share  float64
}

// rounds are the stages for n trials: one without halving.
func (p Plan) rounds(n int) []round {
	if p.Halving == 0 {
		return []round{{n, 1}}
	}
	var list []round
	for n > 1 {
		list = append(list, round{n, 0})
		n = (n + p.Halving - 1) / p.Halving
	}
	list = append(list, round{n, 1})
	for i := len(list) - 2; i >= 0; i-- {
		list[i].share = list[i+1].share / float64(p.Halving)
	}
	return list
}

// recipes reads the recipe of every trial, so that a wrong key or value is said
// before anything is trained.
func (p Plan) recipes(trials []Trial, o train.Options) ([]train.Recipe, error) {
	list := make([]train.Recipe, len(trials))
	for i, t := range trials {
		r, err := o.LoadRecipe(p.Recipe, p.settings(t)...)
		if err != nil {
			return nil, fmt.Errorf("trial %d (%s): %w", t.Index, p.describe(t), err)
		}
		list[i] = r
	}
	return list, nil
}

// describe is "optim.lr=1e-3 model.channels=8".
func (p Plan) describe(t Trial) string {
	var words []string
	for i, a := range p.Axes {
		words = append(words, a.Key+"="+t.Values[i])
	}
	return strings.Join(words, " ")
}
