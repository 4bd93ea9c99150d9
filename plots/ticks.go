package plots

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// linearTicks marks about count multiples of 1, 2 or 5 times a power of ten.
type linearTicks struct{ count int }

// Ticks implements plot.Ticker.
func (t linearTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(hi-lo > 1e-12*math.Max(math.Abs(lo), math.Abs(hi))) {
		return nil // neighbouring floats: there are no round numbers between them
	}
	step := niceStep((hi - lo) / float64(t.count))
	largest := math.Max(math.Abs(lo), math.Abs(hi))
	first, last := math.Ceil(lo/step-1e-6), math.Floor(hi/step+1e-6)
	var ticks []plot.Tick
	for k := first; k <= last; k++ {
		ticks = append(ticks, plot.Tick{Value: k * step, Label: formatTick(k*step, step, largest)})
	}
	return ticks
}

// niceStep returns the smallest of 1, 2, 5, 10 times a power of ten that is not below raw (> 0).
func niceStep(raw float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= raw*(1-1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}

// formatTick writes v with the digits that a distance of step needs, the same for all ticks of
// an axis whose largest magnitude is largest: 0.25, 12.5k, 3e-5.
func formatTick(v, step, largest float64) string {
	if math.Abs(v) < step/2 {
		return "0"
	}
	power := func(x float64) int { return int(math.Floor(math.Log10(x) + 1e-9)) }
	switch {
	case largest >= 1e9 || largest < 1e-3:
		s := strconv.FormatFloat(v, 'e', max(0, power(math.Abs(v))-power(step)), 64)
		return shortExponent(s)
	case largest >= 1e6:
		return strconv.FormatFloat(v/1e6, 'f', max(0, 6-power(step)), 64) + "M"
	case largest >= 1e4:
		return strconv.FormatFloat(v/1e3, 'f', max(0, 3-power(step)), 64) + "k"
	}
	return strconv.FormatFloat(v, 'f', max(0, -power(step)), 64)
}

// shortExponent turns 1e-05 into 1e-5 and 2e+09 into 2e9.
func shortExponent(s string) string {
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	n, _ := strconv.Atoi(exponent)
	return mantissa + "e" + strconv.Itoa(n)
}

// logTicks marks a logarithmic axis. How much is labelled depends on its span: multiples of a
// linear step below half a decade, 1, 2 and 5 below two decades, then powers of ten, at most
// about seven of them.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	span := math.Log10(hi) - math.Log10(lo)
	if span < 0.5 {
		return linearTicks{5}.Ticks(lo, hi)
	}
	every := max(1, int(math.Ceil(span/7)))
	var ticks []plot.Tick
	for e := int(math.Floor(math.Log10(lo))); e <= int(math.Ceil(math.Log10(hi))); e++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow(10, float64(e))
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			labelled := m == 1 && e%every == 0 || span < 2 && (m == 2 || m == 5)
			switch {
			case labelled:
				ticks = append(ticks, plot.Tick{Value: v, Label: formatPower(m, e)})
			case m == 1 || every == 1:
				ticks = append(ticks, plot.Tick{Value: v})
			}
		}
	}
	return ticks
}

// hertzTicks marks a logarithmic axis of frequencies at 1, 2 and 5 times the powers of ten: 50,
// 100, 2k.
type hertzTicks struct{}

// Ticks implements plot.Ticker.
func (hertzTicks) Ticks(lo, hi float64) []plot.Tick {
	ticks := logTicks{}.Ticks(lo, hi)
	for i, t := range ticks {
		m := t.Value / math.Pow(10, math.Floor(math.Log10(t.Value)+1e-9))
		if m = math.Round(m*1e6) / 1e6; m != 1 && m != 2 && m != 5 {
			continue
		}
		ticks[i].Label = strconv.FormatFloat(t.Value, 'g', 4, 64)
		if t.Value >= 1000 {
			ticks[i].Label = strconv.FormatFloat(t.Value/1000, 'g', 4, 64) + "k"
		}
	}
	return ticks
}

// formatPower writes m times ten to the e: plain near 1, else with an exponent.
func formatPower(m, e int) string {
	if e < -3 || e > 3 {
		return strconv.Itoa(m) + "e" + strconv.Itoa(e)
	}
	return strconv.FormatFloat(float64(m)*math.Pow(10, float64(e)), 'f', max(0, -e), 64)
}
