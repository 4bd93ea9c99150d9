package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scale places the cells of a dB matrix on paper and says how much of it is shown. A matrix is
// [frames][bins]: frame i is centred at i*SecondsPerFrame, its bins run evenly from 0 Hz to
// RateHz/2 inclusive. Rows of unequal length are allowed; what is missing is grey.
type Scale struct {
	SecondsPerFrame float64
	RateHz          float64
	MaxHz           float64 // top of the frequency axis; 0 is RateHz/2
	RangeDB         float64 // what is shown below the loudest cell; 0 is 80 dB
}

// Spectrogram is one matrix in dB.
type Spectrogram struct {
	Title string
	DB    [][]float32 // [frames][bins], dB; -Inf is silence, NaN is drawn grey
	Scale
}

// Triptych is a target, an output and the difference of their levels, one above the other on one
// time axis, with the spectrogram of the waveforms' difference between where it is given.
// Both signals share the target's dB scale. Before the difference is taken, both are raised to
// the floor of that scale, so that two kinds of inaudible do not differ.
type Triptych struct {
	Title          string
	Target, Output [][]float32 // [frames][bins], dB
	Residual       [][]float32 // of output minus target, sample by sample; nil for none
	Scale
	DifferenceDB float64 // the difference's scale is plus and minus this; 0 is 20 dB
}

// Figure draws the spectrogram.
func (s Spectrogram) Figure() *Figure {
	g := page{title: s.Title}
	sc, fault := s.Scale.checked()
	top := loudest(s.DB)
	g.noteMatrix("", s.DB)
	if fault != "" {
		g.notes = append(g.notes, fault)
	}
	m := newRaster(s.DB, len(s.DB), sc, greatest)
	p := sc.panel("", m, &magma, top-sc.RangeDB, top)
	return &Figure{title: s.Title, height: 340,
		alt:  fmt.Sprintf("Spectrogram %q: %.3g s, 0 to %.3g kHz, %.0f dB down to %.0f dB.", s.Title, sc.seconds(len(s.DB)), sc.MaxHz/1000, top, top-sc.RangeDB),
		draw: func(c draw.Canvas) { stack(g.draw(c), []panel{p}) }}
}

// Figure draws the three spectrograms.
func (t Triptych) Figure() *Figure {
	g := page{title: t.Title}
	sc, fault := t.Scale.checked()
	top := loudest(t.Target)
	if math.IsInf(maxOf(t.Target), -1) {
		top = loudest(t.Output)
	}
	t.DifferenceDB = checkedRange(t.DifferenceDB, 20)
	g.noteMatrix("target: ", t.Target)
	g.noteMatrix("output: ", t.Output)
	if fault != "" {
		g.notes = append(g.notes, fault)
	}
	frames := max(len(t.Target), len(t.Output))
	floor := top - sc.RangeDB
	change := subtract(t.Output, t.Target, floor)
	target, output := newRaster(t.Target, frames, sc, greatest), newRaster(t.Output, frames, sc, greatest)
	difference := newRaster(change, frames, sc, farthest)
	panels := []panel{
		sc.panel("Target", target, &magma, floor, top),
		sc.panel("Output", output, &magma, floor, top),
	}
	if t.Residual != nil {
		g.noteMatrix("residual: ", t.Residual)
		panels = append(panels, sc.panel("Residual: the sound of output − target, on the same scale", newRaster(t.Residual, frames, sc, greatest), &magma, floor, top))
	}
	panels = append(panels, sc.panel("Difference of the levels (output − target)", difference, &diverging, -t.DifferenceDB, t.DifferenceDB))
	return &Figure{title: t.Title, height: 40 + 220*vg.Length(len(panels)),
		alt: fmt.Sprintf("Spectrograms %q of target, output and their difference: %.3g s, 0 to %.3g kHz; mean absolute difference %.2f dB.",
			t.Title, sc.seconds(frames), sc.MaxHz/1000, meanAbs(change)),
		draw: func(c draw.Canvas) { stack(g.draw(c), panels) }}
}

// checked fills in defaults and replaces what no axis can be made of, saying so.
func (s Scale) checked() (_ Scale, fault string) {
	positive := func(v float64) bool { return v >= 1e-6 && v <= 1e12 }
	if !positive(s.SecondsPerFrame) || !positive(s.RateHz) {
		s.SecondsPerFrame, s.RateHz = 1, 2
		fault = "no frame time or sampling rate was given, so the axes count frames and bins"
	}
	if !positive(s.MaxHz) || s.MaxHz > s.RateHz/2 {
		s.MaxHz = s.RateHz / 2
	}
	s.RangeDB = checkedRange(s.RangeDB, 80)
	return s, fault
}

// checkedRange returns db, or otherwise where db is not a range that a scale can have.
func checkedRange(db, otherwise float64) float64 {
	if db >= 0.01 && db <= 2*maxDB {
		return db
	}
	return otherwise
}

// maxDB bounds what counts as a level. Nothing is louder; what is quieter is silence.
const maxDB = 1e4

// levelOf returns a cell's level in dB, -Inf for silence, NaN where the cell holds none.
func levelOf(cell float32) float64 {
	switch db := float64(cell); {
	case db > maxDB:
		return math.NaN()
	case db < -maxDB:
		return math.Inf(-1)
	default:
		return db
	}
}

func (s Scale) seconds(frames int) float64 { return float64(frames) * s.SecondsPerFrame }

// noteMatrix reports an empty or silent matrix and cells that are not numbers.
func (g *page) noteMatrix(name string, db [][]float32) {
	cells, nan := 0, 0
	for _, row := range db {
		cells += len(row)
		for _, v := range row {
			if math.IsNaN(levelOf(v)) {
				nan++
			}
		}
	}
	switch {
	case cells == 0:
		g.notes = append(g.notes, name+"no data yet")
	case nan > 0:
		g.notes = append(g.notes, fmt.Sprintf("%s%s not a number, drawn grey", name, plural(nan, "cell")))
	case math.IsInf(maxOf(db), -1):
		g.notes = append(g.notes, name+"silence")
	}
}

// maxOf returns the greatest level, -Inf where there is none.
func maxOf(db [][]float32) float64 {
	top := math.Inf(-1)
	for _, row := range db {
		for _, v := range row {
			if db := levelOf(v); db > top {
				top = db
			}
		}
	}
	return top
}

// loudest returns the top of the dB scale: the greatest cell, rounded up to a multiple of 5 dB;
// 0 dB for silence.
func loudest(db [][]float32) float64 {
	top := maxOf(db)
	if math.IsInf(top, -1) {
		return 0
	}
	return 5 * math.Ceil(top/5)
}

// subtract returns a - b cell by cell where both have one, after raising both to floor.
func subtract(a, b [][]float32, floor float64) [][]float32 {
	lo := float32(floor)
	out := make([][]float32, min(len(a), len(b)))
	for i := range out {
		out[i] = make([]float32, min(len(a[i]), len(b[i])))
		for k := range out[i] {
			out[i][k] = max(a[i][k], lo) - max(b[i][k], lo)
		}
	}
	return out
}

func meanAbs(db [][]float32) float64 {
	sum, n := 0.0, 0
	for _, row := range db {
		for _, v := range row {
			if db := levelOf(v); drawable(db) {
				sum += math.Abs(db)
				n++
			}
		}
	}
	return sum / float64(max(n, 1))
}
