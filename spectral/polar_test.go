package spectral_test

import (
	"testing"

	"partials/autograd"
	"partials/internal/golden"
	"partials/ops"
	"partials/spectral"
)

func TestPolar(t *testing.T) {
	onEach(t, "spectral2", func(t *testing.T, s session) {
		x := s.put(t, "X")
		y := ops.Transpose(s.tape, polarOf(t, s, x), 1, 2) // to (batch, bins, frames)
		s.backFrom(t, y)
		s.want(t, "y", y.Tensor)
		s.wantGrad(t, "gX", x)
	}, "magnitude", "log_magnitude", "power", "phase")
}

func polarOf(t *testing.T, s session, x *autograd.Var) *autograd.Var {
	t.Helper()
	switch s.Op {
	case "power":
		return spectral.Power(s.tape, x)
	case "phase":
		return spectral.Phase(s.tape, x)
	}
	var floor spectral.Floor
	if text := golden.Param[string](t, s.Case, "floor"); text != "none" { // none is a clamp at 0
		unmarshal(t, &floor, text)
	}
	eps := golden.Param[float64](t, s.Case, "eps")
	if s.Op == "magnitude" {
		return spectral.Magnitude(s.tape, x, floor, eps)
	}
	var level spectral.Level
	unmarshal(t, &level, golden.Param[string](t, s.Case, "log"))
	return spectral.LogMagnitude(s.tape, x, floor, eps, level)
}
