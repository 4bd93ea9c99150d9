package ref_test

import (
	"strings"
	"testing"

	"partials/device"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/tensor"
)

// The definition itself is held against PyTorch's values in float64.

const torchTolerance = 1e-12

var absent tensor.Tensor

// bench is a case with tensors made of its arrays.
type bench struct {
	t *testing.T
	d *ref.Device
	c golden.Case
}

func eachTorch(t *testing.T, file string, check func(b bench), ops ...string) {
	for _, c := range golden.Cases(t, file, ops...) {
		check(bench{t, ref.NewChecked(), c})
	}
}

// array returns the named array, shaped as it is or as dims say.
func (b bench) array(name string, dims ...int) tensor.Tensor {
	a := b.c.Array(b.t, name)
	if dims == nil {
		dims = a.Shape
	}
	return b.of(a.Data, dims...)
}

func (b bench) of(values []float64, dims ...int) tensor.Tensor {
	x := b.zeros(dims...)
	b.d.Write64(x, values)
	return x
}

func (b bench) zeros(dims ...int) tensor.Tensor {
	s := tensor.Of(dims...)
	return tensor.New(s, b.d.Alloc(s.Len()))
}

func (b bench) same(name string, got, want tensor.Tensor) {
	b.t.Helper()
	if e := golden.RelL2(tensor.Slice[float64](got), tensor.Slice[float64](want)); !(e <= torchTolerance) {
		b.t.Errorf("%s: %s is off by %.2g", b.c.ID, name, e)
	}
}

func TestTorchConvolution(t *testing.T) {
	eachTorch(t, "layers", func(b bench) {
		if golden.Param[int](t, b.c, "stride") != 1 {
			return
		}
		c := device.Conv{Dilation: golden.Param[int](t, b.c, "dilation"), Groups: golden.Param[int](t, b.c, "groups")}
		raw, w, dy := b.array("x"), b.array("weight"), b.array("g")
		pad := 0
		if golden.Param[bool](t, b.c, "causal") {
			pad = c.Shrink(w.Dim(2))
		}
		rows, length := raw.Dim(0)*raw.Dim(1), raw.Dim(2)
		padding := device.Runs{Len: length, Count: rows, DstOff: pad, DstStride: length + pad, SrcStride: length}
		x := b.zeros(raw.Dim(0), raw.Dim(1), length+pad)
		b.d.Move(x, raw, padding)
		bias, dbias := absent, absent
		if golden.Param[bool](t, b.c, "bias") {
			bias, dbias = b.array("bias"), b.zeros(w.Dim(0))
		}
		y, dx, dw := b.zeros(dy.Dim(0), dy.Dim(1), dy.Dim(2)), b.zeros(x.Dim(0), x.Dim(1), x.Dim(2)), b.zeros(w.Dim(0), w.Dim(1), w.Dim(2))
		b.d.Conv1D(y, x, w, bias, c)
		b.d.Conv1DInputGrad(dx, dy, w, c)
		b.d.Conv1DWeightGrad(dw, dbias, dy, x, c)
		b.same("y", y, b.array("y"))
		b.same("gweight", dw, b.array("gweight"))
		if !bias.Absent() {
			b.same("gbias", dbias, b.array("gbias"))
		}
		want := b.array("gx")
		got := b.zeros(want.Dim(0), want.Dim(1), want.Dim(2))
		b.d.Move(got, dx, device.Runs{Len: length, Count: rows, DstStride: length, SrcOff: pad, SrcStride: length + pad})
		b.same("gx", got, want)
	}, "conv1d")
}

func TestTorchRecurrent(t *testing.T) {
	eachTorch(t, "layers", func(b bench) {
		if golden.Param[int](t, b.c, "layers") != 1 {
			return
		}
		r := device.Cell{Kind: device.GRU, Detach: golden.Param[int](t, b.c, "detach_every")}
		x, dy := b.array("x"), b.array("seed_y")
		batch, length, hidden := dy.Dim(0), dy.Dim(1), dy.Dim(2)
		s := device.Sequence{InitialState: device.InitialState{H0: b.array("h0", batch, hidden)}, Cells: b.zeros(batch, length, hidden)}
		ds := device.InitialState{H0: b.zeros(batch, hidden)}
		dcT := absent
		if b.c.Op == "lstm" {
			r.Kind = device.LSTM
			s.C0, ds.C0, dcT = b.array("c0", batch, hidden), b.zeros(batch, hidden), b.array("seed_cn", batch, hidden)
		}
		gates := r.Kind.Gates() * hidden
		s.Gates = b.zeros(batch, length, gates)
		w := device.RecurrentWeights{Wi: b.array("weight_ih_l0"), Wh: b.array("weight_hh_l0"), Bi: b.array("bias_ih_l0"), Bh: b.array("bias_hh_l0")}
		dw := device.RecurrentWeights{Wi: b.zeros(gates, x.Dim(2)), Wh: b.zeros(gates, hidden), Bi: b.zeros(gates), Bh: b.zeros(gates)}
		y, dx := b.zeros(batch, length, hidden), b.zeros(batch, length, x.Dim(2))
		b.d.Recur(r, s, y, w, x)
		b.d.RecurGrad(r, dx, ds, dw, dy, b.array("seed_hn", batch, hidden), dcT, s, y, w, x)
		b.same("y", y, b.array("y"))
		b.same("gx", dx, b.array("gx"))
		b.same("gweight_ih", dw.Wi, b.array("gweight_ih_l0"))
		b.same("gweight_hh", dw.Wh, b.array("gweight_hh_l0"))
		b.same("gbias_ih", dw.Bi, b.array("gbias_ih_l0"))
		b.same("gbias_hh", dw.Bh, b.array("gbias_hh_l0"))
		b.same("gh0", ds.H0, b.array("gh0"))
		if r.Kind == device.LSTM {
			b.same("gc0", ds.C0, b.array("gc0"))
		}
	}, "lstm", "gru")
}

func TestTorchFunctions(t *testing.T) {
	names := map[string]device.Func{"relu": device.ReLU, "leaky_relu": device.LeakyReLU, "tanh": device.Tanh, "sigmoid": device.Sigmoid,
		"softplus": device.Softplus, "gelu": device.GELU, "silu": device.SiLU, "elu": device.ELU, "softsign": device.Softsign,
		"hardtanh": device.Hardtanh, "hardswish": device.Hardswish, "exp": device.Exp, "sin": device.Sin, "cos": device.Cos,
		"log_cosh": device.LogCosh, "log": device.Log, "sqrt": device.Sqrt}
	tried := 0
	eachTorch(t, "layers", func(b bench) {
		f, ok := names[golden.Param[string](t, b.c, "function")]
		if !ok || strings.HasSuffix(b.c.ID, "gelu_tanh") {
			return
		}
		tried++
		p := 0.0
		switch f {
		case device.LeakyReLU:
			p = golden.Param[float64](t, b.c, "slope")
		case device.ELU:
			p = golden.Param[float64](t, b.c, "alpha")
		}
		x := b.array("x")
		y, dx := b.zeros(x.Len()), b.zeros(x.Len())
		b.d.Map(f, p, y, x)
		b.d.MapGrad(f, p, dx, x, y, b.array("g"))
		b.same("y", y, b.array("y"))
		b.same("gx", dx, b.array("gx"))
	}, "pointwise")
	if tried < len(names) {
		t.Errorf("tried %d cases of %d functions", tried, len(names))
	}
}
