package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	goaudio "github.com/go-audio/audio"
	"github.com/go-audio/wav"
)

// Format is the sample format of a WAV file that is written.
type Format int

const (
	PCM16   Format = iota // 16-bit integers
	PCM24                 // 24-bit integers
	Float32               // IEEE floats, not clipped and not rounded
)

// bits returns the width of a sample.
func (f Format) bits() int {
	switch f {
	case PCM16:
		return 16
	case PCM24:
		return 24
	case Float32:
		return 32
	}
	panic(fmt.Sprintf("audio: no sample format %d", int(f)))
}

// String returns the format's name: pcm16, pcm24 or float32.
func (f Format) String() string {
	switch f {
	case PCM16:
		return "pcm16"
	case PCM24:
		return "pcm24"
	case Float32:
		return "float32"
	}
	return fmt.Sprintf("Format(%d)", int(f))
}

// maxDataBytes is what a RIFF file can hold beside its headers: sizes in it have 32 bits.
const maxDataBytes = math.MaxUint32 - 1<<10

// Writer writes a WAV file. The file appears under its name when Close has completed it; until then, and for good after an
// error, nothing is there. A Writer serves one goroutine.
type Writer struct {
	path     string
	file     *os.File // under a temporary name beside path
	enc      *wav.Encoder
	channels int
	bytes    int64 // of samples written
	quantizer
	block  goaudio.IntBuffer
	err    error
	closed bool
}

// Create starts a WAV file at path, of the given rate in Hz and number of channels.
func Create(path string, rate, channels int, f Format) (*Writer, error) {
	if channels < 1 || channels > maxChannels {
		return nil, fmt.Errorf("audio: %s: %d channels; a WAV file has 1 to %d", path, channels, maxChannels)
	}
	if rate < 1 || int64(rate)*int64(channels*f.bits()/8) > math.MaxUint32 {
		return nil, fmt.Errorf("audio: %s: a sample rate of %d Hz cannot be written", path, rate)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, fmt.Errorf("audio: %s: %w", path, withoutPath(err))
	}
	w := &Writer{path: path, file: file, quantizer: quantizer{format: f}, channels: channels}
	// The encoder reserves memory for a minute of sound at the rate it is made with, so it is made with 1 Hz.
	w.enc = wav.NewEncoder(file, 1, f.bits(), channels, 1)
	w.enc.SampleRate = rate
	w.block = goaudio.IntBuffer{Format: &goaudio.Format{NumChannels: channels, SampleRate: rate}, SourceBitDepth: f.bits()}
	if f == Float32 {
		_, err = file.Write(floatHeader(rate, channels, 0))
	} else {
		err = w.enc.Write(&w.block) // the header: the block is empty
	}
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err != nil {
		w.Abort()
		return nil, fmt.Errorf("audio: %s: %w", path, withoutPath(err))
	}
	return w, nil
}

// writeFrames is the number of frames encoded at once.
const writeFrames = 4096

// Write appends a planar block: one slice a channel, all of one length. Full scale is 1. For integer formats a sample x
// is x*2^(bits-1) rounded to nearest, halves to even; what lies beyond the range becomes its end and is counted by
// Clipped (x = 1 is one step beyond); NaN becomes 0 and is counted by NaNs. What was read from a file of the same
// format is written with the same bits.
func (w *Writer) Write(block [][]float32) error {
	if w.closed || w.err != nil {
		return errors.Join(fmt.Errorf("audio: %s: write after the file was closed or failed", w.path), w.err)
	}
	if len(block) != w.channels {
		return fmt.Errorf("audio: %s: a block of %d channels for a file of %d", w.path, len(block), w.channels)
	}
	frames := len(block[0])
	for _, ch := range block {
		if len(ch) != frames {
			return fmt.Errorf("audio: %s: the channels of a block differ in length (%d and %d)", w.path, frames, len(ch))
		}
	}
	size := int64(frames) * int64(w.channels*w.format.bits()/8)
	if w.bytes+size > maxDataBytes {
		w.err = fmt.Errorf("audio: %s: the sound is longer than the 4 GiB that a WAV file holds; write it in parts", w.path)
		return w.err
	}
	for from := 0; from < frames; from += writeFrames {
		if err := w.encode(block, from, min(from+writeFrames, frames)); err != nil {
			w.err = fmt.Errorf("audio: %s: %w", w.path, withoutPath(err))
			return w.err
		}
	}
	w.bytes += size
	return nil
}

// encode writes frames [from, to) of a block.
func (w *Writer) encode(block [][]float32, from, to int) error {
	if w.format == Float32 {
		b := make([]byte, 0, (to-from)*w.channels*4)
		for t := from; t < to; t++ {
			for _, ch := range block {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(ch[t]))
			}
		}
		_, err := w.file.Write(b)
		return err
	}
	w.block.Data = w.block.Data[:0]
	for t := from; t < to; t++ {
		for _, ch := range block {
			w.block.Data = append(w.block.Data, w.quantize(ch[t]))
		}
	}
	return w.enc.Write(&w.block)
}

// quantizer rounds samples to a format, and counts what does not fit.
type quantizer struct {
	format  Format
	clipped int64
	nans    int64
}

// quantize rounds a sample to an integer of the format's width.
func (q *quantizer) quantize(x float32) int {
	if x != x {
		q.nans++
		return 0
	}
	limit := float64(int(1) << (q.format.bits() - 1))
	v := math.RoundToEven(float64(x) * limit)
	if v < -limit || v > limit-1 {
		q.clipped++
		v = min(max(v, -limit), limit-1)
	}
	return int(v)
}

// Clipped returns how many samples so far lay beyond the range of the format and were set to its end.
func (q *quantizer) Clipped() int64 { return q.clipped }

// NaNs returns how many samples so far were NaN and were written as 0. Float32 keeps them.
func (q *quantizer) NaNs() int64 { return q.nans }

// Close completes the file and gives it its name. After an error of Write it removes the file and returns that error.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	if w.err != nil {
		w.Abort()
		return w.err
	}
	err := w.finish()
	if err == nil {
		err = w.file.Close()
	}
	if err == nil {
		err = os.Rename(w.file.Name(), w.path)
	}
	if err != nil {
		w.Abort()
		return fmt.Errorf("audio: %s: %w", w.path, withoutPath(err))
	}
	w.closed = true
	return nil
}

// finish pads the data to an even length, writes the sizes into the header and syncs.
func (w *Writer) finish() error {
	if w.format == Float32 {
		header := floatHeader(w.enc.SampleRate, w.channels, w.bytes)
		if _, err := w.file.WriteAt(header, 0); err != nil {
			return err
		}
		return w.file.Sync()
	}
	if w.bytes&1 == 1 { // the encoder forgets to
		if err := w.enc.AddLE(uint8(0)); err != nil {
			return err
		}
	}
	return w.enc.Close()
}

// Abort gives the file up: what was written is removed, and Close does nothing more.
func (w *Writer) Abort() {
	if w.closed {
		return
	}
	w.closed = true
	w.file.Close()
	_ = os.Remove(w.file.Name())
}

// floatHeader is the head of a float file up to its samples: unlike PCM it needs a fmt chunk with a size field for its
// (empty) extension and a fact chunk with the number of frames, and go-audio/wav writes neither.
func floatHeader(rate, channels int, dataBytes int64) []byte {
	const fmtSize, factSize = 18, 4
	frame := 4 * channels
	le := binary.LittleEndian
	b := []byte("RIFF")
	b = le.AppendUint32(b, uint32(4+(8+fmtSize)+(8+factSize)+8+dataBytes))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, fmtSize)
	b = le.AppendUint16(b, tagFloat)
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*frame))
	b = le.AppendUint16(b, uint16(frame))
	b = le.AppendUint16(b, 32)
	b = le.AppendUint16(b, 0)
	b = append(b, "fact"...)
	b = le.AppendUint32(b, factSize)
	b = le.AppendUint32(b, uint32(dataBytes/int64(frame)))
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(dataBytes))
}

// WriteFile writes a sound to a WAV file and returns how many samples were clipped; see Writer.Write.
func WriteFile(path string, a *Audio, f Format) (clipped int64, err error) {
	w, err := Create(path, a.Rate, len(a.Channels), f)
	if err != nil {
		return 0, err
	}
	if err := w.Write(a.Channels); err != nil {
		w.Abort()
		return 0, err
	}
	return w.Clipped(), w.Close()
}
