package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Verified is what became of a file that a run's manifest has the hash of.
type Verified struct {
	Path  string `json:"path"`
	Role  string `json:"role"`  // data, init, run
	State string `json:"state"` // same, changed, missing
	Was   string `json:"was"`   // SHA-256
	Is    string `json:"is,omitempty"`
}

// The states of a verified file.
const (
	stateSame    = "same"
	stateChanged = "changed"
	stateMissing = "missing"
)

// OK says whether the file is what it was.
func (v Verified) OK() bool { return v.State == stateSame }

// Verify reads every file that the run's manifest has a hash of, the data and
// what the run made, and compares. complete is false for a run that did not
// finish: what it made has no hashes yet, and its data may lack some.
func Verify(ctx context.Context, dir Dir) (files []Verified, complete bool, err error) {
	man, err := readManifest(dir)
	if err != nil {
		return nil, false, err
	}
	check := func(role, path, shown, was string) error {
		v := Verified{Path: shown, Role: role, State: stateSame, Was: was}
		v.Is, err = hashFile(path, func() bool { return ctx.Err() != nil })
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			v.State = stateMissing
		case err != nil:
			return err
		case v.Is != was:
			v.State = stateChanged
		}
		files = append(files, v)
		return nil
	}
	if f := man.Init; f != nil {
		if err := check("init", f.Path, f.Path, f.SHA256); err != nil {
			return nil, false, err
		}
	}
	for _, f := range man.Data {
		if err := check("data", f.Path, f.Path, f.SHA256); err != nil {
			return nil, false, err
		}
	}
	for _, f := range man.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, false, fmt.Errorf("%s names a file outside of the run's folder: %q", dir.path(manifestFile), f.Path)
		}
		if err := check("run", dir.path(f.Path), dir.path(f.Path), f.SHA256); err != nil {
			return nil, false, err
		}
	}
	return files, len(man.Files) > 0, nil
}

// made are the hashes of the files that a finished run consists of, by their
// paths in its folder. The manifest itself, the logs and the lock are not among
// them: they may go on to change.
func (d Dir) made() ([]dataFile, error) {
	paths := []string{configFile, metricsFile, reportFile}
	for _, folder := range []string{filepath.Dir(lastFile), plotsDir, audioDir} {
		entries, err := os.ReadDir(d.path(folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !halfWritten(e.Name()) {
				paths = append(paths, folder+"/"+e.Name())
			}
		}
	}
	slices.Sort(paths)
	var files []dataFile
	for _, path := range paths {
		sum, err := hashFile(d.path(path), never)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, dataFile{path, sum})
	}
	return files, nil
}
