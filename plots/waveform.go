package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Overlay shows target and output over a few milliseconds, with their residual (output minus
// target) below on a scale of its own. Samples beyond the shorter signal are left out.
type Overlay struct {
	Title          string
	Target, Output []float32
	RateHz         float64
	// Start and Length say which samples are shown. With Length 0 they are the loudest 20 ms of
	// the target.
	Start, Length int
}

// Figure draws the window.
func (o Overlay) Figure() *Figure {
	g := page{title: o.Title, legend: []legendEntry{{"target", targetColor, nil}, {"output", outputColor, []vg.Length{5, 3}}, {"residual", residualColor, nil}}}
	rate := checkedRate(o.RateHz, &g)
	n := min(len(o.Target), len(o.Output))
	if o.Length <= 0 {
		o.Length = int(math.Round(min(max(0.02*rate, 2), float64(n))))
		o.Start = loudestWindow(o.Target[:n], o.Length)
	}
	o.Start = min(max(o.Start, 0), n)
	o.Length = min(o.Length, n-o.Start)
	target, output := o.Target[o.Start:][:o.Length], o.Output[o.Start:][:o.Length]
	residual, esr := residualOf(target, output)
	noteSamples(&g, target, output)

	from := float64(o.Start) / rate
	unit, perSample := "ms", 1000/rate
	if float64(o.Length) > rate {
		unit, perSample = "s", 1/rate
	}
	xLabel := fmt.Sprintf("time (%s from %.3f s)", unit, from)
	axes := func(y span, yLabel string) *plot.Plot {
		p := newPlot(xLabel, yLabel, linearTicks{10}, linearTicks{5})
		p.X.Min, p.X.Max = 0, float64(max(o.Length-1, 1))*perSample
		p.Y.Min, p.Y.Max = y.padLinear(0.08)
		return p
	}
	upper := axes(sampleRange(target, output), "amplitude")
	lower := axes(sampleRange(residual), "amplitude")
	if o.Length == 0 {
		upper.Add(centred("no samples to show"))
	}
	for _, l := range []struct {
		on      *plot.Plot
		samples []float32
		style   draw.LineStyle
	}{
		{upper, target, draw.LineStyle{Color: targetColor, Width: 2.2}},
		{upper, output, draw.LineStyle{Color: outputColor, Width: 1.5, Dashes: []vg.Length{5, 3}}},
		{lower, residual, draw.LineStyle{Color: residualColor, Width: 1.4}},
	} {
		pts := samplePoints(l.samples, perSample)
		pts.cut(upper.X.Min, upper.X.Max)
		l.on.Add(stroke{pts, l.style})
	}
	below := "Residual (output − target), on its own scale"
	if !math.IsNaN(esr) {
		below += fmt.Sprintf("; error-to-signal ratio of this window %.3g", esr)
	}
	panels := []panel{{label: "Target and output", plot: upper, weight: 2}, {label: below, plot: lower, weight: 1}}
	return &Figure{title: o.Title, height: 480,
		alt: fmt.Sprintf("Waveforms %q of target and output, %.3g %s from %.3f s; error-to-signal ratio %.3g.",
			o.Title, float64(o.Length)*perSample, unit, from, esr),
		draw: func(c draw.Canvas) { stack(g.draw(c), panels) }}
}

// checkedRate returns a usable sampling rate: 1 with a note where there is none.
func checkedRate(rate float64, g *page) float64 {
	if rate > tiny && rate <= huge {
		return rate
	}
	g.notes = append(g.notes, "no sampling rate was given, so one second stands for one sample")
	return 1
}

// noteSamples counts samples that are not numbers.
func noteSamples(g *page, signals ...[]float32) {
	bad := 0
	for _, s := range signals {
		for _, v := range s {
			if !drawable(float64(v)) {
				bad++
			}
		}
	}
	if bad > 0 {
		g.notes = append(g.notes, plural(bad, "sample")+" not finite")
	}
}

// residualOf returns output - target and the error-to-signal ratio sum(residual²)/sum(target²)
// over the finite pairs, which is NaN for a silent target.
func residualOf(target, output []float32) (residual []float32, esr float64) {
	residual = make([]float32, len(target))
	var num, den float64
	for i, t := range target {
		residual[i] = output[i] - t
		if d := float64(residual[i]); drawable(d) {
			num += d * d
			den += float64(t) * float64(t)
		}
	}
	if den == 0 {
		return residual, math.NaN()
	}
	return residual, num / den
}

// loudestWindow returns where the n neighbouring samples of greatest energy start.
func loudestWindow(x []float32, n int) int {
	if n <= 0 || n >= len(x) {
		return 0
	}
	energy := func(v float32) float64 {
		if f := float64(v); drawable(f) {
			return f * f
		}
		return 0
	}
	var sum, most float64
	best := 0
	for i, v := range x {
		sum += energy(v)
		if i >= n {
			sum -= energy(x[i-n])
		}
		if start := i - n + 1; start >= 0 && sum > most*(1+1e-9) {
			most, best = sum, start
		}
	}
	return best
}

// sampleRange returns the range of the finite samples, symmetric about zero.
func sampleRange(signals ...[]float32) span {
	peak := 0.0
	for _, s := range signals {
		for _, v := range s {
			if a := math.Abs(float64(v)); drawable(a) {
				peak = max(peak, a)
			}
		}
	}
	return span{-peak, peak}
}

func samplePoints(s []float32, perSample float64) *points {
	p := &points{make([]float64, len(s)), make([]float64, len(s))}
	for i, v := range s {
		p.x[i], p.y[i] = float64(i)*perSample, float64(v)
		if !drawable(p.y[i]) {
			p.y[i] = math.NaN()
		}
	}
	return p
}
