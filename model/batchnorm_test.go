package model_test

import (
	"math"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/model"
	"partials/tensor"
)

// norm is a batch normalisation of two channels on its own, on ref.
func norm(t *testing.T) (*model.BatchNorm, *autograd.Params, *autograd.Tape) {
	dev := ref.New()
	b := &model.Builder{Params: new(autograd.Params)}
	n := b.BatchNorm("n", 2)
	b.Params.Place(dev)
	dev.Write64(b.Params.Get("n.weight").Var().Tensor, []float64{2, 0.5})
	dev.Write64(b.Params.Get("n.bias").Var().Tensor, []float64{0, -1})
	return n, b.Params, autograd.NewTape(dev, 0)
}

// In training the batch's own statistics are taken, and a tenth of them goes
// into what is followed: torch.nn.BatchNorm1d worked out by hand.
func TestBatchNormFollowsTheBatch(t *testing.T) {
	n, params, tape := norm(t)
	x := gradcheck.Uniform(1, tensor.Of(3, 2, 5), -1, 2).Data
	in := tape.Put64(tensor.Of(3, 2, 5), x)
	trained := read(tape.Device(), n.Forward(model.Training(tape), in).Tensor)
	mean, variance := [2]float64{}, [2]float64{}
	each := func(f func(c int, v float64)) {
		for i, v := range x {
			f(i/5%2, v)
		}
	}
	each(func(c int, v float64) { mean[c] += v / 15 })
	each(func(c int, v float64) { variance[c] += (v - mean[c]) * (v - mean[c]) / 15 })
	followed := map[string][]float64{}
	for _, b := range params.Buffers() {
		followed[b.Name] = read(tape.Device(), b.Value)
	}
	for c := range 2 {
		near(t, "the followed mean", followed["n.mean"][c], 0.1*mean[c])
		near(t, "the followed variance", followed["n.variance"][c], 0.9+0.1*variance[c]*15/14)
	}
	played := read(tape.Device(), n.Forward(model.Whole(tape), in).Tensor)
	for i, v := range x {
		c := i / 5 % 2
		gain, bias := []float64{2, 0.5}[c], []float64{0, -1}[c]
		near(t, "a trained sample", trained[i], (v-mean[c])/math.Sqrt(variance[c]+1e-5)*gain+bias)
		near(t, "a played sample", played[i], (v-followed["n.mean"][c])/math.Sqrt(followed["n.variance"][c]+1e-5)*gain+bias)
	}
	if after := read(tape.Device(), params.Buffers()[0].Value); after[0] != followed["n.mean"][0] {
		t.Error("playing changed what is followed")
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}
