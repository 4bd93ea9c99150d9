package loss_test

import (
	"math"
	"strings"
	"testing"

	"partials/device/ref"
	"partials/loss"
)

// norms are the L2 norm of a gradient of two items, and the mean of those of its
// items.
func norms(g []float64) (all, mean float64) {
	n := len(g) / 2
	for i, v := range g {
		all += v * v
		if i == n-1 {
			mean = math.Sqrt(all) / 2
		}
	}
	rest := 0.0
	for _, v := range g[n:] {
		rest += v * v
	}
	return math.Sqrt(all), mean + math.Sqrt(rest)/2
}

// The balanced gradient is sum_i (w_i / sum w) * norm * g_i / <|g_i|>, with
// EnCodec's average: sum of decay^k |g| over sum of decay^k. The value is that
// of the plain sum.
func TestBalance(t *testing.T) {
	const terms = "[{kind: mse, weight: 3}, {kind: l1, weight: 0.5}, {kind: stft, n_fft: 16, weight: 40}, {kind: esr, weight: 0}]"
	weights := []float64{3, 0.5, 40, 0}
	alone := []string{"mse", "l1", "{kind: stft, n_fft: 16}", "esr"}
	shape := of(2, 1, 60)
	for _, b := range []loss.Balance{{Norm: 1, EMA: 0.9, PerItem: true}, {Norm: 0.25, EMA: 0.5}} {
		env := small
		env.Balance = b
		s := build(t, terms, env)
		plain := build(t, terms, small)
		dev := ref.NewChecked()
		var total, count [4]float64
		for step := range 4 {
			pred, target := make([]float64, 120), make([]float64, 120)
			for i := range pred {
				target[i] = math.Sin(float64(i * (step + 2)))
				pred[i] = target[i] * (1 + 0.3*math.Cos(float64(7*i+step)))
			}
			want := make([]float64, 120)
			for k, yaml := range alone {
				if weights[k] == 0 {
					continue
				}
				_, g := evaluate(t, dev, build(t, yaml, small), shape, pred, target)
				all, mean := norms(g)
				n := all
				if b.PerItem {
					n = mean
				}
				total[k], count[k] = b.EMA*total[k]+n, b.EMA*count[k]+1
				for i, v := range g {
					want[i] += weights[k] / 43.5 * b.Norm * v / (total[k] / count[k])
				}
			}
			value, got := evaluate(t, dev, s, shape, pred, target)
			unbalanced, _ := evaluate(t, dev, plain, shape, pred, target)
			check(t, "the value", value, unbalanced, 1e-12)
			for i := range want {
				check(t, "the gradient", got[i], want[i], 1e-9)
			}
		}
		// What it remembers is all it needs to go on.
		again := build(t, terms, env)
		if err := again.Restore(s.State()); err != nil {
			t.Fatal(err)
		}
		pred, target := make([]float64, 120), make([]float64, 120)
		for i := range pred {
			pred[i], target[i] = 1/float64(i+1), float64(i%3)
		}
		_, a := evaluate(t, dev, s, shape, pred, target)
		_, c := evaluate(t, dev, again, shape, pred, target)
		for i := range a {
			if a[i] != c[i] {
				t.Fatalf("after Restore gradient %d is %v, want %v", i, c[i], a[i])
			}
		}
		if err := again.Restore(nil); err == nil || !strings.Contains(err.Error(), "8 numbers, and 0 were saved") {
			t.Errorf("Restore of nothing: %v", err)
		}
	}
}

// A term of four times the size, a sum in place of a mean, pulls no harder than
// the one beside it.
func TestBalanceOfUnequalTerms(t *testing.T) {
	env := small
	env.Balance = loss.Balance{Norm: 1, EMA: 0.999, PerItem: true}
	s := build(t, "[{kind: l1}, {kind: l1, reduction: sum}]", env)
	if len(s.State()) != 4 {
		t.Fatalf("the state is %v", s.State())
	}
	_, g := evaluate(t, ref.NewChecked(), s, of(1, 1, 4), []float64{2, 2, -2, -2}, []float64{1, 1, 1, 1})
	for i, want := range []float64{0.5, 0.5, -0.5, -0.5} { // a norm of 1, halves of both
		check(t, "the gradient", g[i], want, 1e-6)
	}
}
