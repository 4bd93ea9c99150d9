package train

import (
	"errors"
	"io"
	"math"

	"partials/audio"
	"partials/plots"
)

// Inspection is what is known of a sound file. Its JSON fields are stable:
// levels are linear, full scale is 1.
type Inspection struct {
	File     string   `json:"file"`
	Format   string   `json:"format"`
	Rate     int      `json:"rate_hz"`
	Channels int      `json:"channels"`
	Frames   int64    `json:"frames"`
	Peak     Number   `json:"peak"`
	RMS      Number   `json:"rms"`
	Warnings []string `json:"warnings"`

	Levels []audio.Levels `json:"-"` // a channel each
}

// Seconds is the file's length.
func (i *Inspection) Seconds() float64 { return float64(i.Frames) / float64(i.Rate) }

// Inspect measures a sound file in blocks.
func Inspect(path string) (*Inspection, error) {
	r, err := audio.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info := r.Info()
	ins := &Inspection{File: path, Format: info.Format, Rate: info.Rate, Channels: info.Channels, Frames: info.Frames,
		Warnings: append([]string{}, info.Warnings...), Levels: make([]audio.Levels, info.Channels)}
	err = eachBlock(r, func(block [][]float32) {
		for c, x := range block {
			ins.Levels[c].Add(x)
		}
	})
	if err != nil {
		return nil, err
	}
	squares, count := 0.0, 0.0
	for _, l := range ins.Levels {
		ins.Peak = max(ins.Peak, Number(l.Peak))
		squares += l.RMS() * l.RMS() * float64(l.Samples)
		count += float64(l.Samples)
	}
	if count > 0 {
		ins.RMS = Number(math.Sqrt(squares / count))
	}
	return ins, nil
}

// DrawSpectrogram writes the spectrogram of a sound file, all channels mixed,
// as a PNG and an SVG beside it: to is the path without its ending.
func DrawSpectrogram(path, title, to string) error {
	r, err := audio.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	info := r.Info()
	mono := make([]float32, 0, info.Frames)
	err = eachBlock(r, func(block [][]float32) {
		for i := range block[0] {
			sum := float32(0)
			for _, x := range block {
				sum += x[i]
			}
			mono = append(mono, sum/float32(len(block)))
		}
	})
	if err != nil {
		return err
	}
	db, scale := spectrogram(mono, info.Rate)
	return plots.Spectrogram{Title: title, DB: db, Scale: scale}.Figure().Save(to)
}

// eachBlock calls f with the file's channels, block by block.
func eachBlock(r *audio.Reader, f func(block [][]float32)) error {
	block := planes(r.Info().Channels, evaluateBlock)
	for at := int64(0); at < r.Info().Frames; at += evaluateBlock {
		n, err := r.ReadAt(block, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		f(upTo(block, n))
	}
	return nil
}
