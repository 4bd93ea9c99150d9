package audio

import (
	"encoding/binary"
	"io"
	"math"
	"sync"
)

// coding is a way to read samples of a fixed width. convert reads one channel: sample t lies at src[t*stride:],
// little-endian, and len(dst) samples are there.
type coding struct {
	name    string
	convert func(dst []float32, src []byte, stride int)
}

// linear is a source of samples of a fixed width, interleaved.
type linear struct {
	r        io.ReaderAt
	at       int64 // offset of frame 0
	channels int
	bytes    int  // of a sample
	swap     bool // samples are big-endian
	convert  func(dst []float32, src []byte, stride int)
}

// readBytes is the size of one bulk read: large enough that the system call does not show. A frame has at most 8 KiB.
const readBytes = 64 << 10

var readBuffers = sync.Pool{New: func() any { return new([readBytes]byte) }}

func (l *linear) decode(dst [][]float32, frame int64) error {
	buf := readBuffers.Get().(*[readBytes]byte)
	defer readBuffers.Put(buf)
	stride := l.bytes * l.channels
	perRead := readBytes / stride
	for done := 0; done < len(dst[0]); {
		n := min(perRead, len(dst[0])-done)
		b := buf[:n*stride]
		if err := readFull(l.r, b, l.at+(frame+int64(done))*int64(stride)); err != nil {
			return err
		}
		if l.swap {
			swapBytes(b, l.bytes)
		}
		for c := range dst {
			l.convert(dst[c][done:done+n], b[c*l.bytes:], stride)
		}
		done += n
	}
	return nil
}

// swapBytes turns samples of the given width around, in place.
func swapBytes(b []byte, width int) {
	for ; len(b) >= width; b = b[width:] {
		for i, j := 0, width-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
}

func pcm8(dst []float32, src []byte, stride int) { // the one unsigned width
	for t := range dst {
		dst[t] = float32(int(src[t*stride])-128) / (1 << 7)
	}
}

func pcm16(dst []float32, src []byte, stride int) {
	for t := range dst {
		dst[t] = float32(int16(binary.LittleEndian.Uint16(src[t*stride:]))) / (1 << 15)
	}
}

func pcm24(dst []float32, src []byte, stride int) {
	for t := range dst {
		b := src[t*stride : t*stride+3]
		v := int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24) >> 8
		dst[t] = float32(v) / (1 << 23)
	}
}

func pcm32(dst []float32, src []byte, stride int) {
	for t := range dst {
		dst[t] = float32(int32(binary.LittleEndian.Uint32(src[t*stride:]))) / (1 << 31)
	}
}

func pcm64(dst []float32, src []byte, stride int) {
	for t := range dst {
		dst[t] = float32(int64(binary.LittleEndian.Uint64(src[t*stride:]))) / (1 << 63)
	}
}

func float32LE(dst []float32, src []byte, stride int) {
	for t := range dst {
		dst[t] = math.Float32frombits(binary.LittleEndian.Uint32(src[t*stride:]))
	}
}

func float64LE(dst []float32, src []byte, stride int) {
	for t := range dst {
		dst[t] = float32(math.Float64frombits(binary.LittleEndian.Uint64(src[t*stride:])))
	}
}
