package capture

import (
	"fmt"
	"math"

	"partials/audio"
)

const (
	silentPeak = 1e-4 // -80 dBFS: below the noise of a recording, above dither
	quietPeak  = 1e-2 // -40 dBFS: the noise of a converter is not far
	// A sample of fullScale is where converters end: 32767 of 32768, or so.
	fullScale = 32766.5 / 32768
	// clipRun samples in a row at one full value are a plateau, not a loud peak.
	clipRun = 3
)

func peakOf(x []float32) (peak float64) {
	for _, v := range x {
		peak = max(peak, math.Abs(float64(v)))
	}
	return peak
}

// silence finds sounds that are not there, and such as are very quiet. It says
// whether one is silent.
func (c *checker) silence() bool {
	silent := false
	for _, s := range []struct {
		name, what string
		x          []float32
	}{{c.r.Input, "input", c.x}, {c.r.Output, "output", c.y}} {
		switch peak := peakOf(s.x); {
		case peak == 0:
			c.find("silence", Error, "the %s %s is silent: every sample is 0. Was the right track exported, and was it armed?", s.what, s.name)
			silent = true
		case peak < silentPeak:
			c.find("silence", Error, "the %s %s is silent: its peak is %.0f dBFS. Was anything plugged in, and was the right track exported?", s.what, s.name, audio.DB(peak))
			silent = true
		case peak < quietPeak:
			c.find("level", Warning, "the %s %s is very quiet: its peak is %.0f dBFS, and its noise is near. Record it louder, with peaks between -12 and -3 dBFS.", s.what, s.name, audio.DB(peak))
		}
	}
	return silent
}

// plateau is a run of samples at one value.
type plateau struct{ at, n int }

// plateaus finds the runs of at least clipRun samples of one value whose
// magnitude is at least level. Full scale is one value whatever the last bit
// says.
func plateaus(x []float32, level float64) (runs []plateau) {
	const above = 1 + 1e-6 // floating point goes further
	full := func(v float32) bool { a := math.Abs(float64(v)); return a >= fullScale && a <= above }
	for t := 0; t < len(x); {
		n := 1
		if math.Abs(float64(x[t])) >= level {
			for t+n < len(x) && (x[t+n] == x[t] || full(x[t]) && full(x[t+n]) && (x[t] > 0) == (x[t+n] > 0)) {
				n++
			}
			if n >= clipRun {
				runs = append(runs, plateau{t, n})
			}
		}
		t += n
	}
	return runs
}

// clipping finds what a converter cut off: plateaus at full scale, and flat
// tops just below it, which were cut off before the level was changed. Lower
// plateaus may be the device's own.
func (c *checker) clipping() {
	const nearFull = 0.89 // -1 dBFS
	for _, s := range []struct {
		name, what string
		x          []float32
		severity   Severity
	}{{c.r.Input, "input", c.x, Warning}, {c.r.Output, "output", c.y, Error}} {
		peak := peakOf(s.x)
		runs := plateaus(s.x, math.Min(fullScale, peak))
		if peak >= fullScale && len(runs) > 0 {
			way := "Record it again with less gain at the interface"
			if s.severity == Error {
				way += ", or go on all the same by --ignore clipping"
			}
			c.findAt("clipping", s.severity, runs[0].at, runs[0].at+runs[0].n, "the %s %s is clipped: %s at full scale, the first at %s. %s.",
				s.what, s.name, times(len(runs), "flat top"), c.at(runs[0].at), way)
			continue
		}
		if peak > 1 {
			c.find("clipping", Warning, "the %s %s goes above full scale, to %+.1f dBFS. Its samples are floating point, so nothing is lost; other programs may clip it.", s.what, s.name, audio.DB(peak))
			continue
		}
		if peak < nearFull {
			continue
		}
		if runs := plateaus(s.x, peak*(1-1e-4)); len(runs) >= 3 {
			c.findAt("clipping", Warning, runs[0].at, runs[0].at+runs[0].n, "the %s %s has %s at its peak, %.2f dBFS, the first at %s: it looks clipped. If that is not the device itself, record it again with less gain.",
				s.what, s.name, times(len(runs), "flat top"), audio.DB(peak), c.at(runs[0].at))
		}
	}
}

// times is "1 dropout", "2 dropouts".
func times(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
