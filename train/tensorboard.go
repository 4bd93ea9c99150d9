package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"partials/audio"
	"partials/formats/tfevents"
	"partials/internal/config"
)

// board is TensorBoard's logbook: event files in the run's folder, which make
// it a run of TensorBoard's where its log directory is the folder of all runs.
type board struct {
	w       *tfevents.Writer
	spreads spacing // of histograms
	looks   spacing // of pictures and sounds
}

// spacing thins out what takes much room: the steps at which it comes grow by
// a factor, so that a run of any length has some tens of them.
type spacing struct {
	factor float64
	last   int
}

func (s *spacing) due(step int) bool {
	if step > s.last && float64(step) < s.factor*float64(s.last) {
		return false
	}
	s.last = step
	return true
}

func openBoard(dir Dir, s *session, settings []config.Setting, recipe []byte) (*board, error) {
	w, err := tfevents.Create(string(dir), s.prog.Step+1)
	if err != nil {
		return nil, fmt.Errorf("opening the event file for TensorBoard: %w", err)
	}
	list := make([]tfevents.Setting, len(settings))
	for i, x := range settings {
		list[i] = tfevents.Setting(x)
	}
	b := &board{w: w, spreads: spacing{factor: 1.1}, looks: spacing{factor: 1.25}}
	step := s.prog.Step
	return b, errors.Join(
		w.Write(step, tfevents.HParams(list, []string{"valid/" + s.recipe.Validation.Metric, "train/loss"})...),
		w.Write(step, tfevents.Text("recipe", "```yaml\n"+string(recipe)+"```\n")),
		w.Flush())
}

func (b *board) points(step int, list []point) error {
	values := make([]tfevents.Value, len(list))
	for i, p := range list {
		values[i] = tfevents.Scalar(p.name, p.value)
	}
	return b.w.Write(step, values...)
}

// weights adds histograms of all weights and of their gradients in the last
// step, as they were clipped.
func (b *board) weights(s *session) error {
	if !b.spreads.due(s.prog.Step) {
		return nil
	}
	values, grads := make([]float64, s.params.Len()), make([]float64, s.params.Len())
	s.dev.Read64(values, s.params.Values())
	s.dev.Read64(grads, s.params.Grads())
	var list []tfevents.Value
	at := 0
	for _, p := range s.params.All() {
		to := at + p.Shape.Len()
		list = append(list, tfevents.Histogram("weights/"+p.Name, values[at:to]), tfevents.Histogram("gradients/"+p.Name, grads[at:to]))
		at = to
	}
	return b.w.Write(s.prog.Step, list...)
}

// look adds the pictures and sounds that were drawn into the run's folder; at
// the end it always does.
func (b *board) look(dir Dir, step int, end bool) error {
	if !b.looks.due(step) && !end {
		return nil
	}
	pictures, err := filesOf(dir, plotsDir, ".png")
	if err != nil {
		return err
	}
	var list []tfevents.Value
	for _, path := range pictures {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		v, err := tfevents.Image("pictures/"+strings.TrimSuffix(filepath.Base(path), ".png"), data)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	sounds, err := filesOf(dir, audioDir, ".wav")
	if err != nil {
		return err
	}
	for _, path := range sounds {
		v, err := soundValue(path)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	return errors.Join(b.w.Write(step, list...), b.w.Flush())
}

func soundValue(path string) (v tfevents.Value, err error) {
	r, err := audio.Open(path)
	if err != nil {
		return v, err
	}
	info := r.Info()
	r.Close()
	data, err := os.ReadFile(path)
	return tfevents.Audio("sounds/"+strings.TrimSuffix(filepath.Base(path), ".wav"), data, info.Rate, info.Channels, info.Frames), err
}

// filesOf lists a run's finished files of one kind in one of its folders.
func filesOf(dir Dir, folder, ending string) ([]string, error) {
	entries, err := os.ReadDir(dir.path(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ending && !halfWritten(e.Name()) {
			paths = append(paths, dir.path(folder+"/"+e.Name()))
		}
	}
	slices.Sort(paths)
	return paths, nil
}

func (b *board) flush() error { return b.w.Flush() }

// end ends the run in the table of runs. One that was stopped may go on.
func (b *board) end(status string) error {
	switch status {
	case "finished", "stopped early":
		return b.w.Write(0, tfevents.HParamsEnd(true))
	case "failed":
		return b.w.Write(0, tfevents.HParamsEnd(false))
	}
	return nil
}

func (b *board) close() error { return b.w.Close() }
