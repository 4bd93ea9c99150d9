package capture

import (
	"math"

	"partials/internal/rng"
)

// fade weighs x by half a cosine over n samples at both ends.
func fade(x []float64, n int) {
	n = min(n, len(x)/2)
	for t := range n {
		w := 0.5 - 0.5*math.Cos(math.Pi*(float64(t)+0.5)/float64(n))
		x[t] *= w
		x[len(x)-1-t] *= w
	}
}

// sweeps fills x with sines that rise from 20 Hz to just below half the rate,
// each octave as long as the next, loud, soft and very soft.
func sweeps(x []float64, rate int, peak float64) {
	const low = 20
	high := 0.47 * float64(rate)
	levels := []float64{0, -18, -36} // dB
	n := len(x) / len(levels)
	for i, db := range levels {
		s := x[i*n : (i+1)*n-n/16]
		k := math.Log(high / low)
		seconds := float64(len(s)) / float64(rate)
		for t := range s {
			u := float64(t) / float64(len(s))
			s[t] = peak * math.Pow(10, db/20) * math.Sin(2*math.Pi*low*seconds/k*(math.Exp(k*u)-1))
		}
		fade(s, rate/100)
	}
}

// ladder fills x with short tones and bursts of noise at levels from -60 dB to
// the peak in steps of 5 dB, and down again: what a device does to soft and to
// loud.
func ladder(x []float64, rate int, peak float64, r rng.Source) {
	const steps = 12
	tones := []float64{82.41, 196, 440, 987.8, 2093} // Hz: E2, G3, A4, B5, C7
	n := len(x) / (2*steps + 2)
	for i := range 2*steps + 2 {
		level := i
		if i > steps {
			level = 2*steps + 1 - i
		}
		gain := peak * math.Pow(10, float64(-60+5*level)/20)
		s := x[i*n : (i+1)*n]
		part := len(s) / (len(tones) + 1)
		for k, f := range tones {
			p := s[k*part : (k+1)*part]
			for t := range p {
				p[t] = gain * math.Sin(2*math.Pi*f*float64(t)/float64(rate))
			}
			fade(p, rate/500)
		}
		p := s[len(tones)*part : (len(tones)+1)*part]
		for t := range p {
			p[t] = gain * r.Uniform(-1, 1)
		}
		fade(p, rate/500)
	}
}

// hiss fills x with noise that rises and falls: white, then pink (Kellet's
// filter of three poles, within 0.5 dB above 40 Hz at 44.1 kHz).
func hiss(x []float64, rate int, peak float64, r rng.Source) {
	half := len(x) / 2
	for t := range x[:half] {
		x[t] = r.Uniform(-1, 1)
	}
	var a, b, c float64
	for t := half; t < len(x); t++ {
		w := r.Uniform(-1, 1)
		a = 0.99765*a + w*0.0990460
		b = 0.96300*b + w*0.2965164
		c = 0.57000*c + w*1.0526913
		x[t] = a + b + c + w*0.1848
	}
	scaleTo(x[half:], 1)
	for t := range x {
		u := float64(t%half) / float64(half)
		x[t] *= peak * math.Pow(10, -2.5*math.Pow(math.Cos(math.Pi*u), 2)) // 50 dB up and down
	}
	fade(x[:half], rate/100)
	fade(x[half:], rate/100)
}
