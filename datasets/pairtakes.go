package datasets

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"partials/internal/config"
)

// checkPairs judges the pairs of a recipe.
func (p Pair) checkPairs() error {
	var errs []error
	first := slices.Sorted(maps.Keys(p.Pairs[0].Controls))
	for i, t := range p.Pairs {
		at := func(field string) string { return fmt.Sprintf("pairs[%d].%s", i, field) }
		if t.Input == "" {
			errs = append(errs, config.Field(at("input"), t.Input, "a file"))
		}
		if t.Target == "" {
			errs = append(errs, config.Field(at("target"), t.Target, "a file"))
		}
		if t.Delay != nil {
			errs = append(errs, checkDelay(at("delay"), *t.Delay))
		}
		names := slices.Sorted(maps.Keys(t.Controls))
		if !slices.Equal(names, first) {
			errs = append(errs, fmt.Errorf("%s names %s, and pairs[0].controls %s; every pair must name the same", at("controls"), knobs(names), knobs(first)))
		}
		for _, name := range names {
			if v := t.Controls[name]; !(v >= 0 && v <= 1) {
				errs = append(errs, config.Field(at("controls."+name), v, "from 0 to 1"))
			}
		}
	}
	return errors.Join(errs...)
}

func knobs(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// take is one recording and its target. Sample t of the take is sample t of
// the input and t+delay of the target.
type take struct {
	input, target *recording
	delay         int
	ranges        [2]*Range // of training and validation, as the recipe says; nil for none
	controls      []float32 // where the knobs stood, in the order of their names
	first, end    int       // both files have the samples first <= t < end
	train, valid  [2]int    // from, to; equal for none
	files         []string
}

// addAll reads the headers of all recordings to train on.
func (d *pair) addAll() ([]*take, error) {
	if len(d.cfg.Pairs) == 0 {
		return d.add("input", "target", d.cfg.Input, d.cfg.Target)
	}
	d.controls = slices.Sorted(maps.Keys(d.cfg.Pairs[0].Controls))
	if len(d.controls) > 0 && len(d.cfg.ValidationInput) > 0 {
		return nil, errors.New("validation_input names recordings without controls; give the pairs a validation range instead")
	}
	var takes []*take
	for i, p := range d.cfg.Pairs {
		field := fmt.Sprintf("pairs[%d].", i)
		t, err := d.addTake(field+"input", field+"target", p.Input, p.Target)
		if err != nil {
			return nil, err
		}
		if p.Delay != nil {
			t.delay = *p.Delay
		}
		if p.Train != nil {
			t.ranges[0] = p.Train
		}
		if p.Validation != nil {
			t.ranges[1] = p.Validation
		}
		for _, name := range d.controls {
			t.controls = append(t.controls, float32(p.Controls[name]))
		}
		takes = append(takes, t)
	}
	return takes, nil
}

// add reads the headers of two parallel lists of files.
func (d *pair) add(inField, targetField string, inputs, targets []string) ([]*take, error) {
	inputs, err := expand(inField, inputs)
	if err != nil {
		return nil, err
	}
	if targets, err = expand(targetField, targets); err != nil {
		return nil, err
	}
	if len(inputs) != len(targets) {
		return nil, fmt.Errorf("%s names %d files and %s names %d; each input needs its target", inField, len(inputs), targetField, len(targets))
	}
	var takes []*take
	for i := range inputs {
		t, err := d.addTake(inField, targetField, inputs[i], targets[i])
		if err != nil {
			return nil, err
		}
		takes = append(takes, t)
	}
	return takes, nil
}

// addTake reads the headers of a recording and its target.
func (d *pair) addTake(inField, targetField, input, target string) (t *take, err error) {
	t = &take{delay: d.cfg.Delay, ranges: [2]*Range{d.cfg.Train, d.cfg.Validation}}
	if t.input, err = d.lib.add(input); err != nil {
		return nil, fmt.Errorf("%s: %w", inField, err)
	}
	if t.target, err = d.lib.add(target); err != nil {
		return nil, fmt.Errorf("%s: %w", targetField, err)
	}
	if a, b := t.input.info.Rate, t.target.info.Rate; a != b && d.cfg.Rate == 0 {
		return nil, fmt.Errorf("%s has %d Hz and its target %s has %d Hz; set rate to the one that both shall be resampled to",
			t.input.path, a, t.target.path, b)
	}
	if t.input == t.target {
		d.lib.log.Warn("one file is input and target: there is nothing to learn", "file", t.input.path)
	}
	t.files = []string{t.input.path, t.target.path}
	return t, nil
}

// Controls implements Conditioned.
func (d *pair) Controls() []string { return d.controls }

// setControls fills the channels of the knobs of an example.
func (t *take) setControls(rows []float32) {
	for i, v := range t.controls {
		n := len(rows) / len(t.controls)
		fillWith(rows[i*n:(i+1)*n], v)
	}
}

func fillWith(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// TargetGain implements Scaled.
func (d *pair) TargetGain() float64 { return d.gain }

// level finds the gain of the targets: what brings the training ranges of all
// together to the level asked for.
func (d *pair) level() error {
	d.gain = 1
	if d.cfg.TargetLevel == nil {
		return nil
	}
	squares, n := 0.0, 0
	for _, t := range d.takes {
		err := t.target.eachBlock(t.train[0]+t.delay, t.train[1]+t.delay, func(x [][]float32, _ int) error {
			for _, c := range x {
				for _, v := range c {
					squares += float64(v) * float64(v)
				}
				n += len(c)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if squares == 0 {
		return errors.New("the targets are silent where they are trained on, and so cannot be brought to target_level")
	}
	d.gain = math.Pow(10, *d.cfg.TargetLevel/20) / math.Sqrt(squares/float64(n))
	return nil
}

// limitBand takes what is above target_band out of all targets.
func (d *pair) limitBand(takes []*take) error {
	for _, t := range takes {
		if d.cfg.TargetBand == 0 {
			return nil
		}
		if !t.target.resident {
			return fmt.Errorf("target_band needs all targets in memory, and %s does not fit any more; set memory to more than %d (MB)", t.target.path, d.cfg.Memory)
		}
		t.target.band = d.cfg.TargetBand
	}
	return nil
}

// readTarget reads a take's target from sample at on.
func (d *pair) readTarget(dst [][]float32, t *take, at int) error {
	if err := t.target.read(dst, at+t.delay); err != nil || d.gain == 1 {
		return err
	}
	gain := float32(d.gain)
	for _, c := range dst {
		for i := range c {
			c[i] *= gain
		}
	}
	return nil
}
