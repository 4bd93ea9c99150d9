package metric

import "math"

// octaveResampler changes the rate as Octave's resample does, which STOI's
// reference values are made with: a sinc under a Kaiser window with 60 dB of
// rejection. (Package audio has a better one.)
type octaveResampler struct {
	up, down int
	taps     []float64 // an odd number, the middle one at the output
	x        []float64 // inputs that are still needed,
	first    int       // the first of them is this one
	y        []float64 // all outputs so far
}

func newOctaveResampler(from, to int) *octaveResampler {
	a, b := from, to
	for b != 0 {
		a, b = b, a%b
	}
	r := &octaveResampler{up: to / a, down: from / a}
	if r.up == r.down {
		return r
	}
	const rejection = 60 // dB
	stop := 1 / (2 * float64(max(r.up, r.down)))
	half := int(math.Ceil((rejection - 8) / (28.714 * stop / 10)))
	const beta = 0.1102 * (rejection - 8.7)
	r.taps = make([]float64, 2*half+1)
	sum := 0.0
	for i := range r.taps {
		t := float64(i - half)
		sinc := 1.0
		if t != 0 {
			sinc = math.Sin(math.Pi*2*stop*t) / (math.Pi * 2 * stop * t)
		}
		r.taps[i] = sinc * bessel0(beta*math.Sqrt(max(1-(t/float64(half))*(t/float64(half)), 0)))
		sum += r.taps[i]
	}
	for i := range r.taps {
		r.taps[i] *= float64(r.up) / sum
	}
	return r
}

// bessel0 is the modified Bessel function of the first kind, order 0, by its
// power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

// add takes the next inputs.
func (r *octaveResampler) add(x []float32) {
	if r.taps == nil {
		for _, v := range x {
			r.y = append(r.y, float64(v))
		}
		return
	}
	for _, v := range x {
		r.x = append(r.x, float64(v))
	}
	half := len(r.taps) / 2
	for ; (len(r.y)*r.down+half)/r.up < r.first+len(r.x); r.y = append(r.y, r.output(len(r.y))) {
	}
	drop := min(max((len(r.y)*r.down-half)/r.up-r.first, 0), len(r.x))
	r.x = r.x[:copy(r.x, r.x[drop:])]
	r.first += drop
}

// output is output m of the inputs so far: sum of taps[m*down-n*up+half] x[n].
func (r *octaveResampler) output(m int) float64 {
	half := len(r.taps) / 2
	from := max((m*r.down-half+r.up-1)/r.up, r.first)
	to := min((m*r.down+half)/r.up+1, r.first+len(r.x))
	sum := 0.0
	for n, k := from, m*r.down-from*r.up+half; n < to; n, k = n+1, k-r.up {
		sum += r.taps[k] * r.x[n-r.first]
	}
	return sum
}

// all is the signal at the new rate as if it ended here.
func (r *octaveResampler) all() []float64 {
	y := r.y[:len(r.y):len(r.y)]
	if r.taps == nil {
		return y
	}
	n := r.first + len(r.x)
	for len(y) < (n*r.up+r.down-1)/r.down {
		y = append(y, r.output(len(y)))
	}
	return y
}
