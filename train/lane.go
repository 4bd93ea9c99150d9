package train

import (
	"fmt"

	"partials/audio"
	"partials/autograd"
)

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
