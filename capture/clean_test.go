package capture

import (
	"math"
	"testing"
)

// cleanDevices make pairs that nothing is wrong with, whatever a check may think:
// loud and soft, dull and bright, late, compressed, distorted in every way.
var cleanDevices = map[string]struct {
	devices []device
	late    float64 // samples
}{
	"a cable":            {nil, 0},
	"20 dB softer":       {[]device{gain(-20)}, 0},
	"late":               {[]device{late(498.4)}, 498.4},
	"very late":          {[]device{late(30000)}, 30000},
	"a little early":     {[]device{late(-3)}, -3},
	"overdrive":          {[]device{drive(3)}, 0},
	"high gain":          {[]device{drive(50), cabinet, gain(-9)}, 0},
	"fuzz":               {[]device{drive(500), gain(-3)}, 0},
	"asymmetric":         {[]device{asymmetric(20), highpass(20)}, 0},
	"asymmetric with DC": {[]device{asymmetric(20)}, 0},
	"an inverting amp":   {[]device{drive(20), invert, cabinet, gain(-9), late(211)}, 211},
	"hard clipping":      {[]device{gain(20), clipAt(0.5)}, 0},
	"a compressor":       {[]device{compressor, gain(-12)}, 0},
	"compressed amp":     {[]device{compressor, drive(10), cabinet, gain(-9), late(1203.7)}, 1203.7},
	"a cabinet":          {[]device{cabinet, gain(-9)}, 0},
	"noise":              {[]device{drive(100), cabinet, gain(-9), noisy(-55, 1), late(333)}, 333},
	"an equaliser":       {[]device{highpass(300), lowpass(2000)}, 0},
	"bass only":          {[]device{lowpass(200)}, 0},
	"treble only":        {[]device{highpass(3000)}, 0},
	"two stages":         {[]device{highpass(700), drive(100), lowpass(5000), drive(5), cabinet, gain(-9)}, 0},
	"16 bits":            {[]device{memoryless(func(v float64) float64 { return math.Round(v*16384) / 32768 }), late(17)}, 17},
}

// harmless are findings that are true of a clean device too.
var harmless = map[string]bool{"polarity": true, "length": true}

func TestCleanPairs(t *testing.T) {
	in, out := guitar(t)
	judge := func(t *testing.T, r *Report, late float64) {
		t.Helper()
		for _, f := range r.Findings {
			if f.Severity == Error || !harmless[f.Check] {
				t.Errorf("accused of %s: %s", f.Check, f.Text)
			}
		}
		// Early is harmless, late is not: by a sample or two at most.
		if d := float64(r.Latency.Samples) - late; d > 2 || d < -24 {
			t.Errorf("a latency of %.1f is found to be %d", late, r.Latency.Samples)
		}
	}
	t.Run("a real amplifier", func(t *testing.T) { judge(t, check(t, in, out, Options{}), 0) })
	for name, c := range cleanDevices {
		t.Run(name, func(t *testing.T) { judge(t, check(t, in, in.through("out.wav", c.devices...), Options{}), c.late) })
	}
}

// A test signal has parts that no music has: sweeps, steps, clicks.
func TestCleanTestSignal(t *testing.T) {
	in := signal(t, 16000, 24)
	for _, name := range []string{"a cable", "fuzz", "noise", "bass only", "compressed amp"} {
		c := cleanDevices[name]
		r := check(t, in, in.through("out.wav", c.devices...), Options{})
		for _, f := range r.Findings {
			if f.Severity == Error || !harmless[f.Check] {
				t.Errorf("%s accused of %s: %s", name, f.Check, f.Text)
			}
		}
		if r.Signal != ownName || r.Latency.By != "blips" || r.Validation[1] == 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if d := float64(r.Latency.Samples) - c.late; d > 0 || d < -24 {
			t.Errorf("%s: a latency of %.1f is found to be %d", name, c.late, r.Latency.Samples)
		}
	}
}
