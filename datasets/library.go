package datasets

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"

	"partials/audio"
)

// library is the files of a dataset, read as the recipe says: at one rate, in
// the channels chosen. What fits the memory is decoded once, when it is first
// read; all else is read from the files each time.
type library struct {
	reading Reading
	log     *slog.Logger
	rate    int // Hz, after settle

	recordings []*recording
	byPath     map[string]*recording
	kept       int64 // bytes of decoded sound that residents hold when all are loaded
	handles    handles
	scratch    sync.Pool // of *scratch
}

// recording is one file of a library. Its frames are counted at the library's
// rate.
type recording struct {
	lib      *library
	path     string
	files    []string // the path, as Fill returns it
	info     audio.Info
	channels int // after the choice
	frames   int

	get      func(dst [][]float32, at int) error // of a recording made of others, or nil
	band     int                                 // Hz that it is limited to once it is in memory; 0 for as it is
	resident bool                                // decoded into planes at the first read
	once     sync.Once
	planes   [][]float32
	err      error
}

func newLibrary(r Reading, log *slog.Logger) *library {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l := &library{reading: r, log: log, byPath: map[string]*recording{}}
	l.scratch.New = func() any { return &scratch{resamplers: map[int][]*audio.Resampler{}} }
	return l
}

// add reads the header of a file. A file added before is not added again.
func (l *library) add(path string) (*recording, error) {
	if r, ok := l.byPath[path]; ok {
		return r, nil
	}
	file, err := OpenAudio(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := &recording{lib: l, path: path, files: []string{path}, info: file.Info()}
	if r.channels, err = l.reading.channelsOf(r.info.Channels); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, w := range r.info.Warnings {
		l.log.Warn(w, "file", path)
	}
	l.recordings = append(l.recordings, r)
	l.byPath[path] = r
	return r, nil
}

// settle is called once, after all files were added: it decides the rate, and
// which files memory will hold.
func (l *library) settle() error {
	l.rate = l.reading.Rate
	if l.rate == 0 {
		l.rate = l.recordings[0].info.Rate
		if err := l.sameRate(); err != nil {
			return err
		}
	}
	budget := int64(l.reading.Memory) << 20
	for _, r := range l.recordings {
		frames := resampledFrames(r.info.Frames, r.info.Rate, l.rate)
		if frames > math.MaxInt/8 {
			return fmt.Errorf("%s: %d frames are more than can be counted at %d Hz", r.path, r.info.Frames, l.rate)
		}
		r.frames = int(frames)
		if _, err := audio.NewResampler(r.info.Rate, l.rate); err != nil {
			return fmt.Errorf("%s: %w", r.path, err)
		}
		if frames < budget { // so that the product below is small
			if bytes := 4 * frames * int64(r.channels); l.kept+bytes <= budget {
				r.resident = true
				l.kept += bytes
			}
		}
	}
	return nil
}

// sameRate reports the files whose rate is not that of the first.
func (l *library) sameRate() error {
	var odd []string
	for _, r := range l.recordings {
		if r.info.Rate != l.rate {
			odd = append(odd, fmt.Sprintf("%s (%d Hz)", r.path, r.info.Rate))
		}
	}
	if len(odd) == 0 {
		return nil
	}
	return fmt.Errorf("the files differ in rate: %s has %d Hz, but not %s; set rate to the one that all shall be resampled to",
		l.recordings[0].path, l.rate, listed(odd))
}

// paths are those of all files, in alphabetical order.
func (l *library) paths() []string {
	var p []string
	for _, r := range l.recordings {
		p = append(p, r.path)
	}
	slices.Sort(p)
	return p
}

func (l *library) close() error {
	l.handles.close()
	return nil
}

// listed names the first few of many.
func listed(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// seconds says where a sample is, in a sentence.
func (l *library) seconds(frame int) string { return inSeconds(frame, l.rate) }

func inSeconds(frame, rate int) string {
	return fmt.Sprintf("%.4g s", float64(frame)/float64(rate))
}

// read fills dst, one slice a channel, with the samples from at on. Samples
// before the first and behind the last are zeros.
func (r *recording) read(dst [][]float32, at int) error {
	n := len(dst[0])
	lo, hi := min(max(-at, 0), n), max(min(r.frames-at, n), 0)
	hi = max(lo, hi)
	for _, x := range dst {
		clear(x[:lo])
		clear(x[hi:])
	}
	if lo == hi {
		return nil
	}
	if r.get != nil {
		return r.get(parts(nil, dst, lo, hi), at+lo)
	}
	if !r.resident {
		s := r.lib.scratch.Get().(*scratch)
		defer r.lib.scratch.Put(s)
		s.part = parts(s.part, dst, lo, hi)
		return r.stream(s, s.part, at+lo)
	}
	r.once.Do(r.load)
	if r.err != nil {
		return r.err
	}
	for c, x := range dst {
		copy(x[lo:hi], r.planes[c][at+lo:])
	}
	return nil
}

// load decodes the whole file.
func (r *recording) load() {
	s := r.lib.scratch.Get().(*scratch)
	defer r.lib.scratch.Put(s)
	planes := make([][]float32, r.channels)
	for c := range planes {
		planes[c] = make([]float32, r.frames)
	}
	// In one go: where the rate changes, each call begins again at an input that an output falls on.
	if r.err = r.stream(s, planes, 0); r.err == nil {
		r.err = r.limitBand(planes)
	}
	if r.err == nil {
		r.planes = planes
	}
}

// limitBand takes everything above the band out of planes, by way of the rate
// that holds no more: what stays is neither late nor softer.
func (r *recording) limitBand(planes [][]float32) error {
	if r.band == 0 || 2*r.band >= r.lib.rate {
		return nil
	}
	for _, x := range planes {
		low, err := audio.Resample(x, r.lib.rate, 2*r.band)
		if err != nil {
			return err
		}
		whole, err := audio.Resample(low, 2*r.band, r.lib.rate)
		if err != nil {
			return err
		}
		clear(x[copy(x, whole):])
	}
	return nil
}

// eachBlock reads the recording from one sample to another, block by block.
func (r *recording) eachBlock(from, to int, f func(x [][]float32, at int) error) error {
	x := make([][]float32, r.channels)
	for c := range x {
		x[c] = make([]float32, min(blockFrames, max(to-from, 0)))
	}
	for at := from; at < to; at += blockFrames {
		x = parts(x, x, 0, min(blockFrames, to-at))
		if err := r.read(x, at); err != nil {
			return err
		}
		if err := f(x, at); err != nil {
			return err
		}
	}
	return nil
}

// stretch is the samples from one on up to another as a recording of its own.
func (r *recording) stretch(from, to int) *recording {
	return &recording{lib: r.lib, path: r.path, files: r.files, info: r.info, channels: r.channels, frames: to - from,
		get: func(dst [][]float32, at int) error { return r.read(dst, from+at) }}
}

// minus is what is left of a recording without another of the same length.
func (r *recording) minus(other *recording) *recording {
	return &recording{lib: r.lib, path: r.path, files: []string{r.path, other.path}, info: r.info, channels: r.channels, frames: r.frames,
		get: func(dst [][]float32, at int) error {
			less := planes(nil, len(dst), len(dst[0]))
			if err := other.read(less, at); err != nil {
				return err
			}
			if err := r.read(dst, at); err != nil {
				return err
			}
			addScaled(dst, less, -1)
			return nil
		}}
}

// parts sets dst to samples lo to hi of each channel of x.
func parts(dst, x [][]float32, lo, hi int) [][]float32 {
	dst = dst[:0]
	for _, c := range x {
		dst = append(dst, c[lo:hi])
	}
	return dst
}

// errChanged is wrapped by errors of files that are no longer what they were.
var errChanged = errors.New("the file has changed since the run began; put it back as it was and resume")

// acquire opens the file, or finds it open; what it holds must be what it was.
func (r *recording) acquire() (*handle, error) {
	h, err := r.lib.handles.acquire(r.path)
	if err != nil {
		return nil, fmt.Errorf("%w (it was there when the run began)", err)
	}
	if now := h.reader.Info(); now.Frames != r.info.Frames || now.Rate != r.info.Rate || now.Channels != r.info.Channels {
		r.lib.handles.release(h)
		return nil, fmt.Errorf("%s: it had %d frames of %d channels at %d Hz and now has %d of %d at %d Hz: %w", r.path,
			r.info.Frames, r.info.Channels, r.info.Rate, now.Frames, now.Channels, now.Rate, errChanged)
	}
	return h, nil
}

// readFile reads frames of the file, all its channels, and refuses what is no
// number.
func (r *recording) readFile(h *handle, dst [][]float32, frame int64) error {
	if _, err := h.reader.ReadAt(dst, frame); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%s: frames %d to %d are not there any more: %w", r.path, frame, frame+int64(len(dst[0])), errChanged)
		}
		return err
	}
	for c, x := range dst {
		for t, v := range x {
			if v-v != 0 { // NaN or infinite
				at := frame + int64(t)
				return fmt.Errorf("%s: sample %d of channel %d (at %.4g s) is %v; write the file again without it",
					r.path, at, c+1, float64(at)/float64(r.info.Rate), v)
			}
		}
	}
	return nil
}
