package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/meta"
)

// flacSource reads FLAC (RFC 9639) at any place. A frame does not say where the next one starts, so the places of
// frames are learned by decoding and kept: the first read far into a file decodes what lies before, later ones jump.
type flacSource struct {
	r    io.ReaderAt
	size int64
	info *meta.StreamInfo

	mu    sync.Mutex
	index []flacPlace // in rising order, without gaps from the first frame on
}

// flacPlace is where a FLAC frame starts: in samples of a channel and in bytes.
type flacPlace struct{ sample, offset int64 }

// maxFramesPerByte is the compression from which on a header's length is not believed without decoding everything.
const maxFramesPerByte = 64

func openFLAC(r io.ReaderAt, size int64) (source, Info, error) {
	var info Info
	stream, err := flac.New(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, info, fmt.Errorf("the FLAC header is damaged: %w", plainFLAC(err))
	}
	if stream.Info.BitsPerSample > 31 {
		return nil, info, fmt.Errorf("FLAC of %d-bit samples is not read; convert it to 24 bits, or to WAV, for example with ffmpeg", stream.Info.BitsPerSample)
	}
	first, err := flacAudioStart(r, size)
	if err != nil {
		return nil, info, err
	}
	s := &flacSource{r: r, size: size, info: stream.Info, index: []flacPlace{{0, first}}}
	info = Info{
		Format:        fmt.Sprintf("FLAC %d-bit", s.info.BitsPerSample),
		Rate:          int(s.info.SampleRate),
		Channels:      int(s.info.NChannels),
		BitsPerSample: int(s.info.BitsPerSample),
	}
	announced := int64(s.info.NSamples)
	if announced > 0 && announced/maxFramesPerByte <= size && s.endsAt(announced) {
		info.Frames = announced
		return s, info, nil
	}
	info.Frames, err = s.count()
	switch {
	case info.Frames == 0 && err != nil:
		return nil, info, err
	case info.Frames < announced:
		info.warn("the file is cut off or damaged: %d of %d frames are missing", announced-info.Frames, announced)
	case err != nil:
		info.warn("only the first %d frames can be read: %v", info.Frames, err)
	case announced > 0 && info.Frames != announced:
		info.warn("the header announces %d frames, the file has %d", announced, info.Frames)
	}
	return s, info, nil
}

// flacAudioStart steps over the metadata blocks (1 byte of type, whose high bit marks the last, 3 of length) that
// follow "fLaC", and returns the offset of the first frame.
func flacAudioStart(r io.ReaderAt, size int64) (int64, error) {
	for pos := int64(4); pos+4 <= size; {
		var head [4]byte
		if err := readFull(r, head[:], pos); err != nil {
			return 0, err
		}
		pos += 4 + int64(binary.BigEndian.Uint32(head[:])&0xFFFFFF)
		if head[0]&0x80 != 0 {
			return pos, nil
		}
	}
	return 0, errors.New("the file ends inside the FLAC metadata")
}

// endsAt reports whether the last frame of the file can be decoded and ends with the given sample.
func (s *flacSource) endsAt(sample int64) bool {
	const tries = 1 << 12
	window := int64(1 << 16)
	if s.info.FrameSizeMax > 0 {
		window = min(2*int64(s.info.FrameSizeMax), 1<<22)
	}
	from := max(s.index[0].offset, s.size-window)
	if from >= s.size {
		return false
	}
	tail := make([]byte, s.size-from)
	if readFull(s.r, tail, from) != nil {
		return false
	}
	for i, n := len(tail)-2, 0; i >= 0 && n < tries; i-- {
		if tail[i] != 0xFF || tail[i+1]&0xFE != 0xF8 {
			continue
		}
		n++
		if f, _, err := s.frame(bufio.NewReader(io.NewSectionReader(s.r, from+int64(i), int64(len(tail)-i)))); err == nil {
			start := int64(f.Num)
			if f.HasFixedBlockSize {
				start *= int64(s.info.BlockSizeMax)
			}
			return start+int64(f.BlockSize) == sample
		}
	}
	return false
}

// count decodes all frames and returns how many samples a channel they hold. The error says why it stopped before the end.
func (s *flacSource) count() (int64, error) {
	end := s.index[0]
	err := s.walk(end, func(_ flacFrame, next flacPlace) bool { end = next; return true })
	if err == io.EOF {
		err = nil
	}
	return end.sample, err
}

// walk decodes frame after frame from the given place on, until visit returns false. io.EOF: the file ended between two
// frames. Any other error says where the damage is.
func (s *flacSource) walk(at flacPlace, visit func(f flacFrame, next flacPlace) bool) error {
	if at.offset > s.size {
		return errors.New("the file ends before its first FLAC frame")
	}
	in := bufio.NewReaderSize(io.NewSectionReader(s.r, at.offset, s.size-at.offset), 1<<16)
	for {
		f, bytes, err := s.frame(in)
		if err == io.EOF {
			return err
		}
		if err != nil {
			return fmt.Errorf("the FLAC frame from sample %d on, at byte %d, is damaged: %w", at.sample, at.offset, plainFLAC(err))
		}
		at = flacPlace{at.sample + int64(f.BlockSize), at.offset + bytes}
		s.learn(at)
		if !visit(f, at) {
			return nil
		}
	}
}

// plainFLAC words an error of mewkiz/flac for the user of a file: without the name of the function that found it.
func plainFLAC(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the file ends inside it")
	}
	for _, where := range []string{"flac.", "frame.", "meta."} {
		if _, what, ok := strings.Cut(err.Error(), ": "); ok && strings.HasPrefix(err.Error(), where) {
			return errors.New(what)
		}
	}
	return err
}

// learn keeps the place of a frame if it is the next unknown one.
func (s *flacSource) learn(p flacPlace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.sample > s.index[len(s.index)-1].sample {
		s.index = append(s.index, p)
	}
}

// before returns the last known place at or before a sample.
func (s *flacSource) before(sample int64) flacPlace {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := slices.BinarySearchFunc(s.index, sample, func(p flacPlace, v int64) int {
		switch {
		case p.sample < v:
			return -1
		case p.sample > v:
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	return s.index[i]
}

func (s *flacSource) decode(dst [][]float32, frame int64) error {
	at := s.before(frame)
	end := frame + int64(len(dst[0]))
	scale := 1 / float32(uint64(1)<<(s.info.BitsPerSample-1))
	start := at.sample
	err := s.walk(at, func(f flacFrame, next flacPlace) bool {
		from, to := max(start, frame), min(next.sample, end)
		for c := range dst {
			if from >= to {
				break
			}
			samples := f.Subframes[c].Samples[from-start : to-start]
			for i, v := range samples {
				dst[c][int(from-frame)+i] = float32(v) * scale
			}
		}
		start = next.sample
		return start < end
	})
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
