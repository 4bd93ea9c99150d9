package capture

import (
	"math"
	"slices"
	"testing"

	"partials/internal/rng"
)

// edit is a fault made in a copy of a recording.
func (s Sound) edit(f func(x []float32) []float32) Sound {
	return sound(s.Name, s.Rate, f(slices.Clone(s.Channels[0])))
}

func seconds(s Sound, t float64) int { return int(t * float64(s.Rate)) }

// amp is a guitar and a made-up amplifier, late by 300 samples.
func amp(t *testing.T) (in, out Sound) {
	in, _ = guitar(t)
	return in, in.through("out.wav", drive(8), cabinet, gain(-9), late(300))
}

func TestClippedOutput(t *testing.T) {
	in, out := amp(t)
	hot := out.through("hot.wav", gain(18), clipAt(1))
	want(t, check(t, in, hot, Options{}), "clipping", Error, "hot.wav", "flat top", "s. Record it again")
	r := check(t, in, hot, Options{Ignore: []string{"clipping"}})
	want(t, r, "clipping", Warning, "(ignored)")
	if r.Failed() {
		t.Error("an ignored check stops the capture")
	}
	// Cut off at the converter, then turned down a little.
	want(t, check(t, in, hot.through("hot.wav", gain(-0.3)), Options{}), "clipping", Warning, "looks clipped")
	// Floating point above full scale lost nothing.
	want(t, check(t, in, out.through("loud.wav", gain(18)), Options{}), "clipping", Warning, "nothing is lost")
}

func TestDropouts(t *testing.T) {
	in, out := amp(t)
	for name, n := range map[string]int{"a buffer": 64, "a long one": 4096} {
		gone := out.edit(func(x []float32) []float32 { clear(x[seconds(out, 2.2):][:n]); return x })
		r := check(t, in, gone, Options{})
		want(t, r, "dropouts", Error, "1 dropout", "first at 2.1")
		if f := found(r, "dropouts"); f != nil && math.Abs(f.From-(2.2-300.0/44100)) > 0.01 {
			t.Errorf("%s: at %g s", name, f.From)
		}
	}
	// A plug that loosens leaves hiss, no zeros.
	hiss := out.edit(func(x []float32) []float32 {
		r := rng.New(1, "test")
		for i := seconds(out, 3); i < len(x); i++ {
			x[i] = 1e-5 * float32(r.Normal())
		}
		return x
	})
	want(t, check(t, in, hiss, Options{}), "dropouts", Error, "from 2.99")
}

func TestLostSamples(t *testing.T) {
	in, out := amp(t)
	for _, n := range []int{12, 64, 512} {
		lost := out.edit(func(x []float32) []float32 {
			at := seconds(out, 2)
			return append(x[:at:at], x[at+n:]...)
		})
		r := check(t, in, lost, Options{})
		want(t, r, "jumps", Error, "lost", "earlier")
		if f := found(r, "jumps"); f != nil && math.Abs(f.From-1.993) > 0.1 {
			t.Errorf("%d samples lost at 2 s were placed at %g s", n, f.From)
		}
	}
	twice := out.edit(func(x []float32) []float32 {
		at := seconds(out, 2)
		return append(x[:at:at], x[at-128:]...)
	})
	want(t, check(t, in, twice, Options{}), "jumps", Error, "put in", "128 samples later")
}

func TestSilence(t *testing.T) {
	in, out := amp(t)
	silent := out.edit(func(x []float32) []float32 { clear(x); return x })
	want(t, check(t, in, silent, Options{}), "silence", Error, "output out.wav is silent", "every sample is 0")
	want(t, check(t, silent, out, Options{}), "silence", Error, "input out.wav is silent")
	want(t, check(t, in, out.through("out.wav", gain(-80)), Options{}), "silence", Error, "dBFS")
	want(t, check(t, in, out.through("out.wav", gain(-36)), Options{}), "level", Warning, "very quiet")
}

func TestChannels(t *testing.T) {
	in, out := amp(t)
	x := out.Channels[0]
	quiet := make([]float32, len(x))
	want(t, check(t, in, sound("o", 44100, x, x), Options{}), "channels", Warning, "same sound in both")
	r := check(t, in, sound("o", 44100, x, quiet), Options{})
	want(t, r, "channels", Warning, "right channel is silent")
	if r.Channel != "left" {
		t.Errorf("channel %s", r.Channel)
	}
	wide := sound("o", 44100, x, in.Channels[0])
	want(t, check(t, in, wide, Options{}), "channels", Error, "o is stereo", "--channel")
	if r := check(t, in, wide, Options{Channel: "left"}); r.Failed() || r.Channel != "left" {
		t.Errorf("%v", r.Findings)
	}
	want(t, check(t, in, sound("o", 44100, x, x, quiet), Options{}), "channels", Error, "3 channels")
	want(t, check(t, in, sound("o", 44100, quiet, x), Options{}), "channels", Error, "right channel")
}

func TestRates(t *testing.T) {
	in, out := amp(t)
	y, err := out.Resample(48000)
	if err != nil {
		t.Fatal(err)
	}
	other := Sound{Name: "out.wav", Audio: *y}
	want(t, check(t, in, other, Options{}), "rate", Error, "44100 Hz", "48000 Hz", "--rate 48000")
	r := check(t, in, other, Options{Rate: 44100})
	if r.Failed() || math.Abs(float64(r.Latency.Samples-300)) > 12 {
		t.Errorf("resampled: latency %+v, %v", r.Latency, r.Findings)
	}
	// 48 kHz samples that say they are 44.1.
	want(t, check(t, in, sound("slow.wav", 44100, y.Channels[0]), Options{}), "speed", Error, "48000 Hz", "44100 Hz")
}

func TestLengths(t *testing.T) {
	in, out := amp(t)
	short := out.edit(func(x []float32) []float32 { return x[:seconds(out, 3)] })
	want(t, check(t, in, short, Options{}), "length", Error, "stopped too early", "1.000 s shorter", "176400")
	long := out.edit(func(x []float32) []float32 { return append(x, make([]float32, 3*44100)...) })
	want(t, check(t, in, long, Options{}), "length", Warning, "goes on for 2.99", "left out")
	// What the latency shifts out at the end is no fault of the length.
	if r := check(t, in, out, Options{}); found(r, "length") != nil {
		t.Errorf("%v", r.Findings)
	}
	// Far apart: a recorder that ran long before.
	before := out.edit(func(x []float32) []float32 { return append(make([]float32, 5*44100), x...) })
	r := check(t, in, before, Options{})
	if r.Failed() || math.Abs(float64(r.Latency.Samples-300-5*44100)) > 12 {
		t.Errorf("5 s late: %+v %v", r.Latency, r.Findings)
	}
}

func TestNoPair(t *testing.T) {
	in, out := amp(t)
	other := soundOf(t, "noise/loop_3d_printer.wav")
	x, err := other.Resample(44100)
	if err != nil {
		t.Fatal(err)
	}
	want(t, check(t, in, Sound{Name: "other.wav", Audio: *x}, Options{}), "pair", Error, "other.wav is not the input", "Check that both files belong together")
	back := out.edit(func(x []float32) []float32 { slices.Reverse(x); return x })
	want(t, check(t, in, back, Options{}), "pair", Error, "is not the input")
	r := rng.New(3, "test")
	hiss := out.edit(func(x []float32) []float32 {
		for i := range x {
			x[i] = 0.1 * float32(r.Normal())
		}
		return x
	})
	want(t, check(t, in, hiss, Options{}), "pair", Error, "is not the input")
}

func TestSwapped(t *testing.T) {
	in := signal(t, 16000, 24)
	out := in.through("out.wav", drive(10), lowpass(3000), gain(-6), late(120), noisy(-70, 1))
	want(t, check(t, out, in, Options{}), "swapped", Error, "are swapped", "Give the file that was played first")
	// Sounds that are no test signal: the later one is the more compressed.
	a, b := amp(t)
	want(t, check(t, b, a, Options{}), "swapped", Error, "are swapped")
	if r := check(t, a, b, Options{}); found(r, "swapped") != nil {
		t.Errorf("%v", r.Findings)
	}
}

func TestInverted(t *testing.T) {
	in, out := amp(t)
	down := out.through("down.wav", invert)
	r := check(t, in, down, Options{})
	want(t, r, "polarity", Warning, "inverted")
	if !r.Inverted || check(t, in, out, Options{}).Inverted {
		t.Error("polarity")
	}
}

func TestDrift(t *testing.T) {
	in := signal(t, 16000, 30)
	for _, ppm := range []float64{-80, 10, 200} {
		out := in.through("out.wav", drive(4), lowpass(4000), gain(-6), drift(ppm), late(200))
		r := check(t, in, out, Options{})
		want(t, r, "drift", Error, "clocks drift", "ppm", map[bool]string{true: "slower", false: "faster"}[ppm > 0])
		if math.Abs(r.DriftPPM-ppm) > 0.05*math.Abs(ppm) {
			t.Errorf("drift of %g ppm was measured as %.2f", ppm, r.DriftPPM)
		}
	}
}

func TestOffsetHumAndNoise(t *testing.T) {
	in := signal(t, 16000, 24)
	clean := in.through("out.wav", drive(4), gain(-6), late(100))
	want(t, check(t, in, clean.through("dc.wav", memoryless(func(v float64) float64 { return v + 0.02 })), Options{}), "dc", Warning, "+0.02")
	hum := func(x []float64, rate float64) []float64 {
		for t := range x {
			x[t] += 0.01*math.Sin(2*math.Pi*60*float64(t)/rate) + 0.006*math.Sin(2*math.Pi*180*float64(t)/rate)
		}
		return x
	}
	r := check(t, in, clean.through("hum.wav", hum), Options{})
	want(t, r, "hum", Warning, "60 Hz", "dB below")
	r = check(t, in, clean.through("hiss.wav", noisy(-30, 5)), Options{})
	want(t, r, "noise", Warning, "noisy", "dB below the sound")
	if r.NoiseDB == nil || math.Abs(*r.NoiseDB+30) > 0.5 {
		t.Errorf("noise of -30 dBFS was measured as %v", r.NoiseDB)
	}
	if r := check(t, in, clean.through("hiss.wav", noisy(-70, 5)), Options{}); len(r.Findings) > 0 || math.Abs(*r.NoiseDB+70) > 0.5 {
		t.Errorf("%v", r.Findings)
	}
}

func TestRepeatAndMemory(t *testing.T) {
	in := signal(t, 16000, 24)
	turned := func(x []float64, _ float64) []float64 {
		for t := range x {
			x[t] *= 1 + 0.4*float64(t)/float64(len(x))
		}
		return x
	}
	want(t, check(t, in, in.through("out.wav", drive(3), gain(-6), turned), Options{}), "repeat", Warning, "not sound the same twice")
	echo := func(x []float64, rate float64) []float64 {
		y := slices.Clone(x)
		for t := int(0.2 * rate); t < len(x); t++ {
			y[t] += 0.3 * x[t-int(0.2*rate)]
		}
		return y
	}
	want(t, check(t, in, in.through("out.wav", drive(3), gain(-6), echo), Options{}), "memory", Warning, "200 ms", "a reverb or a delay")
}

// A truncated test signal is a matter of length, never of noise or repetition.
func TestTruncatedIsALength(t *testing.T) {
	in := signal(t, 16000, 24)
	out := in.through("out.wav", drive(4), gain(-6), late(100)).edit(func(x []float32) []float32 { return x[:len(x)-16000] })
	r := check(t, in, out, Options{})
	want(t, r, "length", Error, "stopped too early")
	if len(r.Findings) != 1 {
		t.Errorf("%v", r.Findings)
	}
}

func TestBroken(t *testing.T) {
	in, out := amp(t)
	bad := out.edit(func(x []float32) []float32 { x[44100] = float32(math.NaN()); return x })
	want(t, check(t, in, bad, Options{}), "finite", Error, "no number", "1.000 s")
	want(t, check(t, in, sound("empty.wav", 44100, nil), Options{}), "length", Error, "empty.wav has no samples")
	if _, err := Check(in, out, Options{Ignore: []string{"clicks"}}); err == nil {
		t.Error("an unknown check is ignored")
	}
	if _, err := Check(in, out, Options{Channel: "middle"}); err == nil {
		t.Error("an unknown channel is taken")
	}
	// Hardly any sound: nothing may panic, whatever the length.
	for n := range 40 {
		check(t, sound("a", 44100, in.Channels[0][:n]), sound("b", 44100, out.Channels[0][:(n*7)%41]), Options{})
	}
}
