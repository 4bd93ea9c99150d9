package audio

import "fmt"

// Resampler changes the sample rate of one channel that arrives in blocks. Aliases and images are at least 120 dB down,
// the response is flat to 0.01 dB up to 0.9 of the lower Nyquist rate, output m belongs to the time m/to exactly, and
// the cut into blocks changes no bit. Memory depends on the ratio of the rates only (and not on their terms); time per
// output is 170 multiplications, times from/to where the rate falls, times 4 for ratios with very many phases.
type Resampler struct {
	bank *filterBank // nil: equal rates, a copy

	buf    []float32 // input samples that are still needed, the first is number bufAt
	bufAt  int64
	at     int64 // whole part of the input position of the next output
	phase  int   // and the rest, in parts of bank.up
	closed bool
}

// NewResampler makes a Resampler between two rates in Hz. Their ratio must be below 1024.
func NewResampler(from, to int) (*Resampler, error) {
	r := &Resampler{}
	if from != to || from < 1 {
		bank, err := newFilterBank(from, to)
		if err != nil {
			return nil, err
		}
		r.bank = bank
	}
	r.Reset()
	return r, nil
}

// Reset starts a new signal.
func (r *Resampler) Reset() {
	*r = Resampler{bank: r.bank, buf: r.buf[:0]}
	if r.bank != nil {
		before := r.bank.taps/2 - 1
		r.buf, r.bufAt = append(r.buf, make([]float32, before)...), int64(-before)
	}
}

// feedFrames bounds what Process holds of a long block at once.
const feedFrames = 1 << 13

// Process takes the next input samples and appends to dst the outputs that they complete. The last ones, about
// 85 samples of the lower rate, wait for more input or for Flush.
func (r *Resampler) Process(dst, src []float32) []float32 {
	if r.closed {
		panic("audio: Resampler.Process after Flush; call Reset first")
	}
	if r.bank == nil {
		return append(dst, src...)
	}
	for len(src) > 0 {
		n := min(len(src), feedFrames)
		r.buf = append(r.buf, src[:n]...)
		src = src[n:]
		dst = r.drain(dst)
	}
	return dst
}

// Flush ends the signal: it appends the remaining outputs to dst, so that n inputs have given ceil(n*to/from) outputs.
func (r *Resampler) Flush(dst []float32) []float32 {
	if r.closed || r.bank == nil {
		r.closed = true
		return dst
	}
	r.closed = true
	// As many zeros as taps lie behind the middle: they complete the outputs up to the last input, and none beyond.
	r.buf = append(r.buf, make([]float32, r.bank.taps/2)...)
	return r.drain(dst)
}

// drain makes the outputs whose window lies in buf, then drops the input that none needs any more.
func (r *Resampler) drain(dst []float32) []float32 {
	b := r.bank
	whole, rest := int64(b.down/b.up), b.down%b.up
	for {
		start := r.at - int64(b.taps/2-1) - r.bufAt
		if start+int64(b.taps) > int64(len(r.buf)) {
			break
		}
		dst = append(dst, b.output(r.buf[start:start+int64(b.taps)], r.phase))
		r.at += whole
		if r.phase += rest; r.phase >= b.up {
			r.phase -= b.up
			r.at++
		}
	}
	drop := min(r.at-int64(b.taps/2-1)-r.bufAt, int64(len(r.buf)))
	r.buf = r.buf[:copy(r.buf, r.buf[drop:])]
	r.bufAt += drop
	return dst
}

// outputLen is ceil(n*up/down), where the product may pass 64 bits.
func outputLen(n int64, up, down int) int64 {
	whole, rest := n/int64(down), n%int64(down)
	return whole*int64(up) + (rest*int64(up)+int64(down)-1)/int64(down)
}

// Resample changes the sample rate of a whole signal from one rate to another, in Hz; see Resampler. The result has
// ceil(len(x)*to/from) samples.
func Resample(x []float32, from, to int) ([]float32, error) {
	r, err := NewResampler(from, to)
	if err != nil {
		return nil, err
	}
	n := int64(len(x))
	if r.bank != nil {
		if n = outputLen(n, r.bank.up, r.bank.down); n > maxFramesInMemory {
			return nil, fmt.Errorf("audio: resampling %d samples from %d Hz to %d Hz makes too many to hold in memory; use a Resampler", len(x), from, to)
		}
	}
	return r.Flush(r.Process(make([]float32, 0, n), x)), nil
}

// Resample returns the sound at another rate in Hz.
func (a *Audio) Resample(rate int) (*Audio, error) {
	out := &Audio{Rate: rate, Channels: make([][]float32, len(a.Channels))}
	for c, x := range a.Channels {
		y, err := Resample(x, a.Rate, rate)
		if err != nil {
			return nil, err
		}
		out.Channels[c] = y
	}
	return out, nil
}
