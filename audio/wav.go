package audio

import (
	"errors"
	"fmt"
	"io"
)

// openWAV opens a file that isRIFF accepts.
func openWAV(r io.ReaderAt, size int64) (source, Info, error) {
	var info Info
	file, err := walkRIFF(r, size, &info)
	if err != nil {
		return nil, info, err
	}
	f := file.fmt
	info.Rate, info.Channels, info.BitsPerSample = f.rate, f.channels, f.valid
	switch f.tag {
	case tagPCM, tagFloat, tagALaw, tagMuLaw:
		return openLinear(r, file, info)
	case tagIMAADPCM, tagMSADPCM, tagGSM610:
		return openBlocks(r, file, info)
	}
	if name, ok := otherCodings[f.tag]; ok {
		return nil, info, fmt.Errorf("the samples are coded as %s (tag 0x%04X), which is not read; convert it, for example with ffmpeg", name, f.tag)
	}
	return nil, info, fmt.Errorf("the samples have the unknown coding 0x%04X", f.tag)
}

// openLinear opens a file whose samples have a fixed width and stand alone.
func openLinear(r io.ReaderAt, file riffFile, info Info) (source, Info, error) {
	f := file.fmt
	bytes := (f.bits + 7) / 8
	packing := packed24
	if f.tag == tagPCM && f.bits == 24 && f.blockAlign == 4*f.channels {
		packing = detect24(r, file)
		info.warn("24-bit samples with a block align of 4 bytes: read as %s", packing)
		if packing != packed24 {
			bytes = 4
		}
	}
	if f.tag == tagALaw || f.tag == tagMuLaw {
		bytes, info.BitsPerSample = 1, 8
	}
	coding, err := sampleCoding(f, bytes)
	if err != nil {
		return nil, info, err
	}
	if packing == low24 {
		coding.convert = pcm24
	}
	info.Format = file.kind + " " + coding.name
	src := &linear{r: r, at: file.dataAt, channels: f.channels, bytes: bytes, swap: file.bigEndian && bytes > 1, convert: coding.convert}
	frameBytes := int64(bytes * f.channels)
	info.Frames = file.dataBytes / frameBytes
	switch odd := file.dataBytes % frameBytes; {
	case file.missing > 0:
		info.warn("the file is cut off: %d of %d frames are missing", (file.dataBytes+file.missing)/frameBytes-info.Frames, (file.dataBytes+file.missing)/frameBytes)
	case odd > 0:
		info.warn("%d bytes at the end are not a whole frame and were left", odd)
	}
	return src, info, nil
}

// sampleCoding finds how samples of the given width in bytes are read.
func sampleCoding(f wavFormat, bytes int) (coding, error) {
	name := ""
	switch f.tag {
	case tagALaw:
		return coding{"A-law", aLaw.convert}, nil
	case tagMuLaw:
		return coding{"mu-law", muLaw.convert}, nil
	case tagFloat:
		switch f.bits {
		case 32:
			return coding{"float 32-bit", float32LE}, nil
		case 64:
			return coding{"float 64-bit", float64LE}, nil
		}
		return coding{}, fmt.Errorf("the fmt chunk says float samples of %d bits; only 32 and 64 are read", f.bits)
	}
	name = fmt.Sprintf("PCM %d-bit", f.valid)
	if f.valid != 8*bytes {
		name += fmt.Sprintf(" in %d", 8*bytes)
	}
	switch bytes {
	case 0:
		return coding{}, errors.New("the fmt chunk says samples of 0 bits")
	case 1:
		return coding{name, pcm8}, nil
	case 2:
		return coding{name, pcm16}, nil
	case 3:
		return coding{name, pcm24}, nil
	case 4:
		return coding{name, pcm32}, nil
	case 8:
		return coding{name, pcm64}, nil
	}
	return coding{}, fmt.Errorf("the fmt chunk says integer samples of %d bits; 1 to 32 and 64 are read", f.bits)
}

// packing24 says where the 24 bits of a sample lie.
type packing24 string

const (
	packed24 packing24 = "3 bytes each"
	high24   packing24 = "the high bytes of 4"
	low24    packing24 = "the low bytes of 4"
)

// detect24 settles from the samples what a header with 24 bits and a block align of 4 bytes a sample means. Like
// libsndfile it looks at windows of 4096 bytes from byte 600 of the file on (at no more than 256 of them), so a file too
// short for one counts as packed, and the first window that is not mostly silence decides. The low bytes of 4 are what
// ALSA's arecord writes; libsndfile reads those as noise.
func detect24(r io.ReaderAt, file riffFile) packing24 {
	var window [4096]byte
	const samples = len(window) / 4
	for i := range int64(256) {
		if readFull(r, window[:], 600+i*int64(len(window))) != nil {
			break
		}
		if file.bigEndian {
			swapBytes(window[:], 4)
		}
		high, low, sound := 0, 0, 0
		for s := window[:]; len(s) > 0; s = s[4:] {
			if s[0] == 0 && s[1] != 0 {
				high++
			}
			if s[3] == 0 || s[3] == 0xFF && s[2] >= 0x80 {
				low++
			}
			if s[0] != 0 || s[1] != 0 || s[2] != 0 {
				sound++
			}
		}
		switch {
		case high > samples*3/4:
			return high24
		case low == samples && sound > samples/2:
			return low24
		}
	}
	return packed24
}
