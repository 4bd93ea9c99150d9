package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"partials/internal/config"
	"partials/internal/rng"
)

// Mix is clean sounds in noise: the input is their sum at a drawn ratio, the
// target the clean sound.
type Mix struct {
	Clean Tree `yaml:"clean" doc:"what the model is to keep"`
	Noise Tree `yaml:"noise" doc:"what it is to remove"`
	Reading
	Selection
	SNR           [2]float64                `yaml:"snr" doc:"dB of the clean sound's power over the noise's in an example, drawn evenly between the two"`
	Level         [2]float64                `yaml:"level" doc:"RMS of the input in dBFS, drawn evenly between the two; lowered where the sum would pass full scale"`
	CleanOnly     float64                   `yaml:"clean_only" doc:"share of the examples without noise"`
	NoiseOnly     float64                   `yaml:"noise_only" doc:"share of the examples without a clean sound: their target is silence"`
	ValidationSNR []float64                 `yaml:"validation_snr" doc:"dB, taken in turn by the validation excerpts"`
	Short         string                    `yaml:"short" doc:"clean files shorter than an example: pad (silence in front) or skip; noise is repeated"`
	Augment       config.List[EffectConfig] `yaml:"augment" doc:"random changes of training examples after mixing"`
}

// Validate implements config.Validator.
func (m Mix) Validate() error {
	errs := []error{checkRange("snr", m.SNR), checkRange("level", m.Level), checkShort(m.Short)}
	if !(m.CleanOnly >= 0 && m.CleanOnly <= 1) {
		errs = append(errs, config.Field("clean_only", m.CleanOnly, "0 to 1"))
	}
	if !(m.NoiseOnly >= 0 && m.NoiseOnly+m.CleanOnly <= 1) {
		errs = append(errs, config.Field("noise_only", m.NoiseOnly, "0 to 1, together with clean_only"))
	}
	if len(m.ValidationSNR) == 0 {
		errs = append(errs, config.Field("validation_snr", m.ValidationSNR, "at least one number of dB"))
	}
	for i, x := range m.ValidationSNR {
		if math.Abs(x) > maxDecibels {
			errs = append(errs, config.Field(fmt.Sprintf("validation_snr[%d]", i), x, fmt.Sprintf("within %d dB", maxDecibels)))
		}
	}
	return errors.Join(errs...)
}

// Absolute implements Config.
func (m Mix) Absolute(dir string) Config {
	m.Clean, m.Noise = m.Clean.absolute(dir), m.Noise.absolute(dir)
	m.Augment = absoluteEffects(dir, m.Augment)
	return m
}

// Open implements Config.
func (m Mix) Open(env Env) (Dataset, error) {
	m = m.Absolute("").(Mix)
	d := &mix{cfg: m, seed: env.Seed, lib: newLibrary(m.Reading, env.Log)}
	var err error
	if d.clean, err = d.lib.plant(m.Clean, "clean."); err != nil {
		return nil, err
	}
	if d.noise, err = d.lib.plant(m.Noise, "noise."); err != nil {
		return nil, err
	}
	if err := d.lib.settle(); err != nil {
		return nil, err
	}
	if err := d.lib.sameChannels(); err != nil {
		return nil, err
	}
	for _, r := range d.lib.recordings {
		if r.frames == 0 {
			return nil, fmt.Errorf("%s has no samples; leave it out by glob", r.path)
		}
	}
	if err := d.clean.warnOfSilence(d.lib.log, m.Clean.Root); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := d.noise.warnOfSilence(d.lib.log, m.Noise.Root); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.warnOfBoth()
	if d.augment, err = newChain("augment", m.Augment, d.lib.rate, env.Seed); err != nil {
		return nil, err
	}
	noise := d.noise.valid
	if len(noise) == 0 {
		noise = d.noise.train // plant has warned
	}
	d.excerpts = m.list(d.clean.valid, func(k int, in, target [][]float32) error {
		return d.excerpt(k, noise[k%len(noise)], in, target)
	})
	return d, nil
}

// warnOfBoth says where files are clean sounds and noise at once.
func (d *mix) warnOfBoth() {
	clean := map[*recording]bool{}
	for _, r := range slices.Concat(d.clean.train, d.clean.valid) {
		clean[r] = true
	}
	both := 0
	for _, r := range slices.Concat(d.noise.train, d.noise.valid) {
		if clean[r] {
			both++
		}
	}
	if both > 0 {
		d.lib.log.Warn("files are clean sound and noise at once: nothing tells the two apart", "files", both)
	}
}

type mix struct {
	cfg          Mix
	seed         uint64
	lib          *library
	clean, noise *grove
	augment      *chain
	excerpts     []Excerpt

	cut    *cutting
	pieces *pieces
}

func (d *mix) Rate() int { return d.lib.rate }

func (d *mix) Channels() (in, target int) {
	n := d.lib.recordings[0].channels
	return n, n
}

func (d *mix) Files() []string { return sortedUnique(append(d.lib.paths(), d.augment.files...)) }

func (d *mix) Excerpts() []Excerpt { return d.excerpts }

func (d *mix) Close() error { return d.lib.close() }

func (d *mix) Cut(c Cut) (err error) {
	in, target := d.Channels()
	d.cut = newCutting(c, in, target, d.augment)
	d.pieces, err = newPieces(d.clean.train, d.cut, cropRandom, d.cfg.Short)
	return err
}

func (d *mix) Len() int { return d.pieces.count() }

const (
	// silentRMS is what counts as silence: -80 dBFS, below the noise floor of
	// recorded speech. silentNoise, -120 dBFS, is lower: quiet noise is scaled
	// up to the ratio that was drawn.
	silentRMS   = 1e-4
	silentNoise = 1e-6
	// tries is how many crops are drawn in search of one that is not silent.
	tries = 8
	// ceiling is the largest peak of an example, a little below full scale.
	ceiling = 0.99
)

// Fill draws everything about a mix from one stream of random numbers.
func (d *mix) Fill(epoch, i int, in, target []float32) (files []string, err error) {
	r := rng.New(d.seed, "mix", epoch, i)
	draw, snr, level := r.Float64(), r.Uniform(d.cfg.SNR[0], d.cfg.SNR[1]), r.Uniform(d.cfg.Level[0], d.cfg.Level[1])
	withNoise := draw >= d.cfg.CleanOnly
	withClean := draw < d.cfg.CleanOnly || draw >= d.cfg.CleanOnly+d.cfg.NoiseOnly
	err = d.cut.fill(epoch, i, in, target, func(w *workspace, inAt, targetAt int) error {
		w.whole = planes(w.whole, d.cut.channels[0], d.cut.need())
		w.noise = planes(w.noise, d.cut.channels[0], d.cut.need())
		silence(w.whole)
		silence(w.noise)
		if withClean {
			clean, err := d.drawClean(&r, w, i)
			if err != nil {
				return err
			}
			files = append(files, clean.path)
		}
		if withNoise {
			noise, err := d.drawNoise(&r, w)
			if err != nil {
				return err
			}
			files = append(files, noise.path)
		}
		// The ratio is that of what the model hears; margins do not count.
		from, to := d.cut.lead()-d.cut.Context, d.cut.lead()+d.cut.Segment
		balance(w, from, to, snr, amplitude(level))
		d.cut.share(w, w.whole, inAt, targetAt)
		for c := range w.in {
			for t := range w.in[c] {
				w.in[c][t] += w.noise[c][d.cut.lead()+inAt+t]
			}
		}
		return nil
	})
	return files, err
}

// drawClean reads a crop into w.whole: of piece i, and where that is silent of
// others, up to tries.
func (d *mix) drawClean(r *rng.Source, w *workspace, i int) (rec *recording, err error) {
	for range tries {
		var at int
		rec, at = d.pieces.at(i, r)
		if err := rec.read(w.whole, at); err != nil {
			return nil, err
		}
		if math.Sqrt(power(w.whole)) > silentRMS {
			break
		}
		i = r.IntN(d.pieces.count())
	}
	return rec, nil
}

// drawNoise reads a crop of any noise into w.noise, repeated where it is short.
func (d *mix) drawNoise(r *rng.Source, w *workspace) (rec *recording, err error) {
	for range tries {
		rec = d.noise.train[r.IntN(len(d.noise.train))]
		n := len(w.noise[0])
		at := 0
		if rec.frames > n {
			at = r.IntN(rec.frames - n + 1)
		} else {
			at = r.IntN(rec.frames)
		}
		if err := rec.readLoop(w, w.noise, at); err != nil {
			return nil, err
		}
		if math.Sqrt(power(w.noise)) > silentNoise {
			break
		}
	}
	return rec, nil
}

// readLoop reads the recording from sample at on, again from its start where
// it ends.
func (r *recording) readLoop(w *workspace, dst [][]float32, at int) error {
	for t, n := 0, len(dst[0]); t < n; at = 0 {
		m := min(n-t, r.frames-at)
		w.part = parts(w.part, dst, t, t+m)
		if err := r.read(w.part, at); err != nil {
			return err
		}
		t += m
	}
	return nil
}

// balance scales w.noise so that the clean sound in w.whole is snr dB above
// it, and both so that their sum has the RMS level and stays below the
// ceiling, all measured from sample from to to. Beside silence there is no
// ratio, and a silent sum is not scaled up.
func balance(w *workspace, from, to int, snr, level float64) {
	w.rows = parts(w.rows, w.whole, from, to)
	clean := power(w.rows)
	w.rows = parts(w.rows, w.noise, from, to)
	noise := power(w.rows)
	if clean > silentRMS*silentRMS && noise > silentNoise*silentNoise {
		scaleBy(w.noise, math.Sqrt(clean/noise)/amplitude(snr))
	}
	sum, peak := 0.0, 0.0
	for c := range w.whole {
		for t := range w.whole[c] {
			x, y := float64(w.whole[c][t]), float64(w.whole[c][t]+w.noise[c][t])
			if from <= t && t < to {
				sum += float64(y * y)
			}
			peak = max(peak, math.Abs(x), math.Abs(y))
		}
	}
	rms := math.Sqrt(sum / float64((to-from)*len(w.whole)))
	if rms <= silentRMS {
		return
	}
	factor := min(level/rms, ceiling/peak)
	scaleBy(w.whole, factor)
	scaleBy(w.noise, factor)
}

func silence(x [][]float32) {
	for _, c := range x {
		clear(c)
	}
}

// excerpt mixes validation excerpt k: target holds the clean sound.
func (d *mix) excerpt(k int, noise *recording, in, target [][]float32) error {
	w := &workspace{whole: target, noise: in}
	if err := noise.readLoop(w, in, 0); err != nil {
		return err
	}
	// The level is the middle of the recipe's range.
	snr := d.cfg.ValidationSNR[k%len(d.cfg.ValidationSNR)]
	balance(w, 0, len(in[0]), snr, amplitude((d.cfg.Level[0]+d.cfg.Level[1])/2))
	addScaled(in, target, 1)
	return nil
}
