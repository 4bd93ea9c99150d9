package fft

import "math"

// root returns exp(-2*pi*i*k/n) with both parts correct to a rounding. The
// angle is reduced to the first eighth of the circle in integers, so no
// error grows with k, and the axes come out exact.
func root(k, n int) complex128 {
	k %= n
	quadrant := 4 * k / n
	rest := 4*k - quadrant*n // angle within the quadrant: (pi/2) * rest/n
	var s, c float64
	if 2*rest <= n {
		s, c = math.Sincos(math.Pi / 2 * float64(rest) / float64(n))
	} else {
		c, s = math.Sincos(math.Pi / 2 * float64(n-rest) / float64(n))
	}
	switch quadrant {
	case 0:
		return complex(c, -s)
	case 1:
		return complex(-s, -c)
	case 2:
		return complex(-c, s)
	default:
		return complex(s, c)
	}
}

// chirp returns exp(-pi*i*k*k/n) for k in [0,n), the chirp of Bluestein's
// algorithm. The index k*k is reduced modulo 2n before it becomes an angle.
func chirp(n int) []complex128 {
	w := make([]complex128, n)
	square := 0 // k*k mod 2n
	for k := range w {
		w[k] = root(square, 2*n)
		square = (square + 2*k + 1) % (2 * n)
	}
	return w
}
