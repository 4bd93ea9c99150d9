package datasets

import (
	"math"

	"partials/internal/rng"
)

// makeNoise fills x with a noise that no file has, drawn anew each time: white
// noise under a random colour, now and then with a hum, gusts and clicks. A few
// recordings of noise teach a model these recordings; what is drawn has no end.
func makeNoise(r *rng.Source, x []float32, rate int) {
	for t := range x {
		x[t] = float32(r.Normal())
	}
	colour(r, x, rate)
	rms := math.Sqrt(power([][]float32{x}))
	if r.Float64() < 0.3 {
		addHum(r, x, rate, rms)
	}
	if r.Float64() < 0.5 {
		gusts(r, x, rate)
	}
	if r.Float64() < 0.3 {
		addClicks(r, x, rate, rms)
	}
}

// colour filters white noise: a slope from blue to brown and up to three
// resonances.
func colour(r *rng.Source, x []float32, rate int) {
	// A leaky integrator falls by 6 dB an octave above its corner; an early one
	// makes brown noise, a late one is hardly heard.
	poles := r.IntN(3)
	for range poles {
		corner := drawPitch(r, [2]float64{30, float64(rate) / 4})
		a := math.Exp(-2 * math.Pi * corner / float64(rate))
		biquad{b: [3]float64{1 - a}, a: [2]float64{-a}}.run(x)
	}
	for range r.IntN(4) {
		hz, q, gain := drawPitch(r, [2]float64{60, 0.45 * float64(rate)}), r.Uniform(0.5, 6), r.Uniform(-15, 15)
		peaking(hz/float64(rate), q, gain).run(x)
	}
}

// peaking is an equalizer of one band, by R. Bristow-Johnson's cookbook
// (https://www.w3.org/TR/audio-eq-cookbook/). The frequency is in parts of the
// rate, the gain in dB.
func peaking(frequency, q, gain float64) biquad {
	a := amplitude(gain / 2)
	sin, cos := math.Sincos(2 * math.Pi * frequency)
	alpha := sin / (2 * q)
	norm := 1 / (1 + alpha/a)
	return biquad{
		b: [3]float64{(1 + float64(alpha*a)) * norm, -2 * cos * norm, (1 - float64(alpha*a)) * norm},
		a: [2]float64{-2 * cos * norm, (1 - alpha/a) * norm},
	}
}

// addHum adds a machine's tones: harmonics of a low frequency that wanders a
// little.
func addHum(r *rng.Source, x []float32, rate int, rms float64) {
	hz := drawPitch(r, [2]float64{40, 400})
	phase, wander := 0.0, 0.0
	var levels [8]float64
	level := rms * amplitude(r.Uniform(-10, 10))
	for k := range levels {
		levels[k] = level * r.Uniform(0, 1) / float64(k+1)
	}
	for t := range x {
		wander = 0.9995*wander + 0.0002*r.Normal()
		phase += 2 * math.Pi * hz * (1 + wander) / float64(rate)
		sum := 0.0
		for k, a := range levels {
			if hz*float64(k+1) < float64(rate)/2 {
				sum += float64(a * math.Sin(float64(k+1)*phase))
			}
		}
		x[t] += float32(sum)
	}
}

// gusts make the noise swell and fade: its level in dB goes from one drawn
// value to the next.
func gusts(r *rng.Source, x []float32, rate int) {
	depth, length := r.Uniform(5, 35), drawPitch(r, [2]float64{0.05, 2})*float64(rate)
	from, to := r.Uniform(-depth, 0), r.Uniform(-depth, 0)
	at, n := 0.0, length*r.Uniform(0.3, 1.7)
	for t := range x {
		if at >= n {
			from, to = to, r.Uniform(-depth, 0)
			at, n = 0, length*r.Uniform(0.3, 1.7)
		}
		x[t] *= float32(amplitude(from + (to-from)*at/n))
		at++
	}
}

// addClicks adds short bursts that die away: keys, doors, dishes.
func addClicks(r *rng.Source, x []float32, rate int, rms float64) {
	gap := drawPitch(r, [2]float64{0.05, 1}) * float64(rate)
	decay := math.Exp(-1 / (drawPitch(r, [2]float64{0.001, 0.08}) * float64(rate)))
	pole, level := r.Uniform(-0.9, 0.9), rms*amplitude(r.Uniform(0, 25))
	burst, last := 0.0, 0.0
	next := r.Uniform(0, gap)
	for t := range x {
		if float64(t) >= next {
			burst = level * r.Uniform(0.2, 1)
			next += gap * r.Uniform(0.3, 1.7)
		}
		if burst > 1e-4*rms {
			last = float64(pole*last) + float64(burst*r.Normal())
			x[t] += float32(last)
			burst *= decay
		}
	}
}
