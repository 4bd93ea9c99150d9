package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Stream reads sound that arrives in order, as through a pipe: WAV, or raw samples. It serves one goroutine.
type Stream struct {
	name    string
	info    Info
	r       io.Reader
	convert func(dst []float32, src []byte, stride int)
	bytes   int  // of a sample
	swap    bool // samples are big-endian
	left    int64
	buf     []byte
	have    int // bytes of buf that are not converted yet
}

// endless is the length of a sound that ends where its stream does.
const endless = math.MaxInt64

// NewStream reads the header of a WAV that r brings. A length that the writer did not know, 0 or about 2 or 4 GiB, is
// read to the end. The name is used in messages only.
func NewStream(name string, r io.Reader) (*Stream, error) {
	s := &Stream{name: name, r: bufio.NewReaderSize(r, readBytes)}
	if err := s.header(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it ends inside the header of a WAV")
		}
		return nil, fmt.Errorf("audio: %s: %w", name, err)
	}
	return s, nil
}

// NewRawStream reads interleaved little-endian samples without a header.
func NewRawStream(name string, r io.Reader, rate, channels int, f Format) (*Stream, error) {
	if rate < 1 || channels < 1 || channels > maxChannels {
		return nil, fmt.Errorf("audio: %s: raw samples of %d channels at %d Hz; a stream has 1 to %d channels and at least 1 Hz", name, channels, rate, maxChannels)
	}
	s := &Stream{name: name, r: r, bytes: f.bits() / 8, left: endless,
		info: Info{Format: "raw " + f.String(), Rate: rate, Channels: channels, BitsPerSample: f.bits(), Frames: -1}}
	s.convert = map[Format]func([]float32, []byte, int){PCM16: pcm16, PCM24: pcm24, Float32: float32LE}[f]
	return s, nil
}

// header reads up to the first sample.
func (s *Stream) header() error {
	var head [firstChunkAt]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return err
	}
	if !isRIFF(head[:]) {
		return fmt.Errorf("%s; a pipe carries WAV, or raw samples where the format is given", identify(head[:]))
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if string(head[:4]) == "RIFX" {
		order, s.swap = binary.BigEndian, true
	}
	var format *wavFormat
	ds64 := int64(0)
	for range maxChunks {
		var h [chunkHeader]byte
		if _, err := io.ReadFull(s.r, h[:]); err != nil {
			return err
		}
		id, size := string(h[:4]), int64(order.Uint32(h[4:]))
		switch {
		case id == "data" && format == nil:
			return errors.New("no fmt chunk before the data chunk")
		case id == "data":
			return s.begin(*format, size, ds64)
		case !isName(id):
			return fmt.Errorf("%q stands where a chunk should start", id)
		case id == "fmt " || id == "ds64":
			body := make([]byte, min(size, maxFmtBytes))
			if _, err := io.ReadFull(s.r, body); err != nil {
				return err
			}
			if id == "ds64" && len(body) >= 16 {
				ds64 = int64(min(order.Uint64(body[8:]), math.MaxInt64))
			} else if id == "fmt " {
				f, err := parseFormat(body, order)
				if err != nil {
					return err
				}
				format = &f
			}
			size -= int64(len(body))
			fallthrough
		default: // chunks are padded to even lengths
			if _, err := io.CopyN(io.Discard, s.r, size+size&1); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("no data chunk among the first %d", maxChunks)
}

// begin makes ready to read size bytes of samples.
func (s *Stream) begin(f wavFormat, size, ds64 int64) error {
	s.bytes = (f.bits + 7) / 8
	switch f.tag {
	case tagALaw, tagMuLaw:
		s.bytes = 1
	case tagPCM, tagFloat:
	default:
		return fmt.Errorf("samples of coding 0x%04X; a pipe carries PCM, float, A-law or mu-law", f.tag)
	}
	coding, err := sampleCoding(f, s.bytes)
	if err != nil {
		return err
	}
	if f.blockAlign != 0 && f.blockAlign != s.bytes*f.channels {
		return fmt.Errorf("frames of %d bytes, where %d channels of %d bits make %d", f.blockAlign, f.channels, f.bits, s.bytes*f.channels)
	}
	s.swap = s.swap && s.bytes > 1
	s.convert = coding.convert
	s.info = Info{Format: "WAV " + coding.name, Rate: f.rate, Channels: f.channels, BitsPerSample: f.valid, Frames: -1}
	s.left = endless
	if size == dataUnknown && ds64 > 0 {
		size = ds64
	}
	if size > 0 && size != dataUnknown && (size < soxPipe || size > math.MaxInt32) {
		s.info.Frames = size / int64(s.bytes*f.channels)
		s.left = s.info.Frames
	}
	return nil
}

// Info says what the stream holds; Frames is -1 where that is not known yet.
func (s *Stream) Info() Info { return s.info }

// Name returns the name that the stream was opened with.
func (s *Stream) Name() string { return s.name }

// Read fills dst, one slice a channel and all of one length, with the next frames, as many as are there, and waits for
// at least one. At the end of the stream it returns io.EOF.
func (s *Stream) Read(dst [][]float32) (n int, err error) {
	stride := s.bytes * s.info.Channels
	want := int(min(int64(len(dst[0])), s.left))
	if want == 0 {
		return 0, io.EOF
	}
	if size := want * stride; len(s.buf) < size {
		s.buf = append(s.buf, make([]byte, size-len(s.buf))...)
	}
	for s.have < stride {
		k, err := s.r.Read(s.buf[s.have : want*stride])
		s.have += k
		if err != nil && s.have < stride {
			if err == io.EOF {
				return 0, s.end()
			}
			return 0, fmt.Errorf("audio: %s: %w", s.name, err)
		}
	}
	n = s.have / stride
	b := s.buf[:n*stride]
	if s.swap {
		swapBytes(b, s.bytes)
	}
	for c := range dst {
		s.convert(dst[c][:n], b[c*s.bytes:], stride)
	}
	s.have = copy(s.buf, s.buf[n*stride:s.have])
	if s.left != endless {
		s.left -= int64(n)
	}
	return n, nil
}

// end is io.EOF, with a warning where frames were announced that did not come.
func (s *Stream) end() error {
	switch {
	case s.left != endless:
		s.info.warn("the stream is cut off: %d of %d frames are missing", s.left, s.info.Frames)
	case s.have > 0:
		s.info.warn("%d bytes at the end are not a whole frame and were left", s.have)
	}
	s.left, s.have = 0, 0
	return io.EOF
}

// Pipe writes sound in order to what cannot go back, a pipe: WAV that does not tell its length, which readers read to the
// end, or raw samples. It serves one goroutine.
type Pipe struct {
	name     string
	w        io.Writer
	channels int
	quantizer
	buf []byte
}

// NewPipe starts a sound of the given rate in Hz and number of channels on w; raw leaves the header out. Samples are
// little-endian and interleaved. The name is used in messages only.
func NewPipe(name string, w io.Writer, rate, channels int, f Format, raw bool) (*Pipe, error) {
	if channels < 1 || channels > maxChannels || rate < 1 || int64(rate)*int64(channels*f.bits()/8) > math.MaxUint32 {
		return nil, fmt.Errorf("audio: %s: %d channels at %d Hz cannot be written", name, channels, rate)
	}
	p := &Pipe{name: name, w: w, channels: channels, quantizer: quantizer{format: f}}
	if raw {
		return p, nil
	}
	header := pipeHeader(rate, channels, f)
	if _, err := w.Write(header); err != nil {
		return nil, fmt.Errorf("audio: %s: %w", name, err)
	}
	return p, nil
}

// pipeHeader is the head of a WAV of unknown length, in which the sizes are sox's for that: it reads these without a word.
func pipeHeader(rate, channels int, f Format) []byte {
	le := binary.LittleEndian
	if f == Float32 {
		b := floatHeader(rate, channels, 0)
		le.PutUint32(b[4:], uint32(soxPipe+len(b)-8))
		le.PutUint32(b[len(b)-12:], uint32(soxPipe/(4*channels))) // the fact chunk's frames
		le.PutUint32(b[len(b)-4:], soxPipe)
		return b
	}
	frame := channels * f.bits() / 8
	b := append(le.AppendUint32([]byte("RIFF"), soxPipe+36), "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, tagPCM)
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*frame))
	b = le.AppendUint16(b, uint16(frame))
	b = le.AppendUint16(b, uint16(f.bits()))
	return le.AppendUint32(append(b, "data"...), soxPipe)
}

// Write appends a planar block, as Writer.Write does, and hands it on at once.
func (p *Pipe) Write(block [][]float32) error {
	if len(block) != p.channels {
		return fmt.Errorf("audio: %s: a block of %d channels for a stream of %d", p.name, len(block), p.channels)
	}
	p.buf = p.buf[:0]
	le := binary.LittleEndian
	for t := range block[0] {
		for _, ch := range block {
			switch p.format {
			case Float32:
				p.buf = le.AppendUint32(p.buf, math.Float32bits(ch[t]))
			case PCM24:
				v := p.quantize(ch[t])
				p.buf = append(p.buf, byte(v), byte(v>>8), byte(v>>16))
			default:
				p.buf = le.AppendUint16(p.buf, uint16(p.quantize(ch[t])))
			}
		}
	}
	if _, err := p.w.Write(p.buf); err != nil {
		return fmt.Errorf("audio: %s: %w", p.name, err)
	}
	return nil
}
