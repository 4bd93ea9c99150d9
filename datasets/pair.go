package datasets

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"

	"partials/internal/config"
	"partials/internal/rng"
)

// Pair is recordings and the same through a device: an amplifier, a pedal, a
// room. Input and target are parallel lists of files.
type Pair struct {
	Input  []string `yaml:"input" doc:"recordings that went into the device: WAV or FLAC files, or globs"`
	Target []string `yaml:"target" doc:"what came out of it, file by file"`
	Pairs  []Take   `yaml:"pairs" doc:"recordings with settings of their own, in place of input and target"`
	Reading
	Delay int `yaml:"delay" doc:"samples by which the targets are late (positive) or early (negative)"`

	Train      *Range  `yaml:"train" doc:"what to train on, of each pair; null for all before the validation range, or behind it where that comes first"`
	Validation *Range  `yaml:"validation" doc:"what to validate on, of each pair; null for the share holdout at the end"`
	Holdout    float64 `yaml:"holdout" doc:"share of each pair set aside for validation where no range is given; 0 for none"`

	ValidationInput  []string `yaml:"validation_input" doc:"recordings to validate on, in place of parts of input"`
	ValidationTarget []string `yaml:"validation_target" doc:"their targets"`

	Crop  string `yaml:"crop" doc:"random (crops drawn anew each epoch) or grid (NAM's windows, side by side)"`
	Short string `yaml:"short" doc:"what is done with a recording that has too few samples to train on for an example: error, pad (silence before it) or skip"`

	PreSilence    config.Length `yaml:"pre_silence" doc:"silence that the input must have before the validation range (NAM asks for 0.4s); 0 for none"`
	AllowUnequal  bool          `yaml:"allow_unequal_lengths" doc:"cut a pair of any lengths to the shorter; otherwise a target may be up to 1 s longer and not shorter"`
	AllowClipping bool          `yaml:"allow_clipping" doc:"train on clipped targets too"`
	TargetLevel   *float64      `yaml:"target_level" doc:"RMS in dBFS that the training targets are brought to, all by one factor, which playing and exports take back; null for as recorded"`

	TargetBand int `yaml:"target_band" doc:"Hz above which the targets are silenced, so that the model learns no hiss or aliases there; 0 for as recorded"`

	Augment config.List[EffectConfig] `yaml:"augment" doc:"random changes of training examples"`
}

// Take is a recording and the same through the device, at one setting of its
// knobs.
type Take struct {
	Input      string             `yaml:"input" doc:"what went into the device: a WAV or FLAC file"`
	Target     string             `yaml:"target" doc:"what came out of it"`
	Delay      *int               `yaml:"delay" doc:"samples by which this target is late; null for the delay of all"`
	Train      *Range             `yaml:"train" doc:"what to train on; null for the range of all"`
	Validation *Range             `yaml:"validation" doc:"what to validate on; null for the range of all"`
	Controls   map[string]float64 `yaml:"controls" doc:"where the device's knobs stood, by name, from 0 to 1; the same names in every pair"`
}

// Range is a stretch of a recording.
type Range struct {
	Start config.Length `yaml:"start" doc:"its first sample: seconds (2.5s) or samples (4096); negative from the end"`
	Stop  config.Length `yaml:"stop" doc:"the first sample behind it; 0 for the end"`
}

// How examples are cut.
const (
	cropRandom = "random"
	cropGrid   = "grid"
)

func checkCrop(crop string) error { return config.OneOf("crop", crop, cropRandom, cropGrid) }

// Validate implements config.Validator.
func (p Pair) Validate() error {
	errs := []error{checkCrop(p.Crop), config.OneOf("short", p.Short, shortError, shortPad, shortSkip)}
	check := func(ok bool, field string, value any, bound string) {
		if !ok {
			errs = append(errs, config.Field(field, value, bound))
		}
	}
	if len(p.Pairs) == 0 {
		check(len(p.Input) > 0, "input", p.Input, "at least one file")
		check(len(p.Target) > 0, "target", p.Target, "at least one file")
	} else {
		check(len(p.Input) == 0, "input", p.Input, "left out where pairs are given")
		check(len(p.Target) == 0, "target", p.Target, "left out where pairs are given")
		errs = append(errs, p.checkPairs())
	}
	if l := p.TargetLevel; l != nil {
		check(*l >= -100 && *l <= 0, "target_level", *l, "from -100 to 0")
	}
	check(p.TargetBand == 0 || p.TargetBand >= 1000 && p.TargetBand <= maxRate, "target_band", p.TargetBand, fmt.Sprintf("0, or from 1000 to %d", maxRate))
	errs = append(errs, checkDelay("delay", p.Delay))
	check(p.Holdout >= 0 && p.Holdout < 1, "holdout", p.Holdout, "at least 0 and below 1")
	check(!p.PreSilence.Negative(), "pre_silence", p.PreSilence, "at least 0")
	return errors.Join(errs...)
}

const maxDelay = 1 << 24 // samples

func checkDelay(field string, d int) error {
	if d <= -maxDelay || d >= maxDelay {
		return config.Field(field, d, fmt.Sprintf("within %d samples", maxDelay))
	}
	return nil
}

// Absolute implements Config.
func (p Pair) Absolute(dir string) Config {
	p.Input, p.Target = absoluteAll(dir, p.Input), absoluteAll(dir, p.Target)
	p.ValidationInput, p.ValidationTarget = absoluteAll(dir, p.ValidationInput), absoluteAll(dir, p.ValidationTarget)
	p.Pairs = slices.Clone(p.Pairs)
	for i := range p.Pairs {
		t := &p.Pairs[i]
		t.Input, t.Target = absolute(dir, t.Input), absolute(dir, t.Target)
	}
	p.Augment = absoluteEffects(dir, p.Augment)
	return p
}

// Open implements Config.
func (p Pair) Open(env Env) (Dataset, error) {
	p = p.Absolute("").(Pair)
	d := &pair{cfg: p, seed: env.Seed, lib: newLibrary(p.Reading, env.Log)}
	own := len(p.ValidationInput)+len(p.ValidationTarget) > 0
	takes, err := d.addAll()
	if err != nil {
		return nil, err
	}
	var held []*take
	if own {
		if held, err = d.add("validation_input", "validation_target", p.ValidationInput, p.ValidationTarget); err != nil {
			return nil, err
		}
	}
	if err := d.lib.settle(); err != nil {
		return nil, err
	}
	if err := d.limitBand(append(slices.Clone(takes), held...)); err != nil {
		return nil, err
	}
	if err := d.checkChannels(append(slices.Clone(takes), held...)); err != nil {
		return nil, err
	}
	for _, t := range takes {
		if err := d.prepare(t, true, !own); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	for _, t := range held {
		if err := d.prepare(t, false, true); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	d.takes = takes
	if err := d.level(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	for _, t := range append(held, takes...) {
		if t.valid[1] > t.valid[0] {
			d.excerpts = append(d.excerpts, pairExcerpt{t, d})
		}
	}
	if len(d.excerpts) == 0 {
		d.lib.log.Warn("no validation data: give holdout, validation or validation_input to measure what the model learns")
	}
	if d.augment, err = newChain("augment", p.Augment, d.lib.rate, env.Seed); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// checkChannels reports inputs, or targets, that differ in channels.
func (d *pair) checkChannels(takes []*take) error {
	first := takes[0]
	for _, t := range takes {
		for _, x := range [][2]*recording{{first.input, t.input}, {first.target, t.target}} {
			if x[0].channels != x[1].channels {
				return fmt.Errorf("%s has %d channels and %s has %d; set channels: mix, left or right to make them equal",
					x[0].path, x[0].channels, x[1].path, x[1].channels)
			}
		}
	}
	return nil
}

type pair struct {
	cfg      Pair
	seed     uint64
	lib      *library
	takes    []*take
	excerpts []Excerpt
	augment  *chain
	controls []string // names, in alphabetical order
	gain     float64  // of the targets, 1 where they are as recorded

	cut   *cutting
	until []int // until[k] is how many windows the takes up to k have
}

func (d *pair) Rate() int { return d.lib.rate }

func (d *pair) Channels() (in, target int) {
	return d.takes[0].input.channels, d.takes[0].target.channels
}

func (d *pair) Files() []string {
	return sortedUnique(append(d.lib.paths(), d.augment.files...))
}

func (d *pair) Excerpts() []Excerpt { return d.excerpts }

func (d *pair) Close() error { return d.lib.close() }

func (d *pair) Cut(c Cut) error {
	in, target := d.Channels()
	d.cut = newCutting(c, in, target, d.augment)
	d.until = d.until[:0]
	total, few := 0, 0
	for _, t := range d.takes {
		n := t.train[1] - t.train[0]
		count := d.cut.windows(n)
		if count == 0 {
			few++
			switch {
			case d.cfg.Short == shortError:
				return fmt.Errorf("%s has %d samples (%s) to train on, and an example needs %d (%s); "+
					"set a shorter segment, take a model that looks back less far, give more of the recording to train, or set short: pad",
					t.input.path, n, d.lib.seconds(n), d.cut.need(), d.cut.description)
			case d.cfg.Short == shortPad && n > 0:
				count = 1
			}
		}
		total += count
		d.until = append(d.until, total)
	}
	if total == 0 {
		return fmt.Errorf("all %d recordings have fewer samples to train on than an example needs (%d: %s); set a shorter segment, or short: pad",
			len(d.takes), d.cut.need(), d.cut.description)
	}
	if few > 0 {
		warnShort(d.lib.log, d.cfg.Short, few, len(d.takes), d.cut.need())
	}
	return nil
}

func (d *pair) Len() int { return d.until[len(d.until)-1] }

func (d *pair) Fill(epoch, i int, in, target []float32) ([]string, error) {
	k := sort.SearchInts(d.until, i+1)
	t := d.takes[k]
	at := t.train[0] + d.cut.lead() // the first output
	room := t.train[1] - t.train[0] - d.cut.need()
	switch {
	case room < 0: // padded: it ends where the recording does
		at += room
	case d.cfg.Crop == cropGrid:
		at += (i - d.until[k] + d.cut.windows(t.train[1]-t.train[0])) * d.cut.Segment
	default:
		r := rng.New(d.seed, "pair/crop", epoch, i)
		at += r.IntN(room + 1)
	}
	err := d.cut.fill(epoch, i, in, target, func(w *workspace, inAt, targetAt int) error {
		if err := t.input.read(w.in, at+inAt); err != nil {
			return err
		}
		if err := d.readTarget(w.target, t, at+targetAt); err != nil || room >= 0 {
			return err
		}
		// What stands before the part to train on is another part's.
		silenceBefore(w.in, t.train[0]-at-inAt)
		silenceBefore(w.target, t.train[0]-at-targetAt)
		return nil
	})
	t.setControls(in[d.cut.inputLen():])
	return t.files, err
}

// silenceBefore clears the first n samples of every channel.
func silenceBefore(x [][]float32, n int) {
	for _, c := range x {
		clear(c[:min(max(n, 0), len(c))])
	}
}

// pairExcerpt is the validation range of a take.
type pairExcerpt struct {
	take *take
	data *pair
}

func (x pairExcerpt) Name() string {
	t := x.take
	name := filepath.Base(t.input.path)
	if t.valid == [2]int{t.first, t.end} {
		return name
	}
	rate := t.input.lib.rate
	return fmt.Sprintf("%s from %s to %s", name, inSeconds(t.valid[0], rate), inSeconds(t.valid[1], rate))
}

func (x pairExcerpt) Frames() int { return x.take.valid[1] - x.take.valid[0] }

func (x pairExcerpt) Read(in, target [][]float32, at int) error {
	n := min(max(x.Frames()-at, 0), len(in[0]))
	from := x.take.valid[0] + at
	knobs := in[x.take.input.channels:]
	in = in[:x.take.input.channels]
	for i, c := range knobs {
		fillWith(c, x.take.controls[i])
	}
	if err := x.take.input.read(parts(nil, in, 0, n), from); err != nil {
		return err
	}
	for _, c := range in {
		clear(c[n:])
	}
	for _, c := range target {
		clear(c[n:])
	}
	return x.data.readTarget(parts(nil, target, 0, n), x.take, from)
}

// sortedUnique sorts names and drops repetitions.
func sortedUnique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
