package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"partials/audio"
	"partials/autograd"
)

// RenderOptions say how Render plays.
type RenderOptions struct {
	Format   audio.Format       // of the written samples
	Device   string             // to run on; empty for the run's own
	Controls map[string]float64 // where the knobs stand, all that the model knows
	Size     *float64           // which model of several sizes, from 0 to 1; nil for the largest
}

// Rendering says what Render did.
type Rendering struct {
	Frames    int64 // of the written file
	Rate      int   // of both files
	ModelRate int
	Channels  int
	Clipped   int64         // samples above full scale, held at it
	Took      time.Duration // of the whole
	Warnings  []string      // about the input file
	Notes     []string      // about the model
}

// Render plays a sound file through the model of a run, or of a .nam file, and
// writes the result, in blocks, so that a file of any length needs no more memory than a short one.
// A file of another rate is resampled on the way in and back on the way out.
// The output is as long as the input and the model's latency is taken out.
func Render(ctx context.Context, path, in, out string, ro RenderOptions, o Options) (res *Rendering, err error) {
	begin := time.Now()
	p, err := o.open(path, ro.Device, ro.Size)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if err := p.SetControls(ro.Controls); err != nil {
		return nil, err
	}
	if sameFile(in, out) {
		return nil, fmt.Errorf("%s would be written over by its own output; give the output another name", in)
	}
	src, err := audio.Open(in)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	info := src.Info()
	lanes, err := newLanes(p, info)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in, err)
	}
	channels := len(lanes) * p.Outputs
	dst, err := audio.Create(out, info.Rate, channels, ro.Format)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			dst.Abort()
		}
	}()
	if err := renderTo(ctx, dst, src, lanes); err != nil {
		return nil, err
	}
	if err := dst.Close(); err != nil {
		return nil, err
	}
	return &Rendering{Frames: info.Frames, Rate: info.Rate, ModelRate: p.Rate, Channels: channels,
		Clipped: dst.Clipped(), Took: time.Since(begin), Warnings: info.Warnings, Notes: p.Notes}, nil
}

// sameFile says whether two paths lead to one file that exists.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// lane is a way through the model for one group of the file's channels, with a
// past of its own: a stereo file goes through a mono model channel by channel.
type lane struct {
	stream   *voice
	first    int                // channel of the file; the group has as many as the model has inputs
	in, out  []*audio.Resampler // a channel each; empty at the model's rate
	skip     int                // samples still to be dropped: the model's latency
	src, dst [][]float32        // at the model's rate, of the current block
}

// newLanes divides the file's channels among lanes.
func newLanes(p *Player, info audio.Info) ([]*lane, error) {
	if info.Channels%p.Inputs != 0 {
		return nil, fmt.Errorf("it has %d channels, which cannot be shared out to a model of %d", info.Channels, p.Inputs)
	}
	var lanes []*lane
	for first := 0; first < info.Channels; first += p.Inputs {
		l := &lane{first: first, stream: p.fresh(), skip: p.Latency(),
			src: make([][]float32, p.Inputs), dst: make([][]float32, p.Outputs)}
		if info.Rate != p.Rate {
			for range p.Inputs {
				r, err := audio.NewResampler(info.Rate, p.Rate)
				if err != nil {
					return nil, err
				}
				l.in = append(l.in, r)
			}
			for range p.Outputs {
				r, err := audio.NewResampler(p.Rate, info.Rate)
				if err != nil {
					return nil, err
				}
				l.out = append(l.out, r)
			}
		}
		lanes = append(lanes, l)
	}
	return lanes, nil
}

// renderTo plays all of src through the lanes into dst.
func renderTo(ctx context.Context, dst *audio.Writer, src *audio.Reader, lanes []*lane) error {
	info := src.Info()
	block := planes(info.Channels, evaluateBlock)
	queue := make([][]float32, len(lanes)*len(lanes[0].dst)) // finished samples by output channel
	left := info.Frames                                      // still to be written
	write := func() error {
		n := len(queue[0])
		for _, q := range queue {
			n = min(n, len(q))
		}
		n = int(min(int64(n), left))
		if err := dst.Write(upTo(queue, n)); err != nil {
			return err
		}
		left -= int64(n)
		for c, q := range queue {
			queue[c] = append(q[:0], q[n:]...)
		}
		return nil
	}
	for at := int64(0); at < info.Frames; at += evaluateBlock {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := src.ReadAt(block, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := allFinite(upTo(block, n), at); err != nil {
			return fmt.Errorf("%s: %w", src.Name(), err)
		}
		for i, l := range lanes {
			if err := l.play(upTo(block, n), queue[i*len(l.dst):(i+1)*len(l.dst)], false); err != nil {
				return err
			}
		}
		if err := write(); err != nil {
			return err
		}
	}
	for i, l := range lanes {
		if err := l.play(planes(info.Channels, 0), queue[i*len(l.dst):(i+1)*len(l.dst)], true); err != nil {
			return err
		}
	}
	return write()
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

// play takes a block of the file's channels and appends what is finished to
// queue. At the end of the file it feeds the model silence for its latency.
func (l *lane) play(block, queue [][]float32, end bool) error {
	for c := range l.src {
		x := block[l.first+c]
		l.src[c] = l.src[c][:0]
		switch {
		case len(l.in) == 0:
			l.src[c] = append(l.src[c], x...)
		case end:
			l.src[c] = l.in[c].Flush(l.src[c])
		default:
			l.src[c] = l.in[c].Process(l.src[c], x)
		}
		if end {
			l.src[c] = append(l.src[c], make([]float32, l.stream.Latency())...)
		}
	}
	n := len(l.src[0])
	for c := range l.dst {
		l.dst[c] = grow(l.dst[c], n)
	}
	if err := autograd.Catch(func() { l.stream.Process(l.dst, l.src) }); err != nil {
		return plain(err)
	}
	drop := min(l.skip, n)
	l.skip -= drop
	for c, y := range l.dst {
		if y = y[drop:]; len(l.out) == 0 {
			queue[c] = append(queue[c], y...)
		} else {
			queue[c] = l.out[c].Process(queue[c], y)
			if end {
				queue[c] = l.out[c].Flush(queue[c])
			}
		}
	}
	return nil
}

// grow returns x with n elements of any value.
func grow(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}
