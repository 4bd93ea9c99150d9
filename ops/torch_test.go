package ops_test

import (
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/ops"
	"partials/tensor"
)

// float64Error is how far sums in another order may be from PyTorch's.
const float64Error = 1e-12

// torchCase plays a reference case: inputs by name, outputs with seeds, and
// the gradients of the inputs.
type torchCase struct {
	golden.Case
	*testing.T
	tape   *autograd.Tape
	inputs map[string]*autograd.Var
}

func forEachTorchCase(t *testing.T, op string, f func(c *torchCase)) {
	for _, g := range golden.Cases(t, "layers", op) {
		t.Run(g.ID, func(t *testing.T) {
			f(&torchCase{g, t, autograd.NewTape(ref.NewChecked(), 0), map[string]*autograd.Var{}})
		})
	}
}

func shapeOf(a golden.Array) tensor.Shape { return tensor.Of(a.Shape...) }

// in returns the named input, watched, or nil where the case has none.
func (c *torchCase) in(name string) *autograd.Var {
	a, ok := c.Arrays[name]
	if !ok {
		return nil
	}
	v := c.tape.Watch(c.tape.Put64(shapeOf(a), a.Data))
	c.inputs[name] = v
	return v
}

// want compares an output with the reference.
func (c *torchCase) want(name string, y *autograd.Var) {
	c.Helper()
	wantClose(c.T, name, read(c.tape, y.Tensor), c.Array(c.T, name).Data, float64Error)
}

// backward plays back from y with the named seed, and adds to the gradients.
func (c *torchCase) backward(y *autograd.Var, seed string) {
	c.Helper()
	g := c.Array(c.T, seed)
	if err := c.tape.BackwardFrom(y, c.tape.Put64(y.Shape, g.Data).Tensor); err != nil {
		c.Fatal(err)
	}
}

// wantGradients compares those of all inputs.
func (c *torchCase) wantGradients() {
	c.Helper()
	for name, v := range c.inputs {
		g, ok := v.Grad()
		if !ok {
			c.Errorf("no gradient of %s", name)
			continue
		}
		wantClose(c.T, "g"+name, read(c.tape, g), c.Array(c.T, "g"+name).Data, float64Error)
	}
}

func TestConv1DIsPyTorchs(t *testing.T) {
	forEachTorchCase(t, "conv1d", func(c *torchCase) {
		if golden.Param[int](c.T, c.Case, "stride") != 1 {
			return // Conv1D has no stride
		}
		conv := device.Conv{Dilation: golden.Param[int](c.T, c.Case, "dilation"), Groups: golden.Param[int](c.T, c.Case, "groups")}
		x := c.in("x")
		if golden.Param[bool](c.T, c.Case, "causal") {
			x = ops.Pad(c.tape, x, -1, conv.Shrink(golden.Param[int](c.T, c.Case, "kernel")), 0)
		}
		y := ops.Conv1D(c.tape, x, c.in("weight"), c.in("bias"), conv)
		c.want("y", y)
		c.backward(y, "g")
		c.wantGradients()
	})
}

func TestLinearIsPyTorchs(t *testing.T) {
	forEachTorchCase(t, "linear", func(c *torchCase) {
		y := ops.Linear(c.tape, c.in("x"), c.in("weight"), c.in("bias"))
		c.want("y", y)
		c.backward(y, "g")
		c.wantGradients()
	})
}

func TestPReLUIsPyTorchs(t *testing.T) {
	forEachTorchCase(t, "prelu", func(c *torchCase) {
		y := ops.PReLU(c.tape, c.in("x"), c.in("weight"), 1)
		c.want("y", y)
		c.backward(y, "g")
		c.wantGradients()
	})
}

func TestLayerNormIsPyTorchs(t *testing.T) {
	forEachTorchCase(t, "layer_norm", func(c *torchCase) {
		x := c.in("x")
		axes := golden.Param[[]int](c.T, c.Case, "axes")
		if len(axes) != 1 || axes[0] != x.Rank()-1 {
			return // LayerNorm takes the last axis
		}
		y := ops.LayerNorm(c.tape, x, c.in("weight"), c.in("bias"), golden.Param[float64](c.T, c.Case, "eps"))
		c.want("y", y)
		c.backward(y, "g")
		c.wantGradients()
	})
}

func TestLSTMIsPyTorchs(t *testing.T) { testRecurrentIsPyTorchs(t, "lstm") }
func TestGRUIsPyTorchs(t *testing.T)  { testRecurrentIsPyTorchs(t, "gru") }

// testRecurrentIsPyTorchs stacks layers as torch.nn does: layer 1 reads the
// states of layer 0. All last states come out as extra outputs.
func testRecurrentIsPyTorchs(t *testing.T, op string) {
	forEachTorchCase(t, op, func(c *torchCase) {
		detach := golden.Param[int](c.T, c.Case, "detach_every")
		y, h0, c0 := c.in("x"), c.in("h0"), c.in("c0")
		var hn, cn vars
		for layer := range golden.Param[int](c.T, c.Case, "layers") {
			l := "_l" + string(rune('0'+layer))
			w := ops.RecurrentWeights{
				Wi: c.in("weight_ih" + l), Wh: c.in("weight_hh" + l), Bi: c.in("bias_ih" + l), Bh: c.in("bias_hh" + l),
			}
			if op == "gru" {
				y = ops.GRU(c.tape, y, stateOf(c.tape, h0, layer), w, detach)
			} else {
				y = ops.LSTM(c.tape, y, stateOf(c.tape, h0, layer), stateOf(c.tape, c0, layer), w, detach)
				cn = append(cn, ops.Spread(c.tape, y.Extra(1), 0, 1))
			}
			hn = append(hn, ops.Spread(c.tape, y.Extra(0), 0, 1))
		}
		c.want("y", y)
		outputs, seeds := vars{y, ops.Concat(c.tape, 0, hn...)}, []string{"seed_y", "seed_hn"}
		c.want("hn", outputs[1])
		if op == "lstm" {
			outputs, seeds = append(outputs, ops.Concat(c.tape, 0, cn...)), append(seeds, "seed_cn")
			c.want("cn", outputs[2])
		}
		for i, seed := range seeds {
			c.backward(outputs[i], seed)
		}
		c.wantGradients()
	})
}

// stateOf is layer's state (B, H) of all layers' states (layers, B, H).
func stateOf(t *autograd.Tape, all *autograd.Var, layer int) *autograd.Var {
	s := ops.Slice(t, all, 0, layer, layer+1)
	return ops.Reshape(t, s, tensor.Of(s.Dim(1), s.Dim(2)))
}

// Reference functions by PyTorch's name. PyTorch's tanh form of GELU is
// another function, log10 is Log scaled; they are not here.
func TestElementwiseIsPyTorchs(t *testing.T) {
	type function = func(*autograd.Tape, *autograd.Var) *autograd.Var
	functions := map[string]function{
		"relu": ops.ReLU, "tanh": ops.Tanh, "sigmoid": ops.Sigmoid, "softplus": ops.Softplus, "gelu": ops.GELU, "silu": ops.SiLU,
		"softsign": ops.Softsign, "hardtanh": ops.Hardtanh, "hardswish": ops.Hardswish, "exp": ops.Exp, "sin": ops.Sin, "cos": ops.Cos,
		"log": ops.Log, "sqrt": ops.Sqrt,
		"log_cosh":   func(t *autograd.Tape, x *autograd.Var) *autograd.Var { return ops.LogCosh(t, x, 0) },
		"leaky_relu": nil, "elu": nil, // these have a parameter
	}
	played := map[string]bool{}
	forEachTorchCase(t, "pointwise", func(c *torchCase) {
		name := golden.Param[string](c.T, c.Case, "function")
		f, ok := functions[name]
		if !ok || name == "gelu" && golden.Param[string](c.T, c.Case, "approximate") != "none" {
			return
		}
		played[name] = true
		switch name {
		case "leaky_relu":
			slope := golden.Param[float64](c.T, c.Case, "slope")
			f = func(t *autograd.Tape, x *autograd.Var) *autograd.Var { return ops.LeakyReLU(t, x, slope) }
		case "elu":
			alpha := golden.Param[float64](c.T, c.Case, "alpha")
			f = func(t *autograd.Tape, x *autograd.Var) *autograd.Var { return ops.ELU(t, x, alpha) }
		}
		y := f(c.tape, c.in("x"))
		c.want("y", y)
		c.backward(y, "g")
		c.wantGradients()
	})
	for name := range functions {
		if !played[name] {
			t.Errorf("there is no reference of %s", name)
		}
	}
}
