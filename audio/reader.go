package audio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	f, size, err := openRegular(path)
	if err != nil {
		return nil, fmt.Errorf("audio: %s: %w", path, err)
	}
	r, err := NewReader(path, f, size)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.closer = f
	return r, nil
}

// openRegular opens a file that holds bytes, and returns their number. What kind it is is asked before it is opened: a
// named pipe would wait there for someone to write to it.
func openRegular(path string) (f *os.File, size int64, err error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
	case st.IsDir():
		return nil, 0, errors.New("this is a folder, not a sound file")
	case !st.Mode().IsRegular():
		return nil, 0, errors.New("not a regular file")
	default:
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, 0, withoutPath(err)
	}
	return f, st.Size(), nil
}

// withoutPath is an error of package os without its call and path, for messages that name the path themselves.
func withoutPath(err error) error {
	if inner := (*fs.PathError)(nil); errors.As(err, &inner) {
		return inner.Err
	}
	if inner := (*os.LinkError)(nil); errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// NewReader opens a WAV or FLAC file of size bytes held by r, such as a file of an embed.FS. The name is used in
// messages only. Closing the Reader does not close r.
func NewReader(name string, r io.ReaderAt, size int64) (*Reader, error) {
	src, info, err := openSource(r, size)
	if err != nil {
		return nil, fmt.Errorf("audio: %s: %w", name, err)
	}
	return &Reader{name: name, info: info, src: src}, nil
}

func openSource(r io.ReaderAt, size int64) (source, Info, error) {
	head, err := readHead(r, size)
	if err != nil {
		return nil, Info{}, err
	}
	tag := id3Size(head)
	if tag > 0 && tag < size { // the sound begins behind the tag
		r, size = io.NewSectionReader(r, tag, size-tag), size-tag
		if head, err = readHead(r, size); err != nil {
			return nil, Info{}, err
		}
	}
	switch {
	case len(head) == 0:
		return nil, Info{}, errors.New("the file is empty")
	case isRIFF(head):
		return openWAV(r, size)
	case bytes.HasPrefix(head, []byte("fLaC")):
		return openFLAC(r, size)
	case tag > 0:
		return nil, Info{}, errors.New("an ID3 tag with no WAV or FLAC behind it, so probably an MP3 file; only WAV and FLAC are read")
	}
	return nil, Info{}, fmt.Errorf("%s; only WAV and FLAC are read", identify(head))
}

// readHead reads the first bytes of a file, which tell its kind.
func readHead(r io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(max(size, 0), 12))
	return head, readFull(r, head, 0)
}

// id3Size returns the size of the ID3v2 tag that a file begins with, which some taggers put in front of any sound; 0 for none.
func id3Size(head []byte) int64 {
	if len(head) < 10 || string(head[:3]) != "ID3" {
		return 0
	}
	return 10 + int64(head[6]&127)<<21 + int64(head[7]&127)<<14 + int64(head[8]&127)<<7 + int64(head[9]&127)
}

// identify names the kind of file that starts with head, for an error message.
func identify(head []byte) string {
	for _, k := range []struct{ magic, name string }{
		{"OggS", "an Ogg file"}, {"FORM", "an AIFF file"}, {"riff", "a Sony Wave64 file"}, {".snd", "a Sun AU file"},
		{"caff", "a Core Audio file"}, {"\xff\xfb", "an MP3 file"}, {"\xff\xf3", "an MP3 file"}, {"\xff\xfa", "an MP3 file"},
		{"\xff\xf1", "an AAC file"}, {"wvpk", "a WavPack file"}, {"Creative Voice"[:12], "a Creative Voice file"}, {"MThd", "a MIDI file"},
		{"version http", "a Git LFS pointer, the sound itself was not downloaded"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return "this is " + k.name
		}
	}
	switch {
	case len(head) >= 8 && string(head[4:8]) == "ftyp":
		return "this is an MP4 or M4A file"
	case bytes.HasPrefix(head, []byte("RIFF")) && len(head) == 12:
		return fmt.Sprintf("this is a RIFF file of %q, not of WAVE", head[8:12])
	case bytes.HasPrefix(head, []byte("RIFF")), bytes.HasPrefix([]byte("RIFF"), head):
		return "the file ends inside its header"
	case len(bytes.Trim(head, "\x00")) == 0:
		return "not a sound file: it starts with zeros"
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
