package datasets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"partials/audio"
	"partials/datasets/embedded"
)

// EmbeddedPrefix begins the paths of sounds inside the program, as in
// embedded:amp/input.wav.
const EmbeddedPrefix = "embedded:"

// File is an open file of a dataset: on disk or inside the program.
type File interface {
	io.ReadCloser
	io.ReaderAt
	Size() int64 // bytes
}

type sizedFile struct {
	readerFile
	size int64
}

type readerFile interface {
	fs.File
	io.ReaderAt
}

// Size returns the number of bytes.
func (f sizedFile) Size() int64 { return f.size }

// OpenFile opens the file at a path, or one inside the program where the path
// begins with EmbeddedPrefix.
func OpenFile(name string) (File, error) {
	var f fs.File
	var err error
	if inner, ok := strings.CutPrefix(name, EmbeddedPrefix); ok {
		f, err = embedded.FS.Open(inner)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			return nil, fmt.Errorf("%s: no such sound inside the program; there are %s", name, strings.Join(embeddedSounds(), ", "))
		}
	} else {
		f, err = os.Open(name)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", name)
	}
	r, ok := f.(readerFile)
	if err == nil && !ok {
		err = fmt.Errorf("%s: a file that cannot be read at any place", name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return sizedFile{r, info.Size()}, nil
}

// OpenAudio opens the WAV or FLAC file at a path as OpenFile does. The caller
// closes the Reader.
func OpenAudio(name string) (*audio.Reader, error) {
	if !strings.HasPrefix(name, EmbeddedPrefix) {
		return audio.Open(name)
	}
	f, err := OpenFile(name)
	if err != nil {
		return nil, err
	}
	return audio.NewReader(name, f, f.Size()) // its bytes are the program's own: nothing to close
}

// embeddedSounds lists the sounds inside the program.
func embeddedSounds() []string {
	var names []string
	_ = fs.WalkDir(embedded.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".wav" {
			names = append(names, EmbeddedPrefix+name)
		}
		return err
	})
	return names
}

// absolute makes a path absolute; a relative one begins at dir, or at the
// working directory where dir is empty.
func absolute(dir, name string) string {
	if name == "" || strings.HasPrefix(name, EmbeddedPrefix) {
		return name
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name // the working directory is gone: opening the file will say so
}

func absoluteAll(dir string, names []string) []string {
	out := slices.Clone(names)
	for i := range out {
		out[i] = absolute(dir, out[i])
	}
	return out
}

// expand replaces the names that are globs by the files that match, in
// alphabetical order. A name that is a file's stands for it, whatever it holds.
func expand(field string, names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		if name == "" {
			return nil, fmt.Errorf("%s: a name in it is empty; it must be a WAV or FLAC file", field)
		}
		if _, err := os.Stat(name); err == nil || strings.HasPrefix(name, EmbeddedPrefix) || !strings.ContainsAny(name, "*?[") {
			out = append(out, name)
			continue
		}
		matches, err := filepath.Glob(name)
		if err != nil {
			return nil, fmt.Errorf("%s: in the pattern %s a [ is not closed, or a \\ stands at its end: %w", field, name, err)
		}
		if len(matches) == 0 {
			return nil, fmt.Errorf("%s: no file matches %s", field, name)
		}
		out = append(out, matches...)
	}
	return out, nil
}
