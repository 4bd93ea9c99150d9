package vec

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"partials/internal/impl/impltest"
	"partials/internal/rng"
)

// comparisons are all that the kernels distinguish.
func comparisons() []Comparison {
	var list []Comparison
	for _, clamp := range []bool{false, true} {
		for _, squares := range []bool{false, true} {
			list = append(list,
				Comparison{clamp, 1e-2, squares, 1, 0, 0.7, 0},
				Comparison{clamp, 1e-2, squares, 1, 0, 0.7, 0.3},
				Comparison{clamp, 0, squares, 10, 1, 0.7, 0.3})
		}
	}
	return list
}

// spectra are rows of two spectra: unlike, alike, equal, silent ones.
func spectra(seed string, rows int) (x, y []float32) {
	s := rng.New(7, seed)
	x, y = make([]float32, 16*rows), make([]float32, 16*rows)
	for i := range x {
		level := math.Pow(10, s.Uniform(-4, 2))
		x[i], y[i] = float32(level*s.Uniform(-1, 1)), float32(level*s.Uniform(-1, 1))
		switch i % 8 { // a lane
		case 1:
			y[i] = x[i] * float32(1+1e-5*s.Uniform(-1, 1))
		case 2:
			y[i] = x[i]
		case 3:
			x[i] = 0
		case 4:
			x[i], y[i] = 0, 0
		}
	}
	return x, y
}

// compare64 is the doc comment of Comparison in float64.
// slopes is how much gy changes with a relative change of a level.
func compare64(x, y []float32, c Comparison) (sums [4][8]float64, gx, gy, slopes []float64) {
	gx, gy, slopes = make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		if i%16 >= 8 {
			continue
		}
		l := i % 8
		magnitude := func(v []float32) (m float64, live bool) {
			p := float64(v[i])*float64(v[i]) + float64(v[i+8])*float64(v[i+8])
			if c.Clamp {
				return math.Sqrt(max(p, float64(c.Eps))), p >= float64(c.Eps) && p > 0
			}
			return math.Sqrt(p + float64(c.Eps)), p+float64(c.Eps) > 0
		}
		mx, live := magnitude(x)
		my, _ := magnitude(y)
		ax, ay := float64(c.LogFac)*mx+float64(c.LogEps), float64(c.LogFac)*my+float64(c.LogEps)
		far := math.Log(ax) - math.Log(ay)
		sums[0][l] += (mx - my) * (mx - my)
		sums[1][l] += my * my
		var dLog, dLin float64
		if c.Squares {
			sums[2][l] += far * far
			sums[3][l] += (mx - my) * (mx - my)
			dLog, dLin = 2*far, 2*(mx-my)
		} else {
			sums[2][l] += math.Abs(far)
			sums[3][l] += math.Abs(mx - my)
			if mx != my {
				dLog, dLin = math.Copysign(1, mx-my), math.Copysign(1, mx-my)
			}
		}
		if !live {
			continue
		}
		local := float64(c.WLog)*dLog*float64(c.LogFac)/ax + float64(c.WLin)*dLin
		for _, part := range []int{i, i + 8} {
			gx[part] = (mx - my) * float64(x[part]) / mx
			gy[part] = local * float64(x[part]) / mx
			slopes[part] = 2 * math.Abs(float64(x[part])) / mx * (float64(c.WLog*c.LogFac)/ax + float64(c.WLin)*(mx+my))
		}
	}
	return sums, gx, gy, slopes
}

func TestCompareSpectra(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, c := range comparisons() {
			for _, rows := range []int{0, 1, 2, 15, 16, 17, 33, 257} {
				name := fmt.Sprintf("%+v, %d rows", c, rows)
				x, y := spectra(name, rows)
				wantSums, wantX, wantY, slopes := compare64(x, y, c)
				var sums Compared
				x0 := slices.Clone(x)
				CompareSpectra(x, y, &c, &sums)
				got := [4][8]float64{sums.Errors, sums.Norm, sums.Log, sums.Lin}
				for term := range got {
					if term == 3 && c.ratios() {
						continue
					}
					for l, v := range got[term] {
						// Levels are off by a rounding, a difference of levels or of
						// their logarithms by as much.
						w, off := wantSums[term][l], 2e-7*math.Sqrt(wantSums[1][l]*float64(rows))
						if term == 2 {
							off = 2e-7 * float64(rows)
						}
						if squared := term < 2 || c.Squares; squared {
							off = off*off + 2*off*math.Sqrt(w)
						}
						if !(math.Abs(v-w) <= 1e-6*w+off) {
							t.Fatalf("%s: sum %d of lane %d is %g, want %g", name, term, l, v, w)
						}
						if l == 2 && term != 1 && v != 0 {
							t.Fatalf("%s: sum %d of equal spectra is %g", name, term, v)
						}
					}
				}
				for i := range x {
					size := math.Hypot(float64(x0[i&^8]), float64(x0[i|8]))
					if e := math.Abs(float64(x[i]) - wantX[i]); !(e <= 1e-6*(math.Abs(wantX[i])+size)) {
						t.Fatalf("%s: x[%d] is %g, want %g", name, i, x[i], wantX[i])
					}
					if i%8 == 1 {
						continue // the side on which almost equal levels lie is rounding
					}
					tol := 3e-6 * math.Abs(wantY[i])
					if c.Squares { // proportional to small differences
						tol = 1e-6*math.Abs(wantY[i]) + 1e-6*slopes[i]
					}
					if e := math.Abs(float64(y[i]) - wantY[i]); !(e <= tol) {
						t.Fatalf("%s: y[%d] is %g, want %g", name, i, y[i], wantY[i])
					}
				}
			}
		}
	})
}

// The assembly does the operations of the generic code in its order.
func TestCompareSpectraSameBits(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, c := range comparisons() {
			for _, rows := range []int{1, 16, 100, 1100} {
				x, y := spectra("bits", rows)
				wantX, wantY := slices.Clone(x), slices.Clone(y)
				var sums, want Compared
				for i := 0; i < len(x); i += 16 * compareGroup {
					n := min(16*compareGroup, len(x)-i)
					compareGroupGeneric(wantX[i:i+n], wantY[i:i+n], &c, &want)
				}
				CompareSpectra(x, y, &c, &sums)
				if sums != want || !slices.EqualFunc(x, wantX, same) || !slices.EqualFunc(y, wantY, same) {
					t.Fatalf("%+v of %d rows differs from the generic code", c, rows)
				}
			}
		}
	})
}

// A spectrum that is no number shows in the sums.
func TestCompareSpectraPropagates(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, c := range comparisons() {
			for _, bad := range []float32{nan, inf} {
				x, y := spectra("bad", 3)
				x[16] = bad
				var sums Compared
				CompareSpectra(x, y, &c, &sums)
				if v := sums.Log[0] - sums.Log[0]; v == 0 {
					t.Errorf("%+v: %g goes unnoticed", c, bad)
				}
			}
		}
	})
}

func BenchmarkCompareSpectra(b *testing.B) {
	impltest.Bench(b, pkg, func(b *testing.B) {
		for i, c := range comparisons()[:2] {
			b.Run([]string{"ratios", "all"}[i], func(b *testing.B) {
				const rows = 128
				x0, y0 := spectra("bench", rows)
				x, y := make([]float32, 16*rows), make([]float32, 16*rows)
				var sums Compared
				for b.Loop() {
					copy(x, x0)
					copy(y, y0)
					CompareSpectra(x, y, &c, &sums)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows/8, "ns/bin")
			})
		}
	})
}
