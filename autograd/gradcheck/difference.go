package gradcheck

import "math"

// halvings is how often the step of the differences is halved. A kink farther
// from the input than step/2^halvings does no harm.
const halvings = 10

// derivative is d/ds <weights, f(x + s v)> at s = 0 by central differences.
type derivative struct {
	value float64
	noise float64 // what rounding in f may have added to value
}

// along differentiates the output along v in input i. eps is the rounding of
// the device.
func (s *subject) along(i int, v []float64, step, eps float64) (derivative, error) {
	values := s.values()
	x := s.in[i].Data
	moved := make([]float64, len(x))
	values[i] = moved
	at := func(h float64) ([]float64, error) {
		for j := range x {
			moved[j] = x[j] + h*v[j]
		}
		return s.value(values)
	}
	// Romberg's tableau: row k holds the difference at step/2^k and its
	// extrapolations. The entry that differs least from its neighbours is the
	// answer; below it rounding takes over.
	best, least := derivative{math.NaN(), 0}, math.Inf(1)
	var above [halvings + 1]float64
	for k := range halvings + 1 {
		h := math.Ldexp(step, -k)
		plus, err := at(h)
		if err != nil {
			return best, err
		}
		minus, err := at(-h)
		if err != nil {
			return best, err
		}
		diff, size := 0.0, 0.0
		for j, w := range s.weights {
			diff += w * (plus[j] - minus[j])
			size += math.Abs(w) * (math.Abs(plus[j]) + math.Abs(minus[j]))
		}
		var row [halvings + 1]float64
		row[0] = diff / (2 * h)
		factor := 1.0
		for m := 1; m <= k; m++ {
			factor *= 4
			row[m] = row[m-1] + (row[m-1]-above[m-1])/(factor-1)
			gap := max(math.Abs(row[m]-row[m-1]), math.Abs(row[m]-above[m-1]))
			if gap < least {
				least = gap
				best = derivative{row[m], eps * size / h}
			}
		}
		above = row
	}
	return best, nil
}

// rms is the root mean square of x, or 1 where that is 0.
func rms(x []float64) float64 {
	if n := norm(x); n > 0 {
		return n / math.Sqrt(float64(len(x)))
	}
	return 1
}
