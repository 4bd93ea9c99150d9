package audio

import (
	"encoding/binary"
	"fmt"
)

// Codings of a WAV file, RFC 2361 and mmreg.h.
const (
	tagPCM        = 0x0001
	tagMSADPCM    = 0x0002
	tagFloat      = 0x0003
	tagALaw       = 0x0006
	tagMuLaw      = 0x0007
	tagIMAADPCM   = 0x0011
	tagGSM610     = 0x0031
	tagExtensible = 0xFFFE
)

// otherCodings names codings that are met but not read, for the error message.
var otherCodings = map[uint16]string{
	0x0000: "an unknown coding", 0x0014: "G.723 ADPCM", 0x0040: "G.721 ADPCM", 0x0050: "MPEG", 0x0055: "MP3",
	0x0064: "G.726 ADPCM", 0x0065: "G.722 ADPCM", 0x0092: "Dolby AC-3 (S/PDIF)", 0x00FF: "AAC", 0x0160: "Windows Media Audio 1",
	0x0161: "Windows Media Audio 2", 0x0162: "Windows Media Audio 9", 0x2000: "Dolby AC-3", 0x674F: "Ogg Vorbis", 0x6771: "Ogg Vorbis", 0xF1AC: "FLAC in WAV",
}

// maxChannels is libsndfile's bound as well.
const maxChannels = 1024

// wavFormat is a fmt chunk.
type wavFormat struct {
	tag        uint16 // the sub-format of WAVE_FORMAT_EXTENSIBLE is resolved
	channels   int
	rate       int
	blockAlign int
	bits       int    // of a sample's container
	valid      int    // significant bits: bits, or fewer
	extra      []byte // what follows the 18 bytes of WAVEFORMATEX
}

// Tails of the sub-format GUID, whose first four bytes are a tag: Microsoft's, and the one of Ambisonic B-format.
var subFormatTails = [][12]byte{
	{0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71},
	{0x21, 0x07, 0xD3, 0x11, 0x86, 0x44, 0xC8, 0xC1, 0xCA, 0x00, 0x00, 0x00},
}

// parseFormat reads the body of a fmt chunk.
func parseFormat(b []byte, order binary.ByteOrder) (wavFormat, error) {
	if len(b) < 16 {
		return wavFormat{}, fmt.Errorf("the fmt chunk has %d bytes, 16 is the least", len(b))
	}
	f := wavFormat{
		tag:        order.Uint16(b),
		channels:   int(order.Uint16(b[2:])),
		rate:       int(order.Uint32(b[4:])),
		blockAlign: int(order.Uint16(b[12:])),
		bits:       int(order.Uint16(b[14:])),
	}
	f.valid = f.bits
	if len(b) > 18 {
		f.extra = b[18:]
	}
	if f.tag == tagExtensible {
		if len(f.extra) < 22 {
			return f, fmt.Errorf("the fmt chunk is WAVE_FORMAT_EXTENSIBLE but has %d bytes in place of 40", len(b))
		}
		if valid := int(order.Uint16(f.extra)); 0 < valid && valid < f.bits {
			f.valid = valid
		}
		if !f.subFormat(f.extra[6:22], order) {
			return f, fmt.Errorf("unknown WAVE_FORMAT_EXTENSIBLE sub-format %x", f.extra[6:22])
		}
	}
	switch {
	case f.channels == 0:
		return f, fmt.Errorf("the fmt chunk says 0 channels")
	case f.channels > maxChannels:
		return f, fmt.Errorf("the fmt chunk says %d channels, %d is the most", f.channels, maxChannels)
	case f.rate == 0:
		return f, fmt.Errorf("the fmt chunk says a sample rate of 0 Hz")
	case f.rate > 1<<31-1:
		return f, fmt.Errorf("the fmt chunk says a sample rate of %d Hz", f.rate)
	}
	return f, nil
}

// subFormat sets the tag from a GUID: a 32-bit and two 16-bit numbers in the file's byte order, then eight bytes.
func (f *wavFormat) subFormat(guid []byte, order binary.ByteOrder) bool {
	var tail [12]byte
	binary.LittleEndian.PutUint16(tail[0:], order.Uint16(guid[4:]))
	binary.LittleEndian.PutUint16(tail[2:], order.Uint16(guid[6:]))
	copy(tail[4:], guid[8:])
	for _, known := range subFormatTails {
		if tail == known && order.Uint32(guid) <= 0xFFFF {
			f.tag = uint16(order.Uint32(guid))
			return true
		}
	}
	return false
}
