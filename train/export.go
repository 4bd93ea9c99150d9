package train

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"partials/metric"
)

// ExportFormat is a kind of file that Export writes a trained model, or what a
// run measured, as.
type ExportFormat struct {
	About  string // what plays or reads it
	Ending string // of the file's name, with the dot
	device string // that the model is put on for it; empty for the run's own
	// encode makes the file, and checks that it is the model. The notes are for
	// the user.
	encode func(p *Player, o ExportOptions) (data []byte, notes []string, err error)
	// record makes the file in its place where it needs no model.
	record func(d Dir) (data []byte, notes []string, err error)
}

// ExportFormats is the table of what Export writes, by name.
func ExportFormats() map[string]ExportFormat {
	return map[string]ExportFormat{
		"aidax":       {About: "AIDA-X and other hosts of RTNeural: one layer of lstm or gru", Ending: ".json", encode: (*Player).encodeAIDAX},
		"csv":         {About: "spreadsheets: the metrics of all steps", Ending: ".csv", record: Dir.encodeCSV},
		"nam":         {About: "Neural Amp Modeler and every host of .nam files: wavenet, lstm, convnet, fir, and several sizes packed", Ending: ".nam", encode: (*Player).encodeNAM},
		"onnx":        {About: "onnxruntime and others, from any language: any model", Ending: ".onnx", device: "ref", encode: (*Player).encodeONNX},
		"safetensors": {About: "PyTorch: weights for load_state_dict", Ending: ".safetensors", encode: (*Player).encodeTorch},
		"wav":         {About: "the impulse response of a filter (fir), for any convolver", Ending: ".wav", encode: (*Player).encodeWAV},
	}
}

// ExportOptions say what Export writes, and where.
type ExportOptions struct {
	Format     string // a name of ExportFormats
	Path       string // of the file; empty for RUN/export/NAME with the format's ending
	NAMVersion string // of a .nam file; empty for the oldest that can hold the model
	// Controls are where the knobs stand that become a part of the model. A format
	// that has knobs of its own keeps them where none are given.
	Controls map[string]float64
	Whole    bool // an ONNX graph of a whole signal, not of a block
	Block    int  // samples that an ONNX graph takes at once; 0 for any multiple of the model's own block
}

// name is what the file of a run is called, without the ending.
func (o ExportOptions) name(run string) string {
	if o.Whole {
		return run + ".whole"
	}
	return run
}

// Exported says what Export did.
type Exported struct {
	Path  string
	Bytes int
	Notes []string // about what is in the file
}

// Export writes the best weights of a run, or its metrics, as a file of another
// world.
// Overrides ("metadata.name=Plexi") change the recipe for it.
func Export(dir Dir, overrides []string, eo ExportOptions, o Options) (*Exported, error) {
	format, ok := ExportFormats()[eo.Format]
	if !ok {
		return nil, fmt.Errorf("there is no format %q; there are %s", eo.Format, strings.Join(slices.Sorted(maps.Keys(ExportFormats())), ", "))
	}
	data, notes, err := format.of(dir, overrides, eo, o)
	if err != nil {
		return nil, err
	}
	path := eo.Path
	if path == "" {
		path = filepath.Join(dir.path(exportDir), eo.name(dir.Name())+format.Ending)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return nil, fmt.Errorf("making the folder of the export: %w", err)
		}
	}
	if err := writeAtomically(path, data); err != nil {
		return nil, fmt.Errorf("writing the export: %w", err)
	}
	return &Exported{Path: path, Bytes: len(data), Notes: notes}, nil
}

// of makes the file of a run.
func (f ExportFormat) of(dir Dir, overrides []string, eo ExportOptions, o Options) (data []byte, notes []string, err error) {
	if f.record != nil {
		return f.record(dir)
	}
	p, err := o.load(dir, f.device, overrides)
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	if data, notes, err = f.encode(p, eo); err != nil {
		return nil, nil, fmt.Errorf("%s cannot be exported as %s: %w", dir, eo.Format, err)
	}
	return data, notes, nil
}

// weights are the values of all parameters and buffers by name, row-major.
func (p *Player) weights() map[string][]float64 {
	w := map[string][]float64{}
	for _, x := range p.params.All() {
		values := make([]float64, x.Shape.Len())
		p.dev.Read64(values, x.Var().Tensor)
		w[x.Name] = values
	}
	for _, b := range p.params.Buffers() {
		w[b.Name] = make([]float64, b.Value.Len())
		p.dev.Read64(w[b.Name], b.Value)
	}
	return w
}

// held compares what an exported file plays with what the model plays: the
// energy of the difference over that of the model's own sound, at most most.
func held(got, want []float32, most float64) (float64, error) {
	m, _ := metric.Get("esr")
	meter := m.New(0) // the ESR needs no rate
	meter.Add(got, want)
	e := meter.Value()
	if math.IsNaN(e) && slices.Equal(got, want) { // both silent
		return 0, nil
	}
	if !(e <= most) {
		return e, fmt.Errorf("the file does not sound as the model does: the error is %.3g of the sound, at most %.3g is allowed", e, most)
	}
	return e, nil
}
