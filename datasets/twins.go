package datasets

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
)

// twinChecks is how many noisy recordings are held against their clean twins.
const twinChecks = 4

// takeTwinsApart looks whether the noise files are the clean ones with noise in
// them, by the same names: then what is left of them without the clean sound is
// the noise.
func (d *mix) takeTwinsApart(m Mix) error {
	clean := map[string]*recording{}
	for _, r := range d.clean.all() {
		clean[twinName(m.Clean.Root, r.path)] = r
	}
	noisy := d.noise.all()
	for _, r := range noisy {
		if c := clean[twinName(m.Noise.Root, r.path)]; c == nil || c.frames != r.frames || c.channels != r.channels {
			return nil
		}
	}
	alike, same := 0, 0
	for _, r := range noisy[:min(len(noisy), twinChecks)] {
		a, err := likeness(clean[twinName(m.Noise.Root, r.path)], r)
		switch {
		case err != nil:
			return err
		case a >= 1-1e-9:
			same++
		case a > 0.3: // noise of its own hardly reaches 0.05
			alike++
		}
	}
	switch {
	case same == min(len(noisy), twinChecks):
		return fmt.Errorf("noise.root: the files below %s hold the same sounds as those below clean.root %s; name a folder of noises", m.Noise.Root, m.Clean.Root)
	case alike == 0:
		return nil // the names agree by chance, as 1.wav and 2.wav do
	}
	for _, list := range [][]*recording{d.noise.train, d.noise.valid} {
		for i, r := range list {
			list[i] = r.minus(clean[twinName(m.Noise.Root, r.path)])
		}
	}
	d.lib.log.Info("the noise files are the clean ones in noise: their difference is the noise", "pairs", len(noisy))
	return nil
}

// twinName is the name of a file below a root, with VoiceBank-DEMAND's names of
// folders made equal.
func twinName(root, file string) string {
	if rel, err := filepath.Rel(root, file); err == nil {
		file = rel
	}
	return strings.ReplaceAll(strings.ToLower(filepath.ToSlash(file)), "noisy_", "clean_")
}

// likeness is the correlation of two recordings of one length, as far as a
// minute goes.
func likeness(a, b *recording) (float64, error) {
	n := min(a.frames, 60*a.lib.rate)
	x, y := planes(nil, a.channels, n), planes(nil, b.channels, n)
	if err := a.read(x, 0); err != nil {
		return 0, err
	}
	if err := b.read(y, 0); err != nil {
		return 0, err
	}
	var xx, yy, xy float64
	for c := range x {
		for t, u := range x[c] {
			v := float64(y[c][t])
			xx += float64(float64(u) * float64(u))
			yy += float64(v * v)
			xy += float64(float64(u) * v)
		}
	}
	if xx == 0 || yy == 0 {
		return 0, nil
	}
	return xy / math.Sqrt(xx*yy), nil
}
