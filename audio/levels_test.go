package audio

import (
	"math"
	"testing"
)

func TestLevels(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	x := []float32{0.5, -0.5, 0.5, 0.5, nan, 1, 1, 1, 1, 0, 1, 1, 0, -1, -1, inf, -1, 32767. / 32768, 2, -2, 0}
	want := Levels{Samples: 19, NonFinite: 2, Peak: 2, Clipped: 8, ClippedRuns: 2}
	sum, squares := 0.5*4-2*0.5+4+2-2-1+32767./32768+2-2, 0.25*4+4+2+2+1+math.Pow(32767./32768, 2)+4+4
	for cut := range len(x) + 1 {
		var l Levels
		l.Add(x[:cut])
		l.Add(x[cut:])
		if l.Samples != want.Samples || l.NonFinite != want.NonFinite || l.Peak != want.Peak || l.Clipped != want.Clipped || l.ClippedRuns != want.ClippedRuns {
			t.Fatalf("cut at %d: %+v, want %+v", cut, l, want)
		}
		if math.Abs(l.DC()-sum/19) > 1e-12 || math.Abs(l.RMS()-math.Sqrt(squares/19)) > 1e-12 {
			t.Fatalf("cut at %d: DC %v, RMS %v", cut, l.DC(), l.RMS())
		}
	}
	sine := make([]float32, 48000)
	for i := range sine {
		sine[i] = 0.5 * float32(math.Sin(2*math.Pi*float64(i)/48))
	}
	l := Measure(sine)
	if math.Abs(l.PeakDB()+6.0206) > 1e-3 || math.Abs(l.RMSDB()+9.0309) > 1e-3 || math.Abs(l.DC()) > 1e-9 || l.ClippedRuns != 0 {
		t.Errorf("a sine at half scale: peak %v dBFS, RMS %v dBFS, DC %v", l.PeakDB(), l.RMSDB(), l.DC())
	}
	var none Levels
	if none.RMS() != 0 || none.DC() != 0 || !math.IsInf(none.PeakDB(), -1) {
		t.Errorf("no samples: %+v", none)
	}
}
