package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"github.com/go-audio/riff"
)

// The RIFF structure of a WAV file (Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991;
// RF64: EBU Tech 3306; BW64: ITU-R BS.2088). Chunk headers are read through go-audio/riff; its chunk bodies are not used,
// because they trust the sizes. Every size is held against the file here.

const (
	maxChunks    = 1 << 16 // chunks walked in one file; real ones have a dozen
	maxFmtBytes  = 1 << 10 // of a fmt chunk that are looked at; ADPCM tables need 50
	dataUnknown  = 0xFFFFFFFF
	wrap         = 1 << 32    // what a size above it loses, in a header of 32 bits
	soxPipe      = 0x7FFFF000 // sox and others, writing to a pipe, announce about 2 GiB
	chunkHeader  = 8
	firstChunkAt = 12
)

// riffFile is what the walk finds: where the samples lie and how they are coded.
type riffFile struct {
	kind      string // WAV, RIFX, RF64 or BW64
	bigEndian bool
	fmt       wavFormat
	dataAt    int64
	dataBytes int64 // bytes of sound that the file really has
	missing   int64 // announced bytes that it has not
}

// isRIFF reports whether a file that starts with head is of the RIFF family and a WAVE.
func isRIFF(head []byte) bool {
	if len(head) < 12 || string(head[8:12]) != "WAVE" {
		return false
	}
	switch string(head[:4]) {
	case "RIFF", "RIFX", "RF64", "BW64":
		return true
	}
	return false
}

type chunk struct {
	id   string
	at   int64 // offset of the body
	size int64 // of the body, as announced
}

// riffWalker steps over the chunks of a file of size bytes.
type riffWalker struct {
	r     io.ReaderAt
	size  int64
	order binary.ByteOrder
	pos   int64 // of the next chunk header
}

// next reads the chunk header at w.pos; io.EOF says that no whole header is left.
func (w *riffWalker) next() (chunk, error) {
	if w.pos > w.size-chunkHeader {
		return chunk{}, io.EOF
	}
	id, size, err := riff.New(io.NewSectionReader(w.r, w.pos, chunkHeader)).IDnSize()
	if err != nil {
		return chunk{}, err
	}
	if w.order == binary.BigEndian {
		size = bits.ReverseBytes32(size)
	}
	return chunk{string(id[:]), w.pos + chunkHeader, int64(size)}, nil
}

// skip moves behind a chunk whose body has size bytes. Chunks are padded to even lengths, but some writers forget to:
// where no name stands behind the pad byte and one stands in its place, there was none.
func (w *riffWalker) skip(c chunk) {
	end := c.at + c.size
	w.pos = end + c.size&1
	if c.size&1 == 1 && !w.nameAt(w.pos) && w.nameAt(end) {
		w.pos = end
	}
}

func (w *riffWalker) nameAt(pos int64) bool {
	var id [4]byte
	return pos >= 0 && pos <= w.size-4 && readFull(w.r, id[:], pos) == nil && isName(string(id[:]))
}

// isName reports whether id can be the name of a chunk: four printable characters.
func isName(id string) bool {
	for i := range len(id) {
		if id[i] < ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}

// body reads up to limit bytes of a chunk.
func (w *riffWalker) body(c chunk, limit int64) ([]byte, error) {
	if c.size > w.size-c.at {
		return nil, fmt.Errorf("the file ends inside its %q chunk", c.id)
	}
	b := make([]byte, min(c.size, limit))
	return b, readFull(w.r, b, c.at)
}

// walkRIFF finds the format and the samples of a file that isRIFF accepts.
func walkRIFF(r io.ReaderAt, size int64, info *Info) (riffFile, error) {
	var head [firstChunkAt]byte
	if err := readFull(r, head[:], 0); err != nil {
		return riffFile{}, err
	}
	w := &riffWalker{r: r, size: size, order: binary.LittleEndian, pos: firstChunkAt}
	f := riffFile{kind: string(head[:4])}
	switch f.kind {
	case "RIFF":
		f.kind = "WAV"
	case "RIFX":
		w.order, f.bigEndian = binary.BigEndian, true
	}
	riffSize := w.order.Uint32(head[4:])

	haveFmt, ds64Data := false, int64(-1)
	for range maxChunks {
		c, err := w.next()
		if err == io.EOF {
			if !haveFmt {
				return f, errors.New("no fmt chunk: the file ends before one")
			}
			return f, errors.New("no data chunk: the file ends before one")
		}
		if err != nil {
			return f, err
		}
		switch c.id {
		case "ds64":
			b, err := w.body(c, 16)
			if err != nil {
				return f, err
			}
			if len(b) == 16 {
				ds64Data = int64(min(w.order.Uint64(b[8:]), math.MaxInt64))
			}
		case "fmt ":
			b, err := w.body(c, maxFmtBytes)
			if err != nil {
				return f, err
			}
			if f.fmt, err = parseFormat(b, w.order); err != nil {
				return f, err
			}
			haveFmt = true
		case "data":
			if !haveFmt {
				return f, errors.New("no fmt chunk before the data chunk")
			}
			f.dataAt = c.at
			f.dataBytes, f.missing = w.dataSize(c, riffSize, ds64Data, info)
			if f.dataBytes == c.size {
				w.warnSecondData(c, info)
			}
			return f, nil
		default:
			if !isName(c.id) {
				return f, fmt.Errorf("no data chunk: at byte %d is %q where a chunk should start", c.at-chunkHeader, c.id)
			}
		}
		w.skip(c)
	}
	return f, fmt.Errorf("no data chunk among the first %d", maxChunks)
}

// dataSize decides how many bytes of sound the data chunk c has and how many of the announced ones are missing, and
// warns where the announced size cannot be meant.
func (w *riffWalker) dataSize(c chunk, riffSize uint32, ds64Data int64, info *Info) (have, missing int64) {
	rest := w.size - c.at
	announced := c.size
	if (announced == dataUnknown || announced == 0) && (ds64Data > 0 || ds64Data == 0 && rest == 0) {
		announced = ds64Data
	}
	piped := announced == dataUnknown || // or 2 GiB, and neither the file nor a chunk ends there
		soxPipe <= c.size && c.size <= math.MaxInt32 && announced != rest && !w.nameAt(c.at+announced)
	switch {
	case piped:
		info.warn("the length was never written (the writer wrote to a pipe or was stopped); read to the end of the file")
		return rest, 0
	case ds64Data < 0 && announced > 0 && rest-announced >= wrap:
		all := announced + (rest-announced)/wrap*wrap
		info.warn("the file is larger than its header can say (sizes there end at 4 GiB and begin again); read %d bytes of sound in place of %d", all, announced)
		return all, 0
	case announced <= rest && (announced > 0 || rest == 0 || w.nameAt(c.at)):
		return announced, 0
	case announced == 0 && riffSize == chunkHeader: // libsndfile recovers these and only these
		info.warn("the file was never closed by its writer (sizes 8 and 0 in its header); read to the end")
		return rest, 0
	case announced == 0:
		info.warn("the data chunk announces no samples, but %d bytes follow it; if a recording was cut off, `sox --ignore-length` repairs it", rest)
		return 0, 0
	}
	return rest, announced - rest
}

// warnSecondData says so where samples lie in a further data chunk, which nobody agrees how to read.
func (w *riffWalker) warnSecondData(first chunk, info *Info) {
	w.skip(first)
	for range maxChunks {
		c, err := w.next()
		if err != nil || !isName(c.id) {
			return
		}
		if c.id == "data" {
			info.warn("a second data chunk of %d bytes at byte %d was ignored", c.size, c.at-chunkHeader)
			return
		}
		w.skip(c)
	}
}
