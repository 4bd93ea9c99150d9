package datasets

import (
	"math"

	"partials/internal/rng"
)

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
	// furtherNoise is how far a second noise may be below the first.
	furtherNoise = 10 // dB
)

func (d *mix) Cut(c Cut) (err error) {
	in, target := d.Channels()
	margin := [2]int{d.cleanEffects.before, d.cleanEffects.after}
	for _, e := range d.noiseEffects {
		margin[0], margin[1] = max(margin[0], e.before), max(margin[1], e.after)
	}
	d.cut = newCuttingBehind(c, in, target, margin, d.augment)
	d.pieces, err = newPieces(d.clean.train, d.cut, cropRandom, d.cfg.Short)
	return err
}

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
		kept := w.whole
		if withClean {
			clean, err := d.drawClean(&r, w, i)
			if err != nil {
				return err
			}
			files = append(files, clean.files...)
			if len(d.cleanEffects.effects) > 0 {
				kept = copyPlanes(&w.kept, w.whole)
				d.cleanEffects.apply(epoch, i, w.whole, kept)
			}
		}
		if withNoise {
			noises, err := d.drawNoises(&r, w, epoch, i)
			if err != nil {
				return err
			}
			files = append(files, noises...)
		}
		// The ratio is that of what the model hears; margins do not count.
		from, to := d.cut.lead()-d.cut.Context, d.cut.lead()+d.cut.Segment
		balance(w, kept, from, to, snr, amplitude(level))
		d.cut.share(w, w.whole, kept, inAt, targetAt)
		for c := range w.in {
			for t := range w.in[c] {
				w.in[c][t] += w.noise[c][d.cut.lead()+inAt+t]
			}
		}
		return nil
	})
	return files, err
}

// drawClean reads a crop into w.whole, at a drawn speed: of piece i, and where
// that is silent of others, up to tries.
func (d *mix) drawClean(r *rng.Source, w *workspace, i int) (rec *recording, err error) {
	for range tries {
		var at int
		rec, at = d.pieces.at(i, r)
		read := func(dst [][]float32) error { return rec.read(dst, at) }
		if err := d.cleanSpeed.read(r, w, w.whole, read); err != nil {
			return nil, err
		}
		if math.Sqrt(power(w.whole)) > silentRMS {
			break
		}
		i = r.IntN(d.pieces.count())
	}
	return rec, nil
}

// drawNoises adds up as many noises as are drawn in w.noise, the further ones
// below the first, and returns their files.
func (d *mix) drawNoises(r *rng.Source, w *workspace, epoch, i int) (files []string, err error) {
	n := d.cfg.Noises[0] + r.IntN(d.cfg.Noises[1]-d.cfg.Noises[0]+1)
	for k := range n {
		w.voice = planes(w.voice, len(w.noise), len(w.noise[0]))
		if d.cfg.MadeNoise > 0 && r.Float64() < d.cfg.MadeNoise {
			for _, x := range w.voice {
				makeNoise(r, x, d.lib.rate)
			}
		} else {
			rec, err := d.drawNoise(r, w)
			if err != nil {
				return nil, err
			}
			files = append(files, rec.files...)
		}
		d.noiseEffects[k].apply(epoch, i, w.voice, nil)
		factor := 1.0
		if n > 1 {
			level := 0.0
			if k > 0 {
				level = r.Uniform(-furtherNoise, 0)
			}
			if p := power(w.voice); p > 0 {
				factor = amplitude(level) / math.Sqrt(p)
			}
		}
		addScaled(w.noise, w.voice, factor)
	}
	return files, nil
}

// drawNoise reads a crop of any noise into w.voice, at a drawn speed, repeated
// where it is short.
func (d *mix) drawNoise(r *rng.Source, w *workspace) (rec *recording, err error) {
	for range tries {
		rec = d.noise.train[r.IntN(len(d.noise.train))]
		read := func(dst [][]float32) error {
			at := r.IntN(rec.frames)
			if n := len(dst[0]); rec.frames > n {
				at = r.IntN(rec.frames - n + 1)
			}
			return rec.readLoop(w, dst, at)
		}
		if err := d.noiseSpeed.read(r, w, w.voice, read); err != nil {
			return nil, err
		}
		if math.Sqrt(power(w.voice)) > silentNoise {
			break
		}
	}
	return rec, nil
}

// read fills dst at a drawn speed with what the function reads.
func (v *speeds) read(r *rng.Source, w *workspace, dst [][]float32, read func(dst [][]float32) error) error {
	if v.from == 100 && v.to == 100 {
		return read(dst)
	}
	percent := v.draw(r)
	w.fast = planes(w.fast, len(dst), v.need(len(dst[0]), percent))
	if err := read(w.fast); err != nil {
		return err
	}
	v.play(dst, w.fast, percent)
	return nil
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
// ceiling, all measured from sample from to to; what is kept of the clean sound
// goes with it. Beside silence there is no ratio, and a silent sum is not
// scaled up.
func balance(w *workspace, kept [][]float32, from, to int, snr, level float64) {
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
	if &kept[0][0] != &w.whole[0][0] {
		scaleBy(kept, factor)
	}
}

func silence(x [][]float32) {
	for _, c := range x {
		clear(c)
	}
}

// copyPlanes makes dst a copy of x.
func copyPlanes(dst *[][]float32, x [][]float32) [][]float32 {
	*dst = planes(*dst, len(x), len(x[0]))
	for c := range x {
		copy((*dst)[c], x[c])
	}
	return *dst
}
