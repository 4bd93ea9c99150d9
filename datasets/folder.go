package datasets

import (
	"errors"
	"fmt"

	"partials/internal/config"
	"partials/internal/rng"
)

// Folder is a tree of sounds that a model is to give back as they are, or to
// restore after the input was degraded.
type Folder struct {
	Tree
	Reading
	Selection
	Crop    string                    `yaml:"crop" doc:"random (crops drawn anew each epoch) or grid (windows side by side)"`
	Short   string                    `yaml:"short" doc:"files shorter than an example: pad (silence in front) or skip"`
	Degrade config.List[EffectConfig] `yaml:"degrade" doc:"changes of the input alone, in training and validation: what the model is to undo"`
	Augment config.List[EffectConfig] `yaml:"augment" doc:"random changes of training examples, before degrade"`
}

// Validate implements config.Validator.
func (f Folder) Validate() error {
	var err error
	if f.Root == "" {
		err = config.Field("root", f.Root, "a folder")
	}
	return errors.Join(err, checkCrop(f.Crop), checkShort(f.Short))
}

// Absolute implements Config.
func (f Folder) Absolute(dir string) Config {
	f.Tree = f.Tree.absolute(dir)
	f.Degrade, f.Augment = absoluteEffects(dir, f.Degrade), absoluteEffects(dir, f.Augment)
	return f
}

// Open implements Config.
func (f Folder) Open(env Env) (Dataset, error) {
	f = f.Absolute("").(Folder)
	d := &folder{cfg: f, seed: env.Seed, lib: newLibrary(f.Reading, env.Log)}
	var err error
	if d.files, err = d.lib.plant(f.Tree, ""); err != nil {
		return nil, err
	}
	if err := d.lib.settle(); err != nil {
		return nil, err
	}
	d.files.splitMiddles(f.Tree)
	if err := d.lib.sameChannels(); err != nil {
		return nil, err
	}
	if err := d.files.warnOfSilence(d.lib.log, f.Root); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if d.augment, err = newChain("augment", f.Augment, d.lib.rate, env.Seed); err != nil {
		return nil, err
	}
	if d.degrade, err = newChain("degrade", f.Degrade, d.lib.rate, env.Seed); err != nil {
		return nil, err
	}
	d.degrade.inputOnly = true
	held := *d.degrade
	held.seed = validationSeed
	d.excerpts = f.list(d.files.valid, func(k int) recipeOfExcerpt {
		return recipeOfExcerpt{make: func(in, target [][]float32) error {
			held.whole(k, in, target)
			return nil
		}}
	})
	return d, nil
}

// validationSeed keys what is drawn for validation: runs of different seeds
// are measured on the same sounds.
const validationSeed = 0

// sameChannels reports the files that have not as many channels as the first.
func (l *library) sameChannels() error {
	var odd []string
	for _, r := range l.recordings {
		if r.channels != l.recordings[0].channels {
			odd = append(odd, fmt.Sprintf("%s (%d)", r.path, r.channels))
		}
	}
	if len(odd) == 0 {
		return nil
	}
	return fmt.Errorf("the files differ in channels: %s has %d, but not %s; set channels: mix, left or right to make them equal",
		l.recordings[0].path, l.recordings[0].channels, listed(odd))
}

type folder struct {
	cfg              Folder
	seed             uint64
	lib              *library
	files            *grove
	augment, degrade *chain
	excerpts         []Excerpt

	cut    *cutting
	pieces *pieces
}

func (d *folder) Rate() int { return d.lib.rate }

func (d *folder) Channels() (in, target int) {
	n := d.lib.recordings[0].channels
	return n, n
}

func (d *folder) Files() []string {
	return sortedUnique(append(append(d.lib.paths(), d.augment.files...), d.degrade.files...))
}

// Degraded says that an input is its target made worse.
func (d *folder) Degraded() bool { return len(d.degrade.effects) > 0 }

func (d *folder) Excerpts() []Excerpt { return d.excerpts }

func (d *folder) Close() error { return d.lib.close() }

func (d *folder) Cut(c Cut) (err error) {
	in, target := d.Channels()
	d.cut = newCutting(c, in, target, d.augment, d.degrade)
	d.pieces, err = newPieces(d.files.train, d.cut, d.cfg.Crop, d.cfg.Short)
	return err
}

func (d *folder) Len() int { return d.pieces.count() }

func (d *folder) Fill(epoch, i int, in, target []float32) ([]string, error) {
	r := rng.New(d.seed, "folder/crop", epoch, i)
	rec, at := d.pieces.at(i, &r)
	err := d.cut.fill(epoch, i, in, target, func(w *workspace, inAt, targetAt int) error {
		w.whole = planes(w.whole, rec.channels, d.cut.need())
		if err := rec.read(w.whole, at); err != nil {
			return err
		}
		d.cut.share(w, w.whole, w.whole, inAt, targetAt)
		return nil
	})
	return rec.files, err
}
