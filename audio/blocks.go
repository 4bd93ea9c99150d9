package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// blocks is a source of samples that are compressed in blocks of a fixed size, each of which stands alone.
type blocks struct {
	r         io.ReaderAt
	at        int64 // offset of block 0
	bytes     int   // of a block
	frames    int   // of a block
	channels  int
	decodeOne func(dst []int16, block []byte) // dst: frames*channels, interleaved
}

func (b *blocks) decode(dst [][]float32, frame int64) error {
	block := make([]byte, b.bytes)
	pcm := make([]int16, b.frames*b.channels)
	for done := 0; done < len(dst[0]); {
		index, from := (frame+int64(done))/int64(b.frames), int((frame+int64(done))%int64(b.frames))
		if err := readFull(b.r, block, b.at+index*int64(b.bytes)); err != nil {
			return err
		}
		b.decodeOne(pcm, block)
		n := min(b.frames-from, len(dst[0])-done)
		for c := range dst {
			for t := range n {
				dst[c][done+t] = float32(pcm[(from+t)*b.channels+c]) / (1 << 15)
			}
		}
		done += n
	}
	return nil
}

// openBlocks opens a file of ADPCM or GSM 6.10.
func openBlocks(r io.ReaderAt, file riffFile, info Info) (source, Info, error) {
	f := file.fmt
	if f.blockAlign == 0 {
		return nil, info, errors.New("the fmt chunk says blocks of 0 bytes")
	}
	if f.tag == tagGSM610 {
		return openGSM(r, file, info)
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if file.bigEndian {
		order = binary.BigEndian
	}
	if f.bits != 4 {
		return nil, info, fmt.Errorf("the fmt chunk says ADPCM of %d bits; only 4 are read", f.bits)
	}
	b := &blocks{r: r, at: file.dataAt, bytes: f.blockAlign, channels: f.channels}
	switch f.tag {
	case tagIMAADPCM:
		info.Format = file.kind + " IMA ADPCM"
		b.frames = 1 + 8*((f.blockAlign-4*f.channels)/(4*f.channels)) // a header of 4 bytes a channel holds the first frame
		b.decodeOne = func(dst []int16, block []byte) { imaBlock(dst, block, f.channels) }
		if f.blockAlign < 4*f.channels {
			b.frames = 0
		}
	case tagMSADPCM:
		info.Format = file.kind + " Microsoft ADPCM"
		if f.channels > 2 {
			return nil, info, fmt.Errorf("Microsoft ADPCM of %d channels; it has 1 or 2", f.channels)
		}
		predictors, err := msPredictors(f.extra, order)
		if err != nil {
			return nil, info, err
		}
		b.frames = 2 + (f.blockAlign-7*f.channels)*2/f.channels // a header of 7 bytes a channel holds the first two frames
		b.decodeOne = func(dst []int16, block []byte) { msBlock(dst, block, f.channels, predictors) }
		if f.blockAlign < 7*f.channels {
			b.frames = 0
		}
	}
	if b.frames == 0 {
		return nil, info, fmt.Errorf("ADPCM blocks of %d bytes are too small for %d channels", f.blockAlign, f.channels)
	}
	info.countBlocks(file, b.bytes, b.frames)
	return b, info, nil
}

// countBlocks sets Frames to the whole blocks that are there and warns of the rest.
func (info *Info) countBlocks(file riffFile, blockBytes, blockFrames int) {
	n := file.dataBytes / int64(blockBytes)
	info.Frames = n * int64(blockFrames)
	switch odd := file.dataBytes % int64(blockBytes); {
	case file.missing > 0:
		all := (file.dataBytes + file.missing) / int64(blockBytes)
		info.warn("the file is cut off: %d of %d frames are missing", (all-n)*int64(blockFrames), all*int64(blockFrames))
	case odd > 0:
		info.warn("%d bytes at the end are not a whole block and were left", odd)
	}
}
