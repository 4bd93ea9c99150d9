package vec

import (
	"fmt"
	"math"
	"testing"

	"partials/internal/impl/impltest"
	"partials/internal/rng"
)

// close32 allows a few roundings of a value that is itself small against scale.
func close32(got float32, want, scale float64) bool {
	return math.Abs(float64(got)-want) <= 1e-6*(math.Abs(want)+scale)
}

// TestAdam runs five steps against the formulas of the papers in float64.
func TestAdam(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, o := range []Adam{
			{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8},
			{LR: 1e-2, Beta1: 0.8, Beta2: 0.99, Eps: 1e-6, WeightDecay: 0.1},
			{LR: 1e-2, Beta1: 0.8, Beta2: 0.99, Eps: 1e-6, WeightDecay: 0.1, Decoupled: true},
		} {
			for _, n := range lengths {
				r := rng.New(7, "adam", n)
				p, pOK := guarded(&r, n, false)
				m, mOK := guarded(&r, n, false)
				v, vOK := guarded(&r, n, false)
				clear(m)
				clear(v)
				wp, wm, wv := make([]float64, n), make([]float64, n), make([]float64, n)
				for i := range wp {
					wp[i] = float64(p[i])
				}
				for step := 1; step <= 5; step++ {
					g, gOK := guarded(&r, n, false)
					o.Step = step
					AdamStep(p, g, m, v, o)
					for i := range p {
						d := float64(g[i])
						if o.Decoupled {
							wp[i] *= 1 - o.LR*o.WeightDecay
						} else {
							d += o.WeightDecay * wp[i]
						}
						wm[i] = o.Beta1*wm[i] + (1-o.Beta1)*d
						wv[i] = o.Beta2*wv[i] + (1-o.Beta2)*d*d
						mHat := wm[i] / (1 - math.Pow(o.Beta1, float64(step)))
						vHat := wv[i] / (1 - math.Pow(o.Beta2, float64(step)))
						wp[i] -= o.LR * mHat / (math.Sqrt(vHat) + o.Eps)
						if !close32(m[i], wm[i], 1) || !close32(v[i], wv[i], 1) || !close32(p[i], wp[i], 1) {
							t.Fatalf("%+v, %d weights: p %g m %g v %g, want %g %g %g", o, n, p[i], m[i], v[i], wp[i], wm[i], wv[i])
						}
					}
					if !pOK() || !mOK() || !vOK() || !gOK() {
						t.Fatalf("AdamStep of %d wrote beside its slices", n)
					}
				}
			}
		}
	})
}

// TestAdamSameBits compares a vector with its elements one by one, which never
// reach the assembly.
func TestAdamSameBits(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(8, "adam")
		const n = 64
		p, _ := guarded(&r, n, false)
		g, _ := guarded(&r, n, false)
		m, _ := guarded(&r, n, false)
		v, _ := guarded(&r, n, false)
		for i := range v {
			v[i] = abs(v[i])
		}
		o := Adam{LR: 3e-3, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, WeightDecay: 0.3, Step: 3}
		var want [3][n]float32
		for i := range n {
			pi, mi, vi := []float32{p[i]}, []float32{m[i]}, []float32{v[i]}
			AdamStep(pi, g[i:i+1], mi, vi, o)
			want[0][i], want[1][i], want[2][i] = pi[0], mi[0], vi[0]
		}
		AdamStep(p, g, m, v, o)
		if [n]float32(p) != want[0] || [n]float32(m) != want[1] || [n]float32(v) != want[2] {
			t.Error("a vector and its elements one by one give different bits")
		}
	})
}

func TestAdamNeedsAStep(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("AdamStep with Step 0 did not panic")
		}
	}()
	AdamStep(nil, nil, nil, nil, Adam{LR: 1})
}

func TestSGD(t *testing.T) {
	for _, o := range []SGD{
		{LR: 0.1},
		{LR: 0.1, WeightDecay: 0.2},
		{LR: 0.1, Momentum: 0.9, WeightDecay: 0.2},
		{LR: 0.1, Momentum: 0.9, Nesterov: true},
	} {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			r := rng.New(9, "sgd")
			const n = 17
			p, _ := guarded(&r, n, false)
			velocity := make([]float32, n)
			var wp, wv [n]float64
			for i := range wp {
				wp[i] = float64(p[i])
			}
			for range 4 {
				g, _ := guarded(&r, n, false)
				SGDStep(p, g, velocity, o)
				for i := range p {
					d := float64(g[i]) + float64(o.WeightDecay)*wp[i]
					if mu := float64(o.Momentum); mu != 0 {
						wv[i] = mu*wv[i] + d
						if o.Nesterov {
							d += mu * wv[i]
						} else {
							d = wv[i]
						}
					}
					wp[i] -= float64(o.LR) * d
					if !close32(p[i], wp[i], 1) {
						t.Fatalf("weight %d: %g, want %g", i, p[i], wp[i])
					}
				}
			}
		})
	}
	SGDStep([]float32{1}, []float32{1}, nil, SGD{LR: 1}) // no momentum: no velocity needed
}
