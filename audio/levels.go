package audio

import "math"

// Levels measures one channel, block by block, in one pass. The zero value is ready. Full scale is 1.
type Levels struct {
	Samples     int64   // finite samples seen
	NonFinite   int64   // NaNs and infinities seen; they count in nothing else
	Peak        float64 // largest absolute value
	Clipped     int64   // samples in clipped runs
	ClippedRuns int64   // runs of clipRun or more samples in a row at full scale

	sum, sumSquares float64
	run             int64
}

const (
	clipRun   = 3                // two samples at full scale can be a loud peak; a plateau is not
	fullScale = 32766.5 / 32768. // the largest 16-bit sample counts, rounded or not
)

// Measure measures x.
func Measure(x []float32) Levels {
	var l Levels
	l.Add(x)
	return l
}

// Add measures the next block. Runs are followed across blocks, so the cut into blocks does not matter.
func (l *Levels) Add(x []float32) {
	for _, s := range x {
		v := float64(s)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			l.NonFinite++
			l.run = 0
			continue
		}
		l.Samples++
		l.sum += v
		l.sumSquares += float64(v * v)
		a := math.Abs(v)
		l.Peak = max(l.Peak, a)
		if a < fullScale {
			l.run = 0
			continue
		}
		l.run++
		switch {
		case l.run == clipRun:
			l.ClippedRuns++
			l.Clipped += clipRun
		case l.run > clipRun:
			l.Clipped++
		}
	}
}

// RMS returns the root mean square of the finite samples, 0 for none.
func (l *Levels) RMS() float64 {
	if l.Samples == 0 {
		return 0
	}
	return math.Sqrt(l.sumSquares / float64(l.Samples))
}

// DC returns the mean of the finite samples, 0 for none.
func (l *Levels) DC() float64 {
	if l.Samples == 0 {
		return 0
	}
	return l.sum / float64(l.Samples)
}

// PeakDB returns the peak in dBFS: 0 is full scale, silence is -Inf.
func (l *Levels) PeakDB() float64 { return DB(l.Peak) }

// RMSDB returns the RMS in dBFS, where a square wave of full scale is 0 and a sine of full scale -3.01.
func (l *Levels) RMSDB() float64 { return DB(l.RMS()) }

// DB returns 20 log10 of an amplitude; 0 gives -Inf.
func DB(amplitude float64) float64 { return 20 * math.Log10(amplitude) }
