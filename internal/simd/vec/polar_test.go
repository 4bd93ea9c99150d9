package vec

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"partials/internal/impl/impltest"
	"partials/internal/rng"
)

// Planes and rows, at every length: the loops of the comments, bit for bit, and
// nothing beside them. Some numbers are 0 or below eps, some not finite.
func TestMeasured(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, n := range lengths {
			for _, m := range []Measure{PowerOf, MagnitudeAdd, MagnitudeMax} {
				for _, eps := range []float32{0, 0.5} {
					name := fmt.Sprintf("measure %d, eps %g, %d numbers", m, eps, n)
					s := rng.New(8, name)
					re, reOK := guarded(&s, n, true)
					im, imOK := guarded(&s, n, true)
					dy, dyOK := guarded(&s, n, false)
					if n > 0 {
						re[n/2], im[n/2] = 0, 0
					}
					y, yOK := guarded(&s, n, false)
					Measured(m, y, Planes(re, im), eps)
					for i := range n {
						p := float32(re[i]*re[i]) + float32(im[i]*im[i])
						want, slope, live := p, float32(2), true
						switch m {
						case MagnitudeAdd:
							want = float32(math.Sqrt(float64(p + eps)))
							live = want > 0
						case MagnitudeMax:
							want = float32(math.Sqrt(float64(max(p, eps))))
							live = want > 0 && p >= eps
						}
						if !same(y[i], want) {
							t.Fatalf("%s: number %d is %g, want %g", name, i, y[i], want)
						}
						g := slope * dy[i]
						if m != PowerOf {
							g = dy[i] / want
						}
						if !live {
							g = 0
						}
						one := [2][]float32{{re[i]}, {im[i]}}
						d := [2][]float32{{1}, {2}}
						MeasuredGrad(m, Planes(d[0], d[1]), Planes(one[0], one[1]), dy[i:i+1], eps, false)
						if !same(d[0][0], 1+float32(g*re[i])) || !same(d[1][0], 2+float32(g*im[i])) {
							t.Fatalf("%s: the gradient of number %d is %g, %g, want %g times %g, %g", name, i, d[0][0]-1, d[1][0]-2, g, re[i], im[i])
						}
					}
					// All at once, and in rows, is as one by one.
					dre, dreOK := guarded(&s, n, false)
					dim, dimOK := guarded(&s, n, false)
					wantRe, wantIm := slices.Clone(dre), slices.Clone(dim)
					rows := make([]float32, (n+7)/8*16+8)
					for i := range n {
						rows[i/8*16+i%8], rows[i/8*16+8+i%8] = re[i], im[i]
						MeasuredGrad(m, Planes(wantRe[i:], wantIm[i:]), Planes(re[i:], im[i:]), dy[i:i+1], eps, false)
					}
					MeasuredGrad(m, Planes(dre, dim), Planes(re, im), dy, eps, false)
					if !slices.EqualFunc(dre, wantRe, same) || !slices.EqualFunc(dim, wantIm, same) {
						t.Fatalf("%s: the gradient depends on the place", name)
					}
					z := slices.Clone(y)
					Measured(m, z, Rows(rows), eps)
					if !slices.EqualFunc(z, y, same) {
						t.Fatalf("%s: rows and planes differ", name)
					}
					MeasuredGrad(m, Rows(rows), Rows(rows), dy, eps, true)
					clear(dre)
					clear(dim)
					MeasuredGrad(m, Planes(dre, dim), Planes(re, im), dy, eps, false)
					for i := range n {
						if !same(0+rows[i/8*16+i%8], dre[i]) || !same(0+rows[i/8*16+8+i%8], dim[i]) {
							t.Fatalf("%s: the gradient in place differs at %d", name, i)
						}
					}
					if !reOK() || !imOK() || !dyOK() || !yOK() || !dreOK() || !dimOK() {
						t.Fatalf("%s: wrote beside its memory", name)
					}
				}
			}
		}
	})
}
