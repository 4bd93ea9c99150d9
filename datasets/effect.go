package datasets

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"partials/internal/config"
	"partials/internal/rng"
)

// EffectConfig describes a random change of training examples in a recipe.
// Its struct is the YAML.
type EffectConfig interface {
	// Build returns the effect for signals of a rate in Hz.
	Build(rate int) (Effect, error)
	// Absolute is as in Config.
	Absolute(dir string) EffectConfig
}

// Effect changes examples at random.
type Effect struct {
	// Probability is the share of the examples that it changes.
	Probability float64
	// Before and After are how many samples around an example it looks at.
	// Apply leaves as many at either end undefined.
	Before, After int
	// Apply changes input and target, planar channels, in place. The target
	// is nil where only the input is to be changed. It draws from r alone, and
	// may be called from several goroutines at once.
	Apply func(r *rng.Source, in, target [][]float32)
	// Files are what it reads, for the manifest.
	Files []string
}

// Chance is what all effects have in common.
type Chance struct {
	Probability float64 `yaml:"probability" doc:"share of the examples that are changed"`
}

func (c Chance) check() error {
	if c.Probability < 0 || c.Probability > 1 {
		return config.Field("probability", c.Probability, "0 to 1")
	}
	return nil
}

// What an effect changes.
const (
	onInput = "input"
	onBoth  = "both"
)

func checkOn(on string) error { return config.OneOf("on", on, onInput, onBoth) }

// checkRange judges a range of decibels to draw from.
func checkRange(field string, r [2]float64) error {
	if r[0] > r[1] || math.Abs(r[0]) > maxDecibels || math.Abs(r[1]) > maxDecibels {
		return config.Field(field, r, fmt.Sprintf("two numbers of dB, the lower first, each within %d", maxDecibels))
	}
	return nil
}

const maxDecibels = 200

// amplitude is the factor of a gain in dB.
func amplitude(dB float64) float64 { return math.Pow(10, dB/20) }

// scaleBy multiplies x by a factor.
func scaleBy(x [][]float32, factor float64) {
	g := float32(factor)
	for _, c := range x {
		for t := range c {
			c[t] *= g
		}
	}
}

// chain is the effects of a list, in order.
type chain struct {
	seed          uint64
	effects       []Effect
	purposes      []string // of their random numbers
	before, after int      // sums over the effects
	inputOnly     bool
	files         []string
}

// newChain builds the effects of a list. field is its name in the recipe.
func newChain(field string, list config.List[EffectConfig], rate int, seed uint64) (*chain, error) {
	c := &chain{seed: seed}
	for i, s := range list.Items {
		e, err := s.Value.Build(rate)
		if err != nil {
			return nil, fmt.Errorf("%s[%d] (%s): %w", field, i, s.Kind, err)
		}
		c.effects = append(c.effects, e)
		c.purposes = append(c.purposes, field+"/"+s.Kind)
		c.before += e.Before
		c.after += e.After
		c.files = append(c.files, e.Files...)
	}
	return c, nil
}

// voice makes the chain draw for the k-th of several sounds.
func (c *chain) voice(k int) {
	for i := range c.purposes {
		if k > 0 {
			c.purposes[i] = fmt.Sprintf("%s/%d", c.purposes[i], k)
		}
	}
}

// apply changes an example with the random numbers of an item. The first
// before and last after samples are undefined then.
func (c *chain) apply(epoch, item int, in, target [][]float32) {
	for k, e := range c.effects {
		r := rng.New(c.seed, c.purposes[k], k, epoch, item)
		if r.Float64() < e.Probability {
			if c.inputOnly {
				e.Apply(&r, in, nil)
			} else {
				e.Apply(&r, in, target)
			}
		}
	}
}

// absoluteEffects is the list with absolute paths.
func absoluteEffects(dir string, list config.List[EffectConfig]) config.List[EffectConfig] {
	items := make([]config.Section[EffectConfig], len(list.Items))
	for i, s := range list.Items {
		if s.Value != nil {
			s.Value = s.Value.Absolute(dir)
		}
		items[i] = s
	}
	list.Items = items
	return list
}

// Gain changes the level.
type Gain struct {
	Chance
	Range [2]float64 `yaml:"range" doc:"dB, drawn evenly between the two"`
	On    string     `yaml:"on" doc:"input, or both by the same gain"`
}

// Validate implements config.Validator.
func (g Gain) Validate() error {
	return errors.Join(g.Chance.check(), checkRange("range", g.Range), checkOn(g.On))
}

// Absolute implements EffectConfig.
func (g Gain) Absolute(string) EffectConfig { return g }

// Build implements EffectConfig.
func (g Gain) Build(int) (Effect, error) {
	return Effect{Probability: g.Probability, Apply: func(r *rng.Source, in, target [][]float32) {
		factor := amplitude(r.Uniform(g.Range[0], g.Range[1]))
		scaleBy(in, factor)
		if g.On == onBoth {
			scaleBy(target, factor)
		}
	}}, nil
}

// Polarity turns input and target upside down.
type Polarity struct {
	Chance
}

// Validate implements config.Validator.
func (p Polarity) Validate() error { return p.Chance.check() }

// Absolute implements EffectConfig.
func (p Polarity) Absolute(string) EffectConfig { return p }

// Build implements EffectConfig.
func (p Polarity) Build(int) (Effect, error) {
	return Effect{Probability: p.Probability, Apply: func(_ *rng.Source, in, target [][]float32) {
		scaleBy(in, -1)
		scaleBy(target, -1)
	}}, nil
}

// Shift moves an example in time: input and target together, which moves the
// windows of a grid, or the input alone, which jitters their alignment.
type Shift struct {
	Chance
	Samples int    `yaml:"samples" doc:"largest shift in samples, either way"`
	On      string `yaml:"on" doc:"both, or input alone"`
}

// Validate implements config.Validator.
func (s Shift) Validate() error {
	var err error
	if s.Samples < 0 || s.Samples > maxShift {
		err = config.Field("samples", s.Samples, fmt.Sprintf("0 to %d", maxShift))
	}
	return errors.Join(s.Chance.check(), err, checkOn(s.On))
}

const maxShift = 1 << 24 // samples

// Absolute implements EffectConfig.
func (s Shift) Absolute(string) EffectConfig { return s }

// Build implements EffectConfig.
func (s Shift) Build(int) (Effect, error) {
	return Effect{Probability: s.Probability, Before: s.Samples, After: s.Samples, Apply: func(r *rng.Source, in, target [][]float32) {
		d := r.IntN(2*s.Samples+1) - s.Samples
		delayBy(in, d)
		if s.On == onBoth {
			delayBy(target, d)
		}
	}}, nil
}

// delayBy moves x later by d samples; what would come from outside stays.
func delayBy(x [][]float32, d int) {
	for _, c := range x {
		if d >= 0 {
			copy(c[min(d, len(c)):], c)
		} else {
			copy(c, c[min(-d, len(c)):])
		}
	}
}

// Noise adds white Gaussian noise to the input, at a level below it.
type Noise struct {
	Chance
	SNR [2]float64 `yaml:"snr" doc:"signal-to-noise ratio in dB, drawn evenly between the two"`
}

// Validate implements config.Validator.
func (n Noise) Validate() error {
	return errors.Join(n.Chance.check(), checkRange("snr", n.SNR))
}

// Absolute implements EffectConfig.
func (n Noise) Absolute(string) EffectConfig { return n }

// Build implements EffectConfig.
func (n Noise) Build(int) (Effect, error) {
	var pool sync.Pool
	return Effect{Probability: n.Probability, Apply: func(r *rng.Source, in, _ [][]float32) {
		white, _ := pool.Get().(*[][]float32)
		if white == nil {
			white = new([][]float32)
		}
		defer pool.Put(white)
		*white = planes(*white, len(in), len(in[0]))
		snr := r.Uniform(n.SNR[0], n.SNR[1])
		for _, x := range *white {
			for t := range x {
				x[t] = float32(r.Normal())
			}
		}
		// Measured and not assumed: a short example's noise is not of power 1.
		// A silent input gets none.
		factor := math.Sqrt(power(in)/power(*white)) / amplitude(snr)
		addScaled(in, *white, factor)
	}}, nil
}

// power is the mean square of x over all channels.
func power(x [][]float32) float64 {
	sum, n := 0.0, 0
	for _, c := range x {
		for _, v := range c {
			sum += float64(float64(v) * float64(v))
		}
		n += len(c)
	}
	return sum / float64(max(n, 1))
}

// addScaled adds factor times y to x.
func addScaled(x, y [][]float32, factor float64) {
	g := float32(factor)
	for c := range x {
		for t, v := range y[c] {
			x[c][t] += float32(g * v)
		}
	}
}

// whole changes a whole excerpt: in becomes target, changed. Around it is
// silence, which the effects see as far as they look.
func (c *chain) whole(item int, in, target [][]float32) {
	n := len(target[0])
	wide := planes(nil, len(target), c.before+n+c.after)
	for k, x := range wide {
		copy(x[c.before:], target[k])
	}
	c.apply(0, item, wide, nil)
	for k, x := range wide {
		copy(in[k], x[c.before:])
	}
}
