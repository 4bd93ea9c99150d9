package audio

import "fmt"

// Info says what a sound file holds.
type Info struct {
	Format        string   // container and coding, as "WAV PCM 24-bit" or "FLAC 16-bit"
	Rate          int      // frames a second, Hz
	Channels      int      // samples a frame
	Frames        int64    // frames that can be read; one frame is one sample of every channel
	BitsPerSample int      // significant bits of a coded sample (ADPCM: 4, GSM 6.10: 0)
	Warnings      []string // what was odd but readable, one sentence each
}

// Seconds returns the duration of the sound in seconds.
func (i Info) Seconds() float64 { return float64(i.Frames) / float64(i.Rate) }

func (i *Info) warn(format string, args ...any) {
	i.Warnings = append(i.Warnings, fmt.Sprintf(format, args...))
}
