package capture

import (
	"math"

	"partials/internal/rng"
)

// pluck is one string that is struck.
type pluck struct {
	hz     float64
	gain   float64
	ring   float64 // s until it is stopped
	mute   float64 // 0 open to 1 damped by the palm
	bend   float64 // semitones up over its length
	shake  float64 // semitones of vibrato
	pick   float64 // where it is struck, a share of its length from the bridge
	bright float64 // 0 soft finger to 1 hard pick
}

// add plays the string into x from its start on: a delay line that is as long as
// a period, with a lossy filter (Karplus and Strong 1983, Jaffe and Smith 1983).
func (p pluck) add(x []float64, rate int, r *rng.Source) {
	fs := float64(rate)
	n := min(int(p.ring*fs), len(x))
	period := fs / p.hz
	if n <= 0 || period < 4 {
		return
	}
	// Its excitation: noise of one period, dull for a soft stroke, less a copy that
	// comes back from where it is struck.
	size := int(period) + 2
	line := make([]float64, 2*size)
	dull := 0.0
	burst := make([]float64, size)
	for t := range burst {
		dull += (0.15 + 0.8*p.bright) * (r.Uniform(-1, 1) - dull)
		burst[t] = dull
	}
	comb := max(int(p.pick*period), 1)
	for t := range burst {
		line[t] = burst[t]
		if t >= comb {
			line[t] -= burst[t-comb]
		}
	}
	seconds := 4 * math.Pow(82/p.hz, 0.6) * math.Pow(0.02, p.mute) // to fall by 60 dB
	loss := math.Pow(10, -3/(seconds*p.hz))
	blend := 0.5 - 0.25*p.mute // of the filter's two samples: dull where it is damped
	at, last := size, 0.0
	release := int(0.02 * fs)
	for t := range n {
		u := float64(t) / fs
		cents := p.bend*min(u/0.25, 1) + p.shake*math.Sin(2*math.Pi*5.5*u)*min(u/0.3, 1)
		delay := min(period/math.Pow(2, cents/12)-blend, float64(len(line)-2))
		whole := int(delay)
		part := delay - float64(whole)
		a := line[(at-whole+len(line))%len(line)]
		b := line[(at-whole-1+2*len(line))%len(line)]
		v := a + part*(b-a)
		v, last = loss*((1-blend)*v+blend*last), v
		line[at%len(line)] = v
		at = (at + 1) % len(line)
		gain := p.gain
		if left := n - t; left < release {
			gain *= float64(left) / float64(release)
		}
		x[t] += gain * v
	}
}

// open are the strings of a guitar in Hz, and what two of a bass add below.
var open = []float64{82.41, 110, 146.83, 196, 246.94, 329.63}

func fret(hz float64, n int) float64 { return hz * math.Pow(2, float64(n)/12) }

// play fills x with phrases of playing, from soft to hard, with rests between.
func play(x []float64, rate int, r rng.Source) {
	at := 0
	phrases := []func([]float64, int, float64, *rng.Source) int{single, single, chug, powerChord, openChord, run, bass, swell}
	order := make([]int, len(phrases))
	for k := 0; at < len(x); k++ {
		if k%len(order) == 0 {
			r.Perm(order)
		}
		level := math.Pow(10, r.Uniform(-28, 0)/20)
		at += phrases[order[k%len(order)]](x[at:], rate, level, &r)
		if r.Float64() < 0.35 {
			at += int(r.Uniform(0.05, 0.3) * float64(rate))
		}
	}
	fade(x, rate/50)
}

// strokes plays up to count plucks a beat apart and returns how long that took.
func strokes(x []float64, rate int, beat float64, count int, r *rng.Source, next func(i int) []pluck) int {
	at := 0
	for i := range count {
		if at >= len(x) {
			break
		}
		for k, p := range next(i) {
			spread := k * rate / 120 // a strum takes a moment
			if at+spread < len(x) {
				p.add(x[at+spread:], rate, r)
			}
		}
		at += int(beat * float64(rate))
	}
	return at
}

func single(x []float64, rate int, level float64, r *rng.Source) int {
	beat := r.Uniform(0.2, 0.6)
	return strokes(x, rate, beat, 3+r.IntN(4), r, func(int) []pluck {
		p := pluck{hz: fret(open[r.IntN(6)], r.IntN(15)), gain: level * r.Uniform(0.6, 1), ring: beat * r.Uniform(0.7, 1.2), pick: r.Uniform(0.08, 0.3), bright: r.Float64()}
		switch r.IntN(4) {
		case 0:
			p.bend = float64(1 + r.IntN(2))
		case 1:
			p.shake = r.Uniform(0.1, 0.4)
		}
		return []pluck{p}
	})
}

func chug(x []float64, rate int, level float64, r *rng.Source) int {
	beat := r.Uniform(0.09, 0.2)
	root := fret(open[0], r.IntN(6))
	return strokes(x, rate, beat, 6+r.IntN(8), r, func(i int) []pluck {
		accent := 0.7
		if i%4 == 0 {
			accent = 1
		}
		var all []pluck
		for _, n := range []int{0, 7} {
			all = append(all, pluck{hz: fret(root, n), gain: level * accent, ring: beat, mute: r.Uniform(0.6, 0.9), pick: 0.1, bright: 0.9})
		}
		return all
	})
}

func powerChord(x []float64, rate int, level float64, r *rng.Source) int {
	beat := r.Uniform(0.4, 1.2)
	return strokes(x, rate, beat, 1+r.IntN(3), r, func(int) []pluck {
		root := fret(open[r.IntN(2)], r.IntN(8))
		var all []pluck
		for _, n := range []int{0, 7, 12} {
			all = append(all, pluck{hz: fret(root, n), gain: level * 0.7, ring: beat, pick: 0.15, bright: r.Uniform(0.5, 1)})
		}
		return all
	})
}

func openChord(x []float64, rate int, level float64, r *rng.Source) int {
	beat := r.Uniform(0.5, 1.5)
	shape := [][]int{{0, 2, 2, 1, 0, 0}, {0, 0, 2, 2, 2, 0}, {3, 2, 0, 0, 0, 3}, {0, 3, 2, 0, 1, 0}, {0, 2, 2, 0, 0, 0}}[r.IntN(5)]
	return strokes(x, rate, beat, 1+r.IntN(2), r, func(int) []pluck {
		var all []pluck
		for i, n := range shape {
			all = append(all, pluck{hz: fret(open[i], n), gain: level * 0.4, ring: beat * 1.1, pick: 0.2, bright: r.Uniform(0.2, 0.8)})
		}
		return all
	})
}

func run(x []float64, rate int, level float64, r *rng.Source) int {
	beat := r.Uniform(0.08, 0.14)
	scale := []int{0, 3, 5, 7, 10, 12, 15, 17}
	root := fret(open[2], r.IntN(10))
	return strokes(x, rate, beat, len(scale), r, func(i int) []pluck {
		return []pluck{{hz: fret(root, scale[i]), gain: level * r.Uniform(0.7, 1), ring: beat * 1.3, pick: 0.12, bright: 0.8}}
	})
}

func bass(x []float64, rate int, level float64, r *rng.Source) int {
	beat := r.Uniform(0.25, 0.6)
	return strokes(x, rate, beat, 2+r.IntN(4), r, func(int) []pluck {
		return []pluck{{hz: fret(open[0]/2, r.IntN(12)), gain: level, ring: beat, mute: 0.2 * r.Float64(), pick: 0.25, bright: r.Uniform(0.1, 0.6)}}
	})
}

// swell is a note that is turned up after it was struck.
func swell(x []float64, rate int, level float64, r *rng.Source) int {
	n := min(int(r.Uniform(0.8, 1.6)*float64(rate)), len(x))
	note := make([]float64, n)
	hz := fret(open[1+r.IntN(4)], r.IntN(12))
	for _, k := range []int{0, 7, 16} {
		pluck{hz: fret(hz, k), gain: level * 0.6, ring: float64(n) / float64(rate), pick: 0.2, bright: 0.6}.add(note, rate, r)
	}
	for t, v := range note {
		x[t] += v * math.Pow(math.Sin(math.Pi*float64(t)/float64(n)), 2)
	}
	return n
}
