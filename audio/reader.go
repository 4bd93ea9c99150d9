package audio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Audio is a sound in memory: planar, so Channels[c][t] is frame t of channel c, full scale 1.
type Audio struct {
	Rate     int // Hz
	Channels [][]float32
}

// Frames returns the length of the sound in frames.
func (a *Audio) Frames() int {
	if len(a.Channels) == 0 {
		return 0
	}
	return len(a.Channels[0])
}

// source decodes one opened file. decode fills dst (one slice a channel, all of one length n) with frames
// [frame, frame+n), which the Reader has checked to lie inside the file. It must be safe for concurrent calls.
type source interface {
	decode(dst [][]float32, frame int64) error
}

// Reader reads any stretch of an opened sound file without loading the rest. Its methods may be called
// from several goroutines at once.
type Reader struct {
	name   string
	info   Info
	src    source
	closer io.Closer
}

// Open opens a WAV or FLAC file; the content decides which, not the name. The error names the file and the reason.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("audio: %s: not a regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	r, err := NewReader(path, f, st.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	r.closer = f
	return r, nil
}

// NewReader opens a WAV or FLAC file of size bytes held by r, such as a file of an embed.FS. The name is used in
// messages only. Closing the Reader does not close r.
func NewReader(name string, r io.ReaderAt, size int64) (*Reader, error) {
	head := make([]byte, min(max(size, 0), 12))
	if err := readFull(r, head, 0); err != nil {
		return nil, fmt.Errorf("audio: %s: %w", name, err)
	}
	var (
		src  source
		info Info
		err  error
	)
	switch {
	case len(head) == 0:
		err = errors.New("the file is empty")
	case isRIFF(head):
		src, info, err = openWAV(r, size)
	case bytes.HasPrefix(head, []byte("fLaC")), bytes.HasPrefix(head, []byte("ID3")):
		src, info, err = openFLAC(r, size)
	default:
		err = fmt.Errorf("%s; only WAV and FLAC are read", identify(head))
	}
	if err != nil {
		return nil, fmt.Errorf("audio: %s: %w", name, err)
	}
	return &Reader{name: name, info: info, src: src}, nil
}

// identify names the kind of file that starts with head, for an error message.
func identify(head []byte) string {
	for _, k := range []struct{ magic, name string }{
		{"OggS", "an Ogg file"}, {"FORM", "an AIFF file"}, {"riff", "a Sony Wave64 file"}, {".snd", "a Sun AU file"},
		{"caff", "a Core Audio file"}, {"\xff\xfb", "an MP3 file"}, {"\xff\xf3", "an MP3 file"},
		{"version http", "a Git LFS pointer, the sound itself was not downloaded"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return "this is " + k.name
		}
	}
	return fmt.Sprintf("not a sound file: it starts with %q", head)
}

// Info says what the file holds.
func (r *Reader) Info() Info { return r.info }

// Name returns the name that the Reader was opened with.
func (r *Reader) Name() string { return r.name }

// ReadAt fills dst, one slice a channel and all of one length, with the frames from the given one on. It returns
// the number of frames read; where the file ends sooner that is less than asked for and the error is io.EOF, as in io.ReaderAt.
func (r *Reader) ReadAt(dst [][]float32, frame int64) (n int, err error) {
	if len(dst) != r.info.Channels {
		return 0, fmt.Errorf("audio: %s: asked for %d channels of a file that has %d", r.name, len(dst), r.info.Channels)
	}
	want := len(dst[0])
	for _, ch := range dst {
		if len(ch) != want {
			return 0, fmt.Errorf("audio: %s: the channel slices differ in length (%d and %d)", r.name, want, len(ch))
		}
	}
	if frame < 0 {
		return 0, fmt.Errorf("audio: %s: asked for frame %d", r.name, frame)
	}
	n = int(min(int64(want), max(r.info.Frames-frame, 0)))
	if n > 0 {
		part := dst
		if n < want {
			part = make([][]float32, len(dst))
			for c := range dst {
				part[c] = dst[c][:n]
			}
		}
		if err := r.src.decode(part, frame); err != nil {
			return 0, fmt.Errorf("audio: %s: frames %d to %d: %w", r.name, frame, frame+int64(n), err)
		}
	}
	if n < want {
		return n, io.EOF
	}
	return n, nil
}

// Close closes the file that Open opened.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// ReadAll reads the whole sound.
func ReadAll(r *Reader) (*Audio, error) {
	a := &Audio{Rate: r.info.Rate, Channels: make([][]float32, r.info.Channels)}
	frames := r.info.Frames
	if frames > maxFramesInMemory/int64(r.info.Channels) {
		return nil, fmt.Errorf("audio: %s: %d frames of %d channels are too many to hold in memory; read them in parts", r.name, frames, r.info.Channels)
	}
	for c := range a.Channels {
		a.Channels[c] = make([]float32, frames)
	}
	if _, err := r.ReadAt(a.Channels, 0); err != nil {
		return nil, err
	}
	return a, nil
}

// maxFramesInMemory bounds what ReadAll allocates: 2^34 samples are 64 GiB.
const maxFramesInMemory = 1 << 34

// ReadFile reads the whole of a WAV or FLAC file.
func ReadFile(path string) (*Audio, Info, error) {
	r, err := Open(path)
	if err != nil {
		return nil, Info{}, err
	}
	defer r.Close()
	a, err := ReadAll(r)
	return a, r.Info(), err
}

// readFull fills b from offset off. A short read is io.ErrUnexpectedEOF: the size that was checked before was wrong.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
