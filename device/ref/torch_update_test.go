package ref_test

import (
	"fmt"
	"math"
	"testing"

	"partials/device"
	"partials/internal/golden"
	"partials/tensor"
)

// Fifty steps of PyTorch's optimizers; b is another tensor of the same run.
func TestTorchUpdates(t *testing.T) {
	eachTorch(t, "optim", func(b bench) {
		name := golden.Param[string](t, b.c, "optimizer")
		lr := golden.Param[*float64](t, b.c, "lr")
		if _, ok := b.c.Params["amsgrad"]; ok || lr == nil || name == "radam" {
			return
		}
		decay := golden.Param[float64](t, b.c, "weight_decay")
		p := b.array("w0")
		n := p.Len()
		first, second, third := b.zeros(n), b.zeros(n), b.zeros(n)
		for step := 1; step <= golden.Param[int](t, b.c, "steps"); step++ {
			g := b.array("gw").Row(step - 1)
			switch name {
			case "sgd":
				o := device.SGD{LR: *lr, L2: decay, Momentum: golden.Param[float64](t, b.c, "momentum"), Nesterov: golden.Param[bool](t, b.c, "nesterov")}
				b.d.SGD(p, g, given(first, o.Momentum != 0), o)
			case "adam", "adamw":
				betas := golden.Param[[2]float64](t, b.c, "betas")
				o := device.Adam{Step: *lr / (1 - math.Pow(betas[0], float64(step))), Root: 1 / math.Sqrt(1-math.Pow(betas[1], float64(step))),
					Beta1: betas[0], Beta2: betas[1], Eps: golden.Param[float64](t, b.c, "eps"), L2: decay}
				if name == "adamw" {
					o.L2, o.Shrink = 0, *lr*decay
				}
				b.d.Adam(p, g, first, second, o)
			case "rmsprop":
				o := device.RMSprop{LR: *lr, L2: decay, Alpha: golden.Param[float64](t, b.c, "alpha"), Eps: golden.Param[float64](t, b.c, "eps"),
					Momentum: golden.Param[float64](t, b.c, "momentum")}
				b.d.RMSprop(p, g, first, given(second, golden.Param[bool](t, b.c, "centered")), given(third, o.Momentum != 0), o)
			default:
				t.Fatalf("%s: unknown optimizer %q", b.c.ID, name)
			}
			if want, ok := b.c.Arrays[fmt.Sprint("w", step)]; ok {
				b.same(fmt.Sprint("w", step), p, b.of(want.Data, n))
			}
		}
	}, "optimizer")
}

// given returns x where wanted, and an absent tensor where not.
func given(x tensor.Tensor, wanted bool) tensor.Tensor {
	if wanted {
		return x
	}
	return absent
}
