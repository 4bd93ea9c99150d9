package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Dir is a run's folder.
type Dir string

// The files of a run, relative to its folder.
const (
	configFile   = "config.yaml"
	manifestFile = "manifest.json"
	metricsFile  = "metrics.jsonl"
	timingFile   = "timing.jsonl"
	logFile      = "log.jsonl"
	lockFile     = "lock"
	reportFile   = "report.html"
	lastFile     = "checkpoints/last.safetensors"
	bestFile     = "checkpoints/best.safetensors"
	plotsDir     = "plots"
	audioDir     = "audio"
	exportDir    = "export"
)

// mixesDir is where validation mixes are kept, in the folder of all runs: runs
// that are measured on the same mix share one.
const mixesDir = "mixes"

func (d Dir) path(name string) string { return filepath.Join(string(d), filepath.FromSlash(name)) }

// Report is the path of the run's page.
func (d Dir) Report() string { return d.path(reportFile) }

// Name is the run's name, the last part of its folder.
func (d Dir) Name() string { return filepath.Base(string(d)) }

// weights is the path of the run's best weights, or of its last where none
// were validated.
func (d Dir) weights() (string, error) {
	for _, name := range []string{bestFile, lastFile} {
		if path := existing(d.path(name)); path != "" {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s has no weights yet: there is no %s", d, d.path(lastFile))
}

// newDir makes the folder of a new run: runsDir/name, or name-2, name-3, ...
// where that is taken.
func newDir(runsDir, name string) (Dir, error) {
	if err := os.MkdirAll(filepath.Clean(runsDir), 0o777); err != nil {
		return "", fmt.Errorf("making the folder of all runs: %w", err)
	}
	for i := 1; ; i++ {
		path := filepath.Join(runsDir, name)
		if i > 1 {
			path += "-" + strconv.Itoa(i)
		}
		err := os.Mkdir(path, 0o777)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("making the run's folder: %w", err)
		}
		for _, sub := range []string{filepath.Dir(lastFile), plotsDir, audioDir} {
			if err := os.Mkdir(filepath.Join(path, sub), 0o777); err != nil {
				return "", fmt.Errorf("making the run's folder: %w", err)
			}
		}
		return Dir(path), nil
	}
}

// OpenDir finds a run: path is a run's folder, or its name inside runsDir.
func OpenDir(path, runsDir string) (Dir, error) {
	for _, p := range []string{path, filepath.Join(runsDir, path)} {
		if _, err := os.Stat(filepath.Join(p, configFile)); err == nil {
			return Dir(p), nil
		}
	}
	return "", fmt.Errorf("%s is not a run: there is no %s, nor %s",
		path, filepath.Join(path, configFile), filepath.Join(runsDir, path, configFile))
}

// ListDirs returns the runs in runsDir, in alphabetical order.
func ListDirs(runsDir string) ([]Dir, error) {
	entries, err := os.ReadDir(runsDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the runs: %w", err)
	}
	var dirs []Dir
	for _, e := range entries {
		d := Dir(filepath.Join(runsDir, e.Name()))
		if _, err := os.Stat(d.path(configFile)); err == nil {
			dirs = append(dirs, d)
		}
	}
	return dirs, nil
}

// sweep removes the files that a kill left half written: those of this package,
// of plots and of audio.
func (d Dir) sweep() error {
	for _, folder := range []string{".", filepath.Dir(lastFile), plotsDir, audioDir} {
		entries, err := os.ReadDir(d.path(folder))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if !halfWritten(e.Name()) {
				continue
			}
			if err := os.Remove(filepath.Join(d.path(folder), e.Name())); err != nil {
				return fmt.Errorf("removing what a kill left: %w", err)
			}
		}
	}
	return nil
}

func halfWritten(name string) bool {
	return strings.HasPrefix(name, ".partials-") || strings.HasPrefix(name, ".tmp-") ||
		strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp")
}

// writeAtomically replaces the file at path by data: written aside, synced and
// renamed, so that a reader, or a machine that loses power, finds the old file
// or the new one and never half of one.
func writeAtomically(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".partials-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			_ = os.Remove(f.Name()) // what went wrong before is the news
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil { // CreateTemp gives 0600
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename in dir last. Systems that cannot sync a folder do
// not need it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrPermission) && !errors.Is(err, os.ErrInvalid) {
		return err
	}
	return nil
}
