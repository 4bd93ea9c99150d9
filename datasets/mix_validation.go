package datasets

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// validation is the excerpts of a mix: those that were written, or made of what
// is set aside.
func (d *mix) validation() ([]Excerpt, error) {
	if d.cfg.ValidationMix != "" {
		return d.written(d.cfg.ValidationMix)
	}
	noise := d.noise.valid
	if len(noise) == 0 {
		noise = d.noise.train // plant has warned
	}
	snrs := d.cfg.ValidationSNR
	return d.cfg.list(d.clean.valid, func(k int) recipeOfExcerpt {
		// Every noise meets every ratio before one comes again.
		n, snr := noise[k/len(snrs)%len(noise)], snrs[k%len(snrs)]
		return recipeOfExcerpt{
			tags: []Tag{{"snr", fmt.Sprintf("%g dB", snr)}, {"noise", d.kindOf(n)}},
			make: func(in, target [][]float32) error { return d.excerpt(snr, n, in, target) },
		}
	}), nil
}

// kindOf is the kind of a noise: the folder below the root that it is in, or
// its file's name without what numbers it.
func (d *mix) kindOf(noise *recording) string {
	root, file := d.cfg.Noise.Root, noise.path
	if rel, err := filepath.Rel(root, file); err == nil && !strings.HasPrefix(root, EmbeddedPrefix) {
		if dir, _, inside := strings.Cut(filepath.ToSlash(rel), "/"); inside {
			return dir
		}
	}
	return strings.TrimSuffix(path.Base(filepath.ToSlash(file)), path.Ext(file))
}

// excerpt mixes a validation excerpt: target holds the clean sound. The level
// is the middle of the recipe's range.
func (d *mix) excerpt(snr float64, noise *recording, in, target [][]float32) error {
	w := &workspace{whole: target, noise: in}
	if err := noise.readLoop(w, in, 0); err != nil {
		return err
	}
	balance(w, target, 0, len(in[0]), snr, amplitude((d.cfg.Level[0]+d.cfg.Level[1])/2))
	addScaled(in, target, 1)
	return nil
}
