package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"partials/internal/config"
)

// Mix is clean sounds in noise: the input is their sum at a drawn ratio, the
// target the clean sound.
type Mix struct {
	Root  string `yaml:"root" doc:"a corpus that holds both, in place of clean and noise: VoiceBank-DEMAND, DNS, or folders named clean (or speech) and noise are recognised"`
	Clean Tree   `yaml:"clean" doc:"what the model is to keep; a text is its root"`
	Noise Tree   `yaml:"noise" doc:"what it is to remove; a text is its root. Recordings of the clean files in noise, by the same names, give the noise that is in them"`
	Reading
	Selection
	SNR          [2]float64                `yaml:"snr" doc:"dB of the clean sound's power over the noise's in an example, drawn evenly between the two"`
	Level        [2]float64                `yaml:"level" doc:"RMS of the input in dBFS, drawn evenly between the two; lowered where the sum would pass full scale"`
	Noises       [2]int                    `yaml:"noises" doc:"how many noises at once, drawn evenly from the first to the second; each further one is up to 10 dB below the first"`
	MadeNoise    float64                   `yaml:"made_noise" doc:"share of the noises of training that are made and not read: coloured noise, hum, gusts, clicks, for more kinds than were recorded"`
	CleanOnly    float64                   `yaml:"clean_only" doc:"share of the examples without noise"`
	NoiseOnly    float64                   `yaml:"noise_only" doc:"share of the examples without a clean sound: their target is silence"`
	Speed        [2]float64                `yaml:"speed" doc:"how many times as fast a clean sound of training is played, drawn evenly between the two: it moves pitch and tempo, for more voices than were recorded"`
	NoiseSpeed   [2]float64                `yaml:"noise_speed" doc:"the same for noises"`
	CleanEffects config.List[EffectConfig] `yaml:"clean_effects" doc:"random changes of the clean sounds of training before mixing"`
	NoiseEffects config.List[EffectConfig] `yaml:"noise_effects" doc:"random changes of every noise of training before mixing"`
	Augment      config.List[EffectConfig] `yaml:"augment" doc:"random changes of training examples after mixing"`
	Short        string                    `yaml:"short" doc:"clean files shorter than an example: pad (silence in front) or skip; noise is repeated"`

	ValidationSNR []float64 `yaml:"validation_snr" doc:"dB, taken in turn by the validation excerpts, each with every noise that is set aside"`
	ValidationMix string    `yaml:"validation_mix" doc:"folder of a mix that was written (every run writes its own), or of folders clean... and noisy..., to validate on in place of one made from what is set aside"`
}

const maxNoises = 8

// Validate implements config.Validator.
func (m Mix) Validate() error {
	errs := []error{checkRange("snr", m.SNR), checkRange("level", m.Level), checkShort(m.Short),
		checkSpeed("speed", m.Speed), checkSpeed("noise_speed", m.NoiseSpeed)}
	if !(m.CleanOnly >= 0 && m.CleanOnly <= 1) {
		errs = append(errs, config.Field("clean_only", m.CleanOnly, "0 to 1"))
	}
	if !(m.NoiseOnly >= 0 && m.NoiseOnly+m.CleanOnly <= 1) {
		errs = append(errs, config.Field("noise_only", m.NoiseOnly, "0 to 1, together with clean_only"))
	}
	if !(m.MadeNoise >= 0 && m.MadeNoise <= 1) {
		errs = append(errs, config.Field("made_noise", m.MadeNoise, "0 to 1"))
	}
	if !(1 <= m.Noises[0] && m.Noises[0] <= m.Noises[1] && m.Noises[1] <= maxNoises) {
		errs = append(errs, config.Field("noises", m.Noises, fmt.Sprintf("two numbers from 1 to %d, the lower first", maxNoises)))
	}
	if len(m.ValidationSNR) == 0 {
		errs = append(errs, config.Field("validation_snr", m.ValidationSNR, "at least one number of dB"))
	}
	for i, x := range m.ValidationSNR {
		if !(math.Abs(x) <= maxDecibels) {
			errs = append(errs, config.Field(fmt.Sprintf("validation_snr[%d]", i), x, fmt.Sprintf("within %d dB", maxDecibels)))
		}
	}
	if m.Root == "" {
		for _, x := range []struct{ field, root string }{{"clean", m.Clean.Root}, {"noise", m.Noise.Root}} {
			if x.root == "" {
				errs = append(errs, config.Field(x.field+".root", x.root, "a folder, where root names no corpus that holds both"))
			}
		}
	}
	return errors.Join(errs...)
}

// Absolute implements Config.
func (m Mix) Absolute(dir string) Config {
	m.Root, m.ValidationMix = absolute(dir, m.Root), absolute(dir, m.ValidationMix)
	m.Clean, m.Noise = m.Clean.absolute(dir), m.Noise.absolute(dir)
	m.CleanEffects, m.NoiseEffects = absoluteEffects(dir, m.CleanEffects), absoluteEffects(dir, m.NoiseEffects)
	m.Augment = absoluteEffects(dir, m.Augment)
	return m
}

// Open implements Config.
func (m Mix) Open(env Env) (_ Dataset, err error) {
	m = m.Absolute("").(Mix)
	d := &mix{seed: env.Seed, lib: newLibrary(m.Reading, env.Log)}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if m.Root != "" {
		c, err := recognise(m.Root)
		if err != nil {
			return nil, err
		}
		d.lib.log.Info("recognised "+c.kind, "root", m.Root, "clean", c.clean, "noise", c.noise)
		c.apply(&m)
	}
	d.cfg = m
	if err := d.plant(m); err != nil {
		return nil, err
	}
	if d.augment, err = newChain("augment", m.Augment, d.lib.rate, env.Seed); err != nil {
		return nil, err
	}
	if d.cleanEffects, err = newChain("clean_effects", m.CleanEffects, d.lib.rate, env.Seed); err != nil {
		return nil, err
	}
	for k := range m.Noises[1] {
		c, err := newChain("noise_effects", m.NoiseEffects, d.lib.rate, env.Seed)
		if err != nil {
			return nil, err
		}
		c.voice(k)
		d.noiseEffects = append(d.noiseEffects, c)
	}
	d.cleanSpeed, d.noiseSpeed = newSpeeds(m.Speed), newSpeeds(m.NoiseSpeed)
	d.excerpts, err = d.validation()
	return d, err
}

// plant finds the files and judges them.
func (d *mix) plant(m Mix) (err error) {
	if d.clean, err = d.lib.plant(m.Clean, "clean."); err != nil {
		return err
	}
	if d.noise, err = d.lib.plant(m.Noise, "noise."); err != nil {
		return err
	}
	if err := d.lib.settle(); err != nil {
		return err
	}
	if err := d.lib.sameChannels(); err != nil {
		return err
	}
	if err := d.apart(m); err != nil {
		return err
	}
	if err := d.lib.judgeRate(); err != nil {
		return err
	}
	for _, r := range d.lib.recordings {
		if r.frames == 0 {
			return fmt.Errorf("%s has no samples; leave it out by glob", r.path)
		}
	}
	if err := d.takeTwinsApart(m); err != nil {
		return err
	}
	for _, x := range []struct {
		field string
		grove *grove
		tree  Tree
	}{{"clean", d.clean, m.Clean}, {"noise", d.noise, m.Noise}} {
		silent, heard, err := x.grove.silence()
		switch {
		case err != nil:
			return err
		case len(silent) == heard:
			return fmt.Errorf("%s.root: the files below %s are silent (%s); is it the right folder?", x.field, x.tree.Root, listed(silent))
		case len(silent) > 0:
			d.lib.log.Warn("files are silent", "files", listed(silent), "listened_to", heard)
		}
		x.grove.splitMiddles(x.tree)
	}
	return nil
}

// judgeRate refuses a rate above that of every file, and says where no file has
// it.
func (l *library) judgeRate() error {
	top := l.recordings[0]
	has := map[int]bool{}
	for _, r := range l.recordings {
		has[r.info.Rate] = true
		if r.info.Rate > top.info.Rate {
			top = r
		}
	}
	switch {
	case top.info.Rate < l.rate:
		return fmt.Errorf("rate is %d Hz, and no file has so much: the highest is %d Hz (%s), and nothing above %d Hz is in them to learn; set rate to it",
			l.rate, top.info.Rate, top.path, top.info.Rate/2)
	case !has[l.rate]:
		l.log.Warn(fmt.Sprintf("no file has %d Hz, the rate: all are resampled, as %s from %d Hz", l.rate, top.path, top.info.Rate))
	}
	return nil
}

// apart refuses folders whose files are clean sounds and noises at once, and
// says where some are.
func (d *mix) apart(m Mix) error {
	clean, noise := d.clean.all(), d.noise.all()
	both := slices.DeleteFunc(slices.Clone(noise), func(r *recording) bool { return !slices.Contains(clean, r) })
	switch n := len(both); {
	case n == 0:
		return nil
	case n == len(noise) && n == len(clean):
		return fmt.Errorf("noise.root: %s holds the same files as clean.root %s: nothing tells clean sound and noise apart; name a folder of noises", m.Noise.Root, m.Clean.Root)
	case n == len(noise):
		return fmt.Errorf("clean.root: %s holds all the files of noise.root %s; leave them out by clean.glob", m.Clean.Root, m.Noise.Root)
	case n == len(clean):
		return fmt.Errorf("noise.root: %s holds all the files of clean.root %s; leave them out by noise.glob", m.Noise.Root, m.Clean.Root)
	}
	d.lib.log.Warn("files are clean sound and noise at once: nothing tells the two apart", "files", len(both), "first", both[0].path)
	return nil
}

type mix struct {
	cfg          Mix
	seed         uint64
	lib          *library
	clean, noise *grove
	cleanEffects *chain
	noiseEffects []*chain // one for each of several noises
	augment      *chain
	cleanSpeed   *speeds
	noiseSpeed   *speeds
	excerpts     []Excerpt
	test         *library // the files of a written validation mix, or nil

	cut    *cutting
	pieces *pieces
}

func (d *mix) Rate() int { return d.lib.rate }

func (d *mix) Channels() (in, target int) {
	n := d.lib.recordings[0].channels
	return n, n
}

func (d *mix) Files() []string {
	files := d.lib.paths()
	if d.test != nil {
		files = append(files, d.test.paths()...)
	}
	for _, c := range append([]*chain{d.augment, d.cleanEffects}, d.noiseEffects...) {
		files = append(files, c.files...)
	}
	return sortedUnique(files)
}

func (d *mix) Excerpts() []Excerpt { return d.excerpts }

// Degraded says that an input is its target made worse, so that metrics of the
// two say where the model began.
func (d *mix) Degraded() bool { return true }

// Mixed says that the excerpts are made of what is set aside, and not read from
// a mix that was written.
func (d *mix) Mixed() bool { return d.test == nil && len(d.excerpts) > 0 }

func (d *mix) Close() error {
	err := d.lib.close()
	if d.test != nil {
		err = errors.Join(err, d.test.close())
	}
	return err
}

func (d *mix) Len() int { return d.pieces.count() }
