package vec

import "math"

// Comparison says how two spectra are compared, as package spectral's losses
// do. With m = sqrt(p + Eps), or sqrt(max(p, Eps)) where Clamp is set, the
// magnitude of a bin of power p, the terms are sums over the bins of
//
//	(mx - my)^2                                                 convergence
//	my^2                                                        its norm
//	|L| or L^2, L = ln(LogFac*mx + LogEps) - ln(LogFac*my + LogEps)
//	|mx - my| or (mx - my)^2
//
// the squares where Squares is set.
type Comparison struct {
	Clamp          bool
	Eps            float32
	Squares        bool
	LogFac, LogEps float32 // a loss without logarithms has 1 and 1
	WLog, WLin     float32 // factors of the last two terms in the gradient
}

// Compared are the four sums of Comparison, lane by lane.
type Compared struct {
	Errors, Norm, Log, Lin [8]float64
}

// compareGroup is how many rows add up in float32 before their sum goes on in
// float64.
const compareGroup = 16

// compareTable holds the constants of CompareSpectra in the order in which the
// assembly reads them.
type compareTable struct {
	eps, one, half, signs, minusLog, minusLin, logFac, logEps, zero wide
	log                                                             [len(logTable)]wide
}

// CompareSpectra adds the terms of two spectra to sums and overwrites x with
// the gradient of half of the convergence with respect to x, and y with that of
// WLog and WLin times their terms. A bin whose power is under a clamp's floor
// has none, nor has one without a magnitude. Each spectrum is rows of 16
// floats: the real parts of a bin in eight lanes, then the imaginary parts.
//
// Lane sums of 16 rows are float32, these add up in float64.
func CompareSpectra(x, y []float32, c *Comparison, sums *Compared) {
	same2("CompareSpectra", len(x), len(y))
	if len(x)%16 != 0 {
		panic("vec: CompareSpectra of incomplete rows")
	}
	for i := compareSpectra(x, y, c, sums); i < len(x); i += 16 * compareGroup {
		n := min(16*compareGroup, len(x)-i)
		compareGroupGeneric(x[i:i+n], y[i:i+n], c, sums)
	}
}

// ratios says that powers alone tell everything: logarithms of the magnitudes
// themselves, which cannot be 0, and no linear term. That saves a root and a
// division of every bin.
func (c *Comparison) ratios() bool { return c.LogFac == 1 && c.LogEps == 0 && c.WLin == 0 && c.Eps > 0 }

func (c *Comparison) table() compareTable {
	log, lin := -c.WLog, -c.WLin
	if c.Squares {
		log, lin = 2*log, 2*lin
	}
	return compareTable{
		broadcast(c.Eps), broadcast(1), broadcast(0.5), broadcast(float32(math.Copysign(0, -1))),
		broadcast(log), broadcast(lin), broadcast(c.LogFac), broadcast(c.LogEps), broadcast(0), logTable,
	}
}

func compareGroupGeneric(x, y []float32, c *Comparison, sums *Compared) {
	k := c.table()
	minusLog, minusLin := k.minusLog[0], k.minusLin[0]
	var errors, norm, log, lin [8]float32
	for ; len(x) > 0; x, y = x[16:], y[16:] {
		for l := range 8 {
			px, py := power(x[l], x[8+l]), power(y[l], y[8+l])
			live := true
			if c.Clamp {
				live = px >= c.Eps
				px, py = max(px, c.Eps), max(py, c.Eps)
			} else {
				px, py = px+c.Eps, py+c.Eps
			}
			norm[l] += py
			var a, b float32 // the gradients over x
			if c.ratios() {
				inv := 1 / px
				delta, ratio := (py-px)*inv, py*inv
				if delta == 0 {
					ratio = 1
				}
				far := 0.5 * logRatio(ratio, delta)
				a = 1 - sqrt(ratio)
				errors[l] += px * float32(a*a)
				if c.Squares {
					log[l] += far * far
					b = float32(far*inv) * minusLog
				} else {
					log[l] += abs(far)
					b = toward(delta, minusLog*inv)
				}
			} else {
				mx, my := sqrt(px), sqrt(py)
				live = live && mx > 0
				inv, d := 1/mx, my-mx
				ax, ay := float32(c.LogFac*mx)+c.LogEps, float32(c.LogFac*my)+c.LogEps
				slope := 1 / ax
				ratio := ay * slope
				slope *= c.LogFac
				far := logRatio(ratio, d*slope)
				a = -d * inv
				errors[l] += d * d
				if c.Squares {
					log[l] += far * far
					lin[l] += d * d
					b = float32(float32(far*slope)*minusLog) + float32(d*minusLin)
				} else {
					log[l] += abs(far)
					lin[l] += abs(d)
					b = toward(d, float32(slope*minusLog)+minusLin)
				}
				b *= inv
			}
			if !live {
				a, b = 0, 0
			}
			xr, xi := x[l], x[8+l]
			x[l], x[8+l] = a*xr, a*xi
			y[l], y[8+l] = b*xr, b*xi
		}
	}
	for l := range 8 {
		sums.Errors[l] += float64(errors[l])
		sums.Norm[l] += float64(norm[l])
		sums.Log[l] += float64(log[l])
		sums.Lin[l] += float64(lin[l])
	}
}

func power(re, im float32) float32 { return float32(re*re) + float32(im*im) }

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// toward is v with its sign changed where d is negative, and 0 where d is 0.
func toward(d, v float32) float32 {
	if d == 0 {
		return 0
	}
	return math.Float32frombits(math.Float32bits(v) ^ math.Float32bits(d)&(1<<31))
}

// logRatio is ln(ratio) of a normal ratio, given ratio-1, which is more
// accurate near 1 than what is left of it in ratio. It is not finite where one
// of the two levels is not.
func logRatio(ratio, less1 float32) float32 {
	if !(less1 < inf) {
		return less1
	}
	b := math.Float32bits(ratio) + (oneBits - sqrtHalfBits)
	e := float32(int32(b>>23) - 127)
	f := less1
	if e != 0 {
		f = math.Float32frombits(b&fractionBits+sqrtHalfBits) - 1
	}
	return logOnePlus(f, e)
}
