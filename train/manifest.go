package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"partials/datasets"
	"partials/device"
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
	Status  string `json:"status"` // running, finished, stopped early

	Rate           int     `json:"rate_hz"`
	Inputs         int     `json:"input_channels"`
	Outputs        int     `json:"output_channels"`
	Parameters     int     `json:"parameters"`
	ReceptiveField int     `json:"receptive_field_samples"`
	Latency        int     `json:"latency_samples"`
	MACs           float64 `json:"multiply_adds_per_sample"`

	Segments []Segment  `json:"segments"`
	Data     []DataFile `json:"data"`
}

// Segment is a stretch of a run under one recipe. A run that was extended has
// several.
type Segment struct {
	From   int    `json:"from_step"`
	Recipe string `json:"recipe"` // YAML
}

// DataFile is a file that the run read.
type DataFile struct {
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

func newManifest(dev device.Device, s *session, threads int) *manifest {
	facts := s.model.Facts()
	return &manifest{
		Version: Version, Commit: Commit(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Device: dev.Name(), Detail: dev.Describe(), Kernels: impl.Describe(), Threads: threads,
		Started: time.Now().Format(time.RFC3339), Status: "running",
		Rate: s.data.Rate(), Inputs: facts.Inputs, Outputs: facts.Outputs, Parameters: s.params.Len(), ReceptiveField: facts.ReceptiveField, Latency: facts.Latency, MACs: facts.MACs,
	}
}

func readManifest(d Dir) (*manifest, error) {
	data, err := os.ReadFile(d.path(manifestFile))
	if err != nil {
		return nil, fmt.Errorf("reading the run's manifest: %w", err)
	}
	m := new(manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("reading the run's manifest %s: %w", d.path(manifestFile), err)
	}
	return m, nil
}

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

// hashing computes the hashes of a run's data beside the training.
type hashing struct {
	quit  atomic.Bool
	done  chan struct{}
	files []DataFile
	err   atomic.Pointer[error]
}

// startHashing hashes the files in the background and compares them with the
// manifest's, where a run goes on that already has some.
func (m *manifest) startHashing(files []string) *hashing {
	h := &hashing{done: make(chan struct{})}
	known := map[string]string{}
	for _, f := range m.Data {
		known[f.Path] = f.SHA256
	}
	go func() {
		defer close(h.done)
		cache := openHashCache()
		for _, path := range files {
			sum, err := cache.hash(path, h.quit.Load)
			if was, ok := known[path]; ok && err == nil && sum != was {
				err = fmt.Errorf("%s is not the file that this run began with (its SHA-256 was %.12s..., now %.12s...); put the old one back, or start a new run", path, was, sum)
			}
			if err != nil {
				h.err.Store(&err)
				return
			}
			h.files = append(h.files, DataFile{Path: path, SHA256: sum})
		}
		cache.save()
	}()
	return h
}

// check returns the error of the hashing so far.
func (h *hashing) check() error {
	if err := h.err.Load(); err != nil {
		return *err
	}
	return nil
}

// wait returns all hashes.
func (h *hashing) wait() ([]DataFile, error) {
	<-h.done
	return h.files, h.check()
}

func (h *hashing) stop() {
	h.quit.Store(true)
	<-h.done
}

// hashFile returns the SHA-256 of a file, or of a sound inside the program.
func hashFile(path string, quit func() bool) (string, error) {
	f, err := datasets.OpenFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for !quit() {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", fmt.Errorf("hashing %s: %w", path, err)
		}
	}
	return "", fmt.Errorf("hashing %s was stopped", path)
}

func embedded(path string) bool { return strings.HasPrefix(path, datasets.EmbeddedPrefix) }
