package audio

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/mewkiz/flac/frame"
)

// flacFrame is a decoded frame whose subframes are all there and BlockSize long.
type flacFrame struct{ *frame.Frame }

// frame decodes the frame at the head of in and returns the number of bytes it took. mewkiz/flac can panic on damaged
// input, and has other habits that are met here: it does not take the sample width from the stream header where the
// frame's own says "see there", and it prints a line to the log for every frame of 24 or 176.4 kHz.
func (s *flacSource) frame(in *bufio.Reader) (out flacFrame, bytes int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decoding it failed: %v", p)
		}
	}()
	patch, err := quietHeader(in)
	if err != nil {
		return flacFrame{}, 0, err
	}
	counted := &flacBytes{in: in, patch: patch}
	f, err := frame.New(counted)
	if err != nil {
		return flacFrame{}, 0, err
	}
	if f.BlockSize == 0 {
		return flacFrame{}, 0, errors.New("block of 65536 samples")
	}
	if f.Channels.Count() != int(s.info.NChannels) {
		return flacFrame{}, 0, fmt.Errorf("it has %d channels, the header says %d", f.Channels.Count(), s.info.NChannels)
	}
	if f.BitsPerSample == 0 {
		f.BitsPerSample = s.info.BitsPerSample
	}
	err = f.Parse()
	if patch != nil && counted.crc == 0 { // the one over the original bytes, checksum included
		err = nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	for _, sub := range f.Subframes {
		if err == nil && (sub == nil || len(sub.Samples) != int(f.BlockSize)) {
			err = errors.New("a subframe is incomplete")
		}
	}
	return flacFrame{f}, counted.n, err
}

// flacBytes hands out the bytes of one frame, counts them and keeps their CRC-16. patch replaces the first of them.
type flacBytes struct {
	in    *bufio.Reader
	patch []byte
	n     int64
	crc   uint16
}

func (b *flacBytes) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	for i, v := range p[:n] {
		b.crc = b.crc<<8 ^ crc16Table[byte(b.crc>>8)^v]
		if at := b.n + int64(i); at < int64(len(b.patch)) {
			p[i] = b.patch[at]
		}
	}
	b.n += int64(n)
	return n, err
}

// quietHeader checks the header of the frame at the head of in. It returns one that leaves the sample rate to the
// stream header where the frame's own would make noise, else nil. The header: sync, block size and rate codes, channels,
// number as UTF-8, block size, sample rate, CRC-8 (RFC 9639, section 9.1).
func quietHeader(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(16)
	if len(head) == 0 {
		return nil, err
	}
	if len(head) < 6 {
		return nil, io.ErrUnexpectedEOF
	}
	if head[0] != 0xFF || head[1]&0xFE != 0xF8 {
		return nil, errors.New("no sync code")
	}
	n := 5
	for lead := head[4] << 1; head[4]&0x80 != 0 && lead&0x80 != 0; lead <<= 1 {
		n++
	}
	switch head[2] >> 4 {
	case 6:
		n++
	case 7:
		n += 2
	}
	rate := head[2] & 15
	switch rate {
	case 12:
		n++
	case 13, 14:
		n += 2
	}
	if n >= len(head) || crc8(head[:n]) != head[n] {
		return nil, errors.New("wrong header checksum")
	}
	if rate != 2 && rate != 7 {
		return nil, nil
	}
	patch := append([]byte(nil), head[:n+1]...)
	patch[2] &= 0xF0
	patch[n] = crc8(patch[:n])
	return patch, nil
}

// crc8 has the polynomial x^8+x^2+x+1 and starts at 0.
func crc8(b []byte) (crc uint8) {
	for _, v := range b {
		crc ^= v
		for range 8 {
			carry := crc >> 7
			crc = crc<<1 ^ carry*0x07
		}
	}
	return crc
}

// crc16Table is for the polynomial x^16+x^15+x^2+1, high bit first.
var crc16Table = func() (table [256]uint16) {
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*0x8005
		}
		table[i] = crc
	}
	return table
}()
