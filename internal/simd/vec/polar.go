package vec

// Parts are complex numbers in groups of eight: those of group g are
// Re[g*Step:][:8] + i*Im[g*Step:][:8]. Planes have the step 8, rows of spectra,
// eight real parts and then eight imaginary ones, the step 16.
type Parts struct {
	Re, Im []float32
	Step   int
}

// Planes are the complex numbers re + i*im.
func Planes(re, im []float32) Parts { return Parts{re, im, 8} }

// Rows are the complex numbers of rows of 16 floats.
func Rows(x []float32) Parts { return Parts{x, x[8:], 16} }

// at is the place of number i.
func (p Parts) at(i int) int { return i/8*p.Step + i%8 }

// need panics unless p has n numbers.
func (p Parts) need(name string, n int) {
	if n > 0 && (len(p.Re) <= p.at(n-1) || len(p.Im) <= p.at(n-1)) {
		panic("vec: " + name + " of fewer numbers than dst has")
	}
}

// Measure is a function of the power p = re^2 + im^2 of a complex number.
type Measure uint8

// The measures.
const (
	PowerOf      Measure = iota // p
	MagnitudeAdd                // sqrt(p + eps)
	MagnitudeMax                // sqrt(max(p, eps))
)

// Measured computes the measure of len(dst) complex numbers.
func Measured(m Measure, dst []float32, z Parts, eps float32) {
	z.need("Measured", len(dst))
	for i := measured(m, dst, z, eps); i < len(dst); i++ {
		p := power(z.Re[z.at(i)], z.Im[z.at(i)])
		switch m {
		case MagnitudeAdd:
			p = sqrt(p + eps)
		case MagnitudeMax:
			p = sqrt(max(p, eps))
		}
		dst[i] = p
	}
}

// MeasuredGrad adds to dz, or writes where overwrite is set, the gradient of the
// measure of the len(dy) complex numbers z: dy times 2*z, or z over the
// magnitude. It is 0 where a magnitude is 0 or its power is below eps and so
// replaced by it. dz may be z.
func MeasuredGrad(m Measure, dz, z Parts, dy []float32, eps float32, overwrite bool) {
	z.need("MeasuredGrad", len(dy))
	dz.need("MeasuredGrad", len(dy))
	for i := measuredGrad(m, dz, z, dy, eps, overwrite); i < len(dy); i++ {
		re, im := z.Re[z.at(i)], z.Im[z.at(i)]
		g := dy[i]
		switch p := power(re, im); m {
		case PowerOf:
			g += g
		case MagnitudeAdd:
			g = over(g, sqrt(p+eps), true)
		case MagnitudeMax:
			g = over(g, sqrt(max(p, eps)), p >= eps)
		}
		to, toIm := &dz.Re[dz.at(i)], &dz.Im[dz.at(i)]
		if overwrite {
			*to, *toIm = g*re, g*im
		} else {
			*to += float32(g * re)
			*toIm += float32(g * im)
		}
	}
}

// over is g/m, or 0.
func over(g, m float32, live bool) float32 {
	if live && m > 0 {
		return g / m
	}
	return 0
}
