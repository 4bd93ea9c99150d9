package train

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"partials/capture"
	"partials/datasets"
	"partials/internal/impl"
)

// manifest says what made a run: enough to tell whether a later one can give
// the same bits.
type manifest struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	System  string `json:"system"` // GOOS/GOARCH
	Device  string `json:"device"`
	Detail  string `json:"device_detail"`
	Kernels string `json:"kernels"` // the implementations in use
	Threads int    `json:"threads"` // as asked for; 0 is one a core. It changes no bits.
	Started string `json:"started"`
	Ended   string `json:"ended,omitempty"`
	Status  string `json:"status"` // running, interrupted, failed, finished, stopped early

	Rate           int      `json:"rate_hz"`
	Inputs         int      `json:"input_channels"`
	Outputs        int      `json:"output_channels"`
	Controls       []string `json:"controls,omitempty"`    // names of the knobs that the model knows
	TargetGain     float64  `json:"target_gain,omitempty"` // of the targets that it was trained on; 0 is 1
	Parameters     int      `json:"parameters"`
	ReceptiveField int      `json:"receptive_field_samples"`
	Latency        int      `json:"latency_samples"`
	MACs           float64  `json:"multiply_adds_per_sample"`

	EpochSteps int `json:"steps_per_epoch,omitempty"` // where the recipe counts epochs

	Segments []segment `json:"segments"`                 // at least one
	Init     *dataFile `json:"init,omitempty"`           // that the weights started from
	Mix      string    `json:"validation_mix,omitempty"` // the folder that the validation mix is written in
	// Pair is what train capture found of its two recordings.
	Pair *capture.Report `json:"pair,omitempty"`
	Data []dataFile      `json:"data"` // as far as they are hashed; all, in the end
	// Files are what the run made, by their paths in its folder, once it is finished.
	Files []dataFile `json:"files,omitempty"`
}

// segment is a stretch of a run under one recipe. A run that was extended has
// several.
type segment struct {
	From   place  `json:"from"`
	Recipe string `json:"recipe"` // YAML
}

// dataFile is a file that the run read.
type dataFile struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Version is the program's version, set by `make release`.
var Version = "dev"

// Commit returns the source revision that the program was built from, where
// Go recorded it.
func Commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var revision, modified string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				modified = " (modified)"
			}
		}
	}
	return revision + modified
}

func newManifest(s *session, threads int) *manifest {
	facts := s.model.Facts()
	return &manifest{
		Version: Version, Commit: Commit(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Device: s.dev.Name(), Detail: s.dev.Describe(), Kernels: impl.Describe(), Threads: threads,
		Started: time.Now().Format(time.RFC3339), Status: "running",
		Rate: s.data.Rate(), Inputs: facts.Inputs, Outputs: facts.Outputs, Parameters: s.params.Len(),
		EpochSteps: s.epochSteps(), Controls: datasets.Controls(s.data), TargetGain: datasets.TargetGain(s.data),
		ReceptiveField: facts.ReceptiveField, Latency: facts.Latency, MACs: facts.MACs,
	}
}

func readManifest(d Dir) (*manifest, error) { return readManifestFile(d.path(manifestFile)) }

func readManifestFile(path string) (*manifest, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the run's manifest: %w", err)
	}
	m := new(manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("reading the run's manifest %s: %w", path, err)
	}
	if len(m.Segments) == 0 {
		return nil, fmt.Errorf("reading the run's manifest %s: it has no recipe in it", path)
	}
	return m, nil
}

// steps is the number of updates that a recipe of the run asks for.
func (m *manifest) steps(r Recipe) int {
	if r.Epochs > 0 {
		return r.Epochs * m.EpochSteps
	}
	return r.Steps
}

// outputGain brings the model's output back to the level of the target files.
func (m *manifest) outputGain() float64 {
	if m.TargetGain == 0 {
		return 1
	}
	return 1 / m.TargetGain
}

func (m *manifest) lastSegment() segment { return m.Segments[len(m.Segments)-1] }

func (m *manifest) save(d Dir) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeAtomically(d.path(manifestFile), append(data, '\n')); err != nil {
		return fmt.Errorf("writing the run's manifest: %w", err)
	}
	return nil
}

// differences lists what of the program or machine is not as it was.
func (m *manifest) differences() (notes []string) {
	for _, x := range []struct{ what, was, is string }{
		{"version", m.Version, Version},
		{"commit", m.Commit, Commit()},
		{"Go", m.Go, runtime.Version()},
		{"system", m.System, runtime.GOOS + "/" + runtime.GOARCH},
		{"kernels", m.Kernels, impl.Describe()},
	} {
		if x.was != x.is {
			notes = append(notes, fmt.Sprintf("%s: the run had %q, this program has %q", x.what, x.was, x.is))
		}
	}
	return notes
}
