package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"partials/datasets"
)

// hashing computes the hashes of a run's data beside the training, and notices
// files that change while the run reads them.
type hashing struct {
	quit  atomic.Bool
	done  chan struct{}
	began []os.FileInfo // of the files on disk, when the run began or went on
	paths []string      // of those

	mu    sync.Mutex
	files []dataFile // hashed so far
	err   error
}

// startHashing hashes the files in the background and compares them with the
// manifest's, where a run goes on that already has some.
func (m *manifest) startHashing(files []string) *hashing {
	h := &hashing{done: make(chan struct{})}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			h.began, h.paths = append(h.began, info), append(h.paths, path)
		}
	}
	known := map[string]string{}
	for _, f := range m.Data {
		known[f.Path] = f.SHA256
	}
	go func() {
		defer close(h.done)
		cache := openHashCache()
		defer cache.save()
		for _, path := range files {
			sum, err := cache.hash(path, h.quit.Load)
			if h.quit.Load() {
				return
			}
			if was, ok := known[path]; ok && err == nil && sum != was {
				err = fmt.Errorf("%w; put the old one back, or start a new run", otherFile(path, was, sum))
			}
			if h.add(dataFile{path, sum}, err); err != nil {
				return
			}
		}
	}()
	return h
}

func (h *hashing) add(f dataFile, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err = err; err == nil {
		h.files = append(h.files, f)
	}
}

// check returns the error of the hashing so far.
func (h *hashing) check() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// merge adds the hashes so far to those that a manifest has.
func (h *hashing) merge(have []dataFile) []dataFile {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := map[string]bool{}
	for _, f := range have {
		known[f.Path] = true
	}
	all := slices.Clone(have)
	for _, f := range h.files {
		if !known[f.Path] {
			all = append(all, f)
		}
	}
	return all
}

// unchanged reports files whose size or time of change is not what it was.
func (h *hashing) unchanged() error {
	for i, path := range h.paths {
		now, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("the run's data: %w", err)
		}
		if was := h.began[i]; now.Size() != was.Size() || !now.ModTime().Equal(was.ModTime()) {
			return fmt.Errorf("%s changed while the run was reading it; put the old file back and resume, or start a new run", path)
		}
	}
	return nil
}

// wait returns all hashes.
func (h *hashing) wait(ctx context.Context) ([]dataFile, error) {
	select {
	case <-h.done:
		return h.files, h.check()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *hashing) stop() {
	h.quit.Store(true)
	<-h.done
}

// checkData compares the data's hashes with those in the manifest.
func (m *manifest) checkData(ctx context.Context) error {
	cache := openHashCache()
	defer cache.save()
	for _, f := range m.Data {
		sum, err := cache.hash(f.Path, func() bool { return ctx.Err() != nil })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("the run's data: %w", err)
		}
		if sum != f.SHA256 {
			return otherFile(f.Path, f.SHA256, sum)
		}
	}
	return nil
}

// otherFile says that a file is not what it was.
func otherFile(path, was, is string) error {
	return fmt.Errorf("%s is not the file that the run was made with (SHA-256 %.12s..., then %.12s...)", path, is, was)
}

// never is for hashes that nobody stops.
func never() bool { return false }

// hashFile returns the SHA-256 of a file, or of a sound inside the program. It
// stops where quit says so.
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
