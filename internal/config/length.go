package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Length is a stretch of audio, or a position in it: seconds ("2.5s", "300ms") or samples (4096).
// A negative one is a position counted from the end. The zero value is 0 samples.
type Length struct {
	samples int     // where seconds is 0
	seconds float64 // where not 0
}

// Bounds of a Length: 30 years of audio, so that no sample count overflows.
const (
	maxSeconds = 1e9
	maxSamples = 1 << 50
)

var errLength = errors.New("it must be a length such as 2.5s, 300ms or 4096 (samples); negative counts from the end")

// Samples is a length of n samples, at any rate.
func Samples(n int) Length { return Length{samples: n} }

// Seconds is a length in seconds.
func Seconds(s float64) Length { return Length{seconds: s} }

// Samples is the length at a sample rate in Hz, to the nearest sample, halves away from zero.
func (l Length) Samples(rate int) int {
	if l.seconds == 0 {
		return l.samples
	}
	return int(math.Round(l.seconds * float64(rate)))
}

// Position is the sample that l names in a signal of total samples: counted from the end where l is
// negative. It may lie outside 0..total; that is the caller's to judge, who knows the signal.
func (l Length) Position(rate, total int) int {
	n := l.Samples(rate)
	if n < 0 {
		return total + n
	}
	return n
}

// Negative tells whether l counts from the end.
func (l Length) Negative() bool { return l.samples < 0 || l.seconds < 0 }

// String is "2.5s" or "4096", as UnmarshalText reads it.
func (l Length) String() string {
	if l.seconds == 0 {
		return strconv.Itoa(l.samples)
	}
	return strconv.FormatFloat(l.seconds, 'f', -1, 64) + "s"
}

// MarshalText is String, or an error where UnmarshalText would refuse it.
func (l Length) MarshalText() ([]byte, error) {
	s := []byte(l.String())
	return s, new(Length).UnmarshalText(s)
}

// UnmarshalText reads "2.5s", "300ms" or "4096". The error says what a length looks like.
func (l *Length) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	unit := 0.0 // of a second
	digits := s
	if t, ok := strings.CutSuffix(s, "ms"); ok {
		digits, unit = t, 1000
	} else if t, ok := strings.CutSuffix(s, "s"); ok {
		digits, unit = t, 1
	}
	if unit == 0 {
		n, err := strconv.Atoi(digits)
		if err != nil || n > maxSamples || n < -maxSamples {
			return errLength
		}
		*l = Samples(n)
		return nil
	}
	digits = strings.TrimSpace(digits)
	x, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.Trim(digits, "+-.0123456789eE") != "" || math.Abs(x/unit) > maxSeconds {
		return errLength
	}
	*l = Seconds(x / unit)
	return nil
}
