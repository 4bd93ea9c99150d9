package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"partials/audio"
	"partials/capture"
	"partials/datasets"
)

// capturePrefix begins the names of the recipes that make captures.
const capturePrefix = "capture-"

// CaptureArchs are the architectures that Capture knows: each is a recipe inside
// the program.
func CaptureArchs() []string {
	var archs []string
	for _, name := range Recipes() {
		if arch, ok := strings.CutPrefix(name, capturePrefix); ok {
			archs = append(archs, arch)
		}
	}
	return archs
}

// CheckPair reads two recordings, an input and the same through a device, and
// says what is wrong with them.
func CheckPair(input, output string, o capture.Options) (*capture.Report, error) {
	in, err := readSound(input)
	if err != nil {
		return nil, err
	}
	out, err := readSound(output)
	if err != nil {
		return nil, err
	}
	return capture.Check(in, out, o)
}

func readSound(path string) (capture.Sound, error) {
	r, err := datasets.OpenAudio(path)
	if err != nil {
		return capture.Sound{}, err
	}
	defer r.Close()
	a, err := audio.ReadAll(r)
	if err != nil {
		return capture.Sound{}, err
	}
	return capture.Sound{Name: path, Audio: *a, Notes: r.Info().Warnings}, nil
}

// CaptureOptions say what to make of a pair.
type CaptureOptions struct {
	Arch      string   // one of CaptureArchs
	Rate      int      // Hz that both recordings are resampled to; 0 for theirs
	Overrides []string // of the recipe, as "epochs=20"
	// Output is the .nam file. Its name, less the ending, is the run's.
	Output string
}

// Captured is what came of a pair.
type Captured struct {
	Run Dir
	// ESR is that of the exported weights on the validation data, of the largest
	// model where several are packed; NaN where none was measured.
	ESR     float64
	Export  *Exported // nil where a stopped run had learnt nothing yet
	Stopped bool      // by ctx; the best weights so far were exported
}

// Capture trains a model of a pair that CheckPair has found good and exports the
// best. When ctx is done it exports the best so far.
func Capture(ctx context.Context, pair *capture.Report, co CaptureOptions, o Options) (*Captured, error) {
	r, err := o.captureRecipe(pair, co)
	if err != nil {
		return nil, err
	}
	o.Pair = pair
	res, err := Start(ctx, r, o)
	var stop *Interrupted
	c := &Captured{}
	switch {
	case errors.As(err, &stop):
		c.Run, c.Stopped = stop.Dir, true
	case err != nil:
		return nil, err
	default:
		c.Run = res.Dir
	}
	return c, c.export(co, o)
}

// export writes the best weights of the run and finds out how good they are.
func (c *Captured) export(co CaptureOptions, o Options) error {
	c.ESR = math.NaN()
	if c.Stopped {
		p, err := readProgress(c.Run.path(lastFile))
		if err != nil {
			return err
		}
		if p.Step == 0 {
			return nil
		}
	}
	p, err := o.load(c.Run, "", nil)
	if err != nil {
		return err
	}
	models, err := p.submodels()
	p.Close()
	if err != nil {
		return err
	}
	if last := models[len(models)-1]; last.esr != nil {
		c.ESR = *last.esr
	}
	c.Export, err = Export(c.Run, nil, ExportOptions{Format: "nam", Path: co.Output}, o)
	return err
}

// captureRecipe is the recipe of an architecture for a pair.
func (o Options) captureRecipe(pair *capture.Report, co CaptureOptions) (Recipe, error) {
	if !slices.Contains(CaptureArchs(), co.Arch) {
		return Recipe{}, fmt.Errorf("there is no architecture %q; there are %s", co.Arch, strings.Join(CaptureArchs(), ", "))
	}
	set := []string{
		"name=" + quoted(strings.TrimSuffix(filepath.Base(co.Output), filepath.Ext(co.Output))),
		"data.input=[" + quoted(pair.Input) + "]", "data.target=[" + quoted(pair.Output) + "]",
		fmt.Sprintf("data.delay=%d", pair.Latency.Samples),
		// The checks have judged both already.
		"data.allow_unequal_lengths=true", "data.allow_clipping=true",
	}
	if pair.Channel != "mono" {
		set = append(set, "data.channels="+pair.Channel)
	}
	if co.Rate > 0 {
		set = append(set, fmt.Sprintf("data.rate=%d", co.Rate))
	}
	frames := pair.Frames
	if v := pair.Validation; v[1] > 0 {
		set = append(set, "data.train="+samplesFrom(pair.Train), "data.validation="+samplesFrom(v))
		frames = pair.Train[1] - pair.Train[0]
	} else {
		share := holdout(float64(frames) / float64(pair.Rate))
		set = append(set, fmt.Sprintf("data.holdout=%.4g", share))
		frames -= int(share * float64(frames))
	}
	set = append(set, fewWindows(frames)...)
	return o.LoadRecipe(capturePrefix+co.Arch, append(set, co.Overrides...)...)
}

// quoted is a text as a YAML value.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func samplesFrom(r [2]int) string { return fmt.Sprintf("{start: %d, stop: %d}", r[0], r[1]) }

// holdout is the share of a sound of unknown structure that is kept for
// validation: a tenth, at least 2 s where that leaves three quarters, at most
// the 9 s that test signals have.
func holdout(seconds float64) float64 {
	return min(max(0.1*seconds, min(2, seconds/4)), 9) / seconds
}

// fewWindows makes windows and batches smaller where a sound has too few
// samples for those of the recipe: an epoch of one or two steps teaches little.
func fewWindows(frames int) []string {
	const (
		memory = 6347 // samples that the longest of the usual models looks back
		enough = 64   // windows
	)
	segment := 8192
	for segment > 2048 && (frames-memory)/segment < enough {
		segment /= 2
	}
	if segment == 8192 {
		return nil
	}
	windows := max((frames-memory)/segment, 1)
	return []string{fmt.Sprintf("segment=%d", segment), fmt.Sprintf("batch=%d", max(min(16, windows/4), 1)), "data.short=pad"}
}

// Verdict says in a few words how good a model of some ESR is. The bounds are
// those of neural-amp-modeler's trainer.
func Verdict(esr float64) string {
	switch {
	case math.IsNaN(esr):
		return "not measured"
	case esr < 0.01:
		return "great: hard to tell from the device"
	case esr < 0.035:
		return "good"
	case esr < 0.1:
		return "it might be good enough; more epochs or a larger architecture may help"
	case esr < 0.3:
		return "it will probably not sound right; look at the report"
	}
	return "something is wrong; look at the report and at the recordings"
}
