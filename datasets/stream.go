package datasets

import "partials/audio"

// blockFrames is how many frames are read at once from a file: enough that
// calls cost nothing, little enough to bound memory.
const blockFrames = 1 << 14

// scratch is the working memory of one reader at a time.
type scratch struct {
	part       [][]float32                // of the caller's channels
	file       [][]float32                // a block of the file, all channels
	chosen     [][]float32                // the same, the channels chosen
	out        []float32                  // a resampled block
	resamplers map[int][]*audio.Resampler // by the file's rate, one a channel
}

// planes sets p to n samples of each of some channels, not cleared.
func planes(p [][]float32, channels, n int) [][]float32 {
	for len(p) < channels {
		p = append(p, nil)
	}
	p = p[:channels]
	for c := range p {
		if cap(p[c]) < n {
			p[c] = make([]float32, n)
		}
		p[c] = p[c][:n]
	}
	return p
}

// stream reads samples of the file, all inside it, without keeping any.
func (r *recording) stream(s *scratch, dst [][]float32, at int) error {
	h, err := r.acquire()
	if err != nil {
		return err
	}
	defer r.lib.handles.release(h)
	if r.info.Rate != r.lib.rate {
		return r.resample(s, h, dst, at)
	}
	if r.channels == r.info.Channels {
		return r.readFile(h, dst, int64(at))
	}
	n := len(dst[0])
	for t := 0; t < n; t += blockFrames {
		m := min(blockFrames, n-t)
		if err := r.block(s, h, int64(at+t), m); err != nil {
			return err
		}
		for c := range dst {
			copy(dst[c][t:], s.chosen[c])
		}
	}
	return nil
}

// block reads m frames of the file into s.chosen.
func (r *recording) block(s *scratch, h *handle, frame int64, m int) error {
	s.file = planes(s.file, r.info.Channels, m)
	if err := r.readFile(h, s.file, frame); err != nil {
		return err
	}
	s.chosen = planes(s.chosen, r.channels, m)
	r.lib.reading.choose(s.chosen, s.file)
	return nil
}

// resample reads samples at the library's rate. A resampler is started where
// an output falls on an input, far enough before that the zeros before its
// first input do not reach dst: the bits are those of resampling the whole
// file.
func (r *recording) resample(s *scratch, h *handle, dst [][]float32, at int) error {
	up, down := lowestTerms(r.lib.rate, r.info.Rate)
	first := int64(at)/up*down + int64(at)%up*down/up // input at or before the first output
	start := max(first-resamplerReach(r.info.Rate, r.lib.rate), 0) / down
	made, frame := start*up, start*down // the next output, the next input

	bank, err := s.bank(r)
	if err != nil {
		return err
	}
	for n := int64(len(dst[0])); made < int64(at)+n; {
		m := min(int64(blockFrames), r.info.Frames-frame)
		if err := r.block(s, h, frame, int(m)); err != nil {
			return err
		}
		frame += m
		var count int
		for c, x := range dst {
			s.out = bank[c].Process(s.out[:0], s.chosen[c])
			if frame == r.info.Frames {
				s.out = bank[c].Flush(s.out)
			}
			count = len(s.out)
			place := made - int64(at) // of s.out[0] in x
			if skip := max(-place, 0); skip < int64(count) && place < n {
				copy(x[place+skip:], s.out[skip:])
			}
		}
		made += int64(count)
	}
	return nil
}

// bank returns resamplers from a recording's rate, one a channel, reset.
func (s *scratch) bank(r *recording) ([]*audio.Resampler, error) {
	bank := s.resamplers[r.info.Rate]
	for len(bank) < r.channels {
		x, err := audio.NewResampler(r.info.Rate, r.lib.rate)
		if err != nil {
			return nil, err
		}
		bank = append(bank, x)
	}
	s.resamplers[r.info.Rate] = bank
	for _, x := range bank {
		x.Reset()
	}
	return bank[:r.channels], nil
}

// resamplerReach is more inputs than audio.Resampler looks back from an
// output: about 85 samples of the lower rate.
func resamplerReach(from, to int) int64 {
	return 128 * int64(max(1, (from+to-1)/to))
}

// lowestTerms returns to/from as a fraction.
func lowestTerms(to, from int) (up, down int64) {
	a, b := to, from
	for b != 0 {
		a, b = b, a%b
	}
	return int64(to / a), int64(from / a)
}

// resampledFrames is ceil(n*to/from), as package audio resamples.
func resampledFrames(n int64, from, to int) int64 {
	up, down := lowestTerms(to, from)
	return n/down*up + (n%down*up+down-1)/down
}
