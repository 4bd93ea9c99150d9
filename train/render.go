package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"partials/audio"
)

// RenderOptions say how Render plays.
type RenderOptions struct {
	Format audio.Format // of the written samples
	Raw    *RawSamples  // what comes and goes has no header; nil for WAV
	Stdin  io.Reader    // what the input "-" stands for
	Stdout io.Writer    // what the output "-" stands for

	Device    string             // to run on; empty for the run's own
	Controls  map[string]float64 // where the knobs stand, all that the model knows
	Size      *float64           // which model of several sizes, from 0 to 1; nil for the largest
	Overrides []string           // of the recipe's model, as in model.post_filter=0.02
	Block     int                // frames of the input that the model is given at once; 0 for as many as keep it busy
	Live      bool               // measure how long each block takes
}

// RawSamples are interleaved little-endian samples without a header.
type RawSamples struct {
	Rate, Channels int
	Format         audio.Format
}

// Rendering says what Render did.
type Rendering struct {
	Frames    int64 // played
	Rate      int   // of what went in and came out
	ModelRate int
	Channels  int           // of what came out
	Latency   int           // samples at the model's rate, taken out again
	Clipped   int64         // samples above full scale, held at it
	Took      time.Duration // of the whole
	Warnings  []string      // about the input
	Notes     []string      // about the model
	Live      *LiveTiming   // where it was asked for
}

// source is sound that arrives in order.
type source interface {
	Info() audio.Info
	Name() string
	// Read fills dst with the next frames, at least one, or returns io.EOF.
	Read(dst [][]float32) (n int, err error)
}

// sink takes sound in order.
type sink interface {
	Write(block [][]float32) error
	Clipped() int64
}

// Render plays sound through the model of a run, or of a .nam file, in blocks,
// so that a sound of any length needs no more memory than a short one: from a
// file, or standard input where in is "-", to a file, to standard output where
// out is "-", or nowhere where out is empty. Sound of another rate is resampled
// on the way in and back on the way out. The output is as long as the input and
// the model's latency is taken out.
func Render(ctx context.Context, path, in, out string, ro RenderOptions, o Options) (res *Rendering, err error) {
	begin := time.Now()
	for _, x := range ro.Overrides {
		if !strings.HasPrefix(x, "model.") || IsModelFile(path) {
			return nil, fmt.Errorf("%s does not change the model of a run, and nothing else matters here; write it as in model.post_filter=0.02", x)
		}
	}
	p, err := o.open(path, ro.Device, ro.Size, ro.Overrides)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if err := p.SetControls(ro.Controls); err != nil {
		return nil, err
	}
	src, err := ro.open(in, out)
	if err != nil {
		return nil, err
	}
	if c, ok := src.(io.Closer); ok {
		defer c.Close()
	}
	info := src.Info()
	lanes, err := newLanes(p, info)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.Name(), err)
	}
	channels := len(lanes) * p.Outputs
	dst, finish, err := ro.create(out, info.Rate, channels)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, finish(err)) }()
	block := evaluateBlock
	if ro.Block > 0 {
		block = ro.Block
	}
	r := &renderer{src: src, dst: dst, lanes: lanes, queue: make([][]float32, channels), block: planes(info.Channels, block)}
	if ro.Live {
		for _, l := range lanes {
			if err := l.warm(block); err != nil {
				return nil, plain(err)
			}
		}
		r.timing = newLiveTiming(block, info.Rate)
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	return &Rendering{Frames: r.read, Rate: info.Rate, ModelRate: p.Rate, Channels: channels, Latency: p.Latency(),
		Clipped: dst.Clipped(), Took: time.Since(begin), Warnings: src.Info().Warnings, Notes: p.Notes, Live: r.timing.result()}, nil
}

// standard is the name of standard input and output.
const standard = "-"

// open opens what is to be played.
func (ro RenderOptions) open(in, out string) (source, error) {
	if in != standard {
		if out != "" && out != standard && sameFile(in, out) {
			return nil, fmt.Errorf("%s would be written over by its own output; give the output another name", in)
		}
		if ro.Raw != nil {
			f, err := os.Open(in)
			if err != nil {
				return nil, err
			}
			s, err := audio.NewRawStream(in, f, ro.Raw.Rate, ro.Raw.Channels, ro.Raw.Format)
			if err != nil {
				return nil, errors.Join(err, f.Close())
			}
			return rawFile{s, f}, nil
		}
		r, err := audio.Open(in)
		if err != nil {
			return nil, err
		}
		return &wholeFile{Reader: r}, nil
	}
	if ro.Raw != nil {
		return audio.NewRawStream("standard input", ro.Stdin, ro.Raw.Rate, ro.Raw.Channels, ro.Raw.Format)
	}
	return audio.NewStream("standard input", ro.Stdin)
}

// rawFile is a file of raw samples.
type rawFile struct {
	*audio.Stream
	io.Closer
}

// wholeFile is a file, read from its start to its end.
type wholeFile struct {
	*audio.Reader
	at int64
}

func (f *wholeFile) Read(dst [][]float32) (int, error) {
	n, err := f.ReadAt(dst, f.at)
	f.at += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// create makes ready for what comes out. finish completes it, or after an error
// leaves nothing behind where that can be done.
func (ro RenderOptions) create(out string, rate, channels int) (dst sink, finish func(error) error, err error) {
	switch out {
	case "":
		return nowhere{}, func(error) error { return nil }, nil
	case standard:
		pipe, err := audio.NewPipe("standard output", ro.Stdout, rate, channels, ro.Format, ro.Raw != nil)
		return pipe, func(error) error { return nil }, err
	}
	w, err := audio.Create(out, rate, channels, ro.Format)
	if err != nil {
		return nil, nil, err
	}
	return w, func(err error) error {
		if err != nil {
			w.Abort()
			return nil
		}
		return w.Close()
	}, nil
}

// nowhere is a sink for what is only measured.
type nowhere struct{}

func (nowhere) Write([][]float32) error { return nil }
func (nowhere) Clipped() int64          { return 0 }

// sameFile says whether two paths lead to one file that exists.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// renderer plays all of a source through the lanes into a sink.
type renderer struct {
	src    source
	dst    sink
	lanes  []*lane
	block  [][]float32 // of the source's channels
	queue  [][]float32 // finished samples by output channel
	read   int64       // frames
	left   int64       // of them, that are still to be written
	timing *LiveTiming // nil where nothing is measured
}

func (r *renderer) run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.src.Read(r.block)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		x := upTo(r.block, n)
		if err := allFinite(x, r.read); err != nil {
			return fmt.Errorf("%s: %w", r.src.Name(), err)
		}
		r.read += int64(n)
		r.left += int64(n)
		start := time.Now()
		if err := r.play(x, false); err != nil {
			return err
		}
		r.timing.add(n, time.Since(start))
		if err := r.write(); err != nil {
			return err
		}
	}
	if err := r.play(planes(len(r.block), 0), true); err != nil {
		return err
	}
	return r.write()
}

// play plays a block through all lanes.
func (r *renderer) play(x [][]float32, end bool) error {
	for i, l := range r.lanes {
		if err := l.play(x, r.queue[i*len(l.dst):(i+1)*len(l.dst)], end); err != nil {
			return err
		}
	}
	return nil
}

// write hands on what all channels have, no more than was read.
func (r *renderer) write() error {
	n := len(r.queue[0])
	for _, q := range r.queue {
		n = min(n, len(q))
	}
	n = int(min(int64(n), r.left))
	if n == 0 {
		return nil
	}
	if err := r.dst.Write(upTo(r.queue, n)); err != nil {
		return err
	}
	r.left -= int64(n)
	for c, q := range r.queue {
		r.queue[c] = append(q[:0], q[n:]...)
	}
	return nil
}

// allFinite refuses a sample that is no number: through a model with a memory
// it would spoil all that follows.
func allFinite(block [][]float32, at int64) error {
	for c, x := range block {
		for i, v := range x {
			if !isFinite(float64(v)) {
				return fmt.Errorf("sample %d of channel %d is %v; write the file again without it", at+int64(i), c+1, v)
			}
		}
	}
	return nil
}
