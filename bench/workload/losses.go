package workload

import (
	"partials/autograd"
	"partials/internal/config"
	"partials/loss"
	"partials/spectral"
	"partials/tensor"
)

// rate is the sample rate of every workload in Hz.
const rate = 48000

// losses are the multi-resolution STFT loss of auraloss with its sizes and
// options, of 16 signals of 65536 samples, with the gradient to the prediction.
func losses() []Workload {
	return []Workload{{
		Name: "c/mrstft", Title: "MRSTFT loss, forward and backward", Batch: 16, Length: 65536, open: newDistance,
	}}
}

// auraloss is the multi-resolution loss as auraloss computes it.
func auraloss() loss.Config {
	l := loss.Kinds()["mrstft"].(loss.MRSTFT)
	l.Floor, l.SCFloor, l.Lean = spectral.FloorClamp, 0, 0
	return l
}

// term is a loss with a weight in a sum.
func term(kind string, c loss.Config) config.Section[loss.Config] {
	return config.Section[loss.Config]{Kind: kind, Value: c}
}

// mrstftFLOPs is what the transforms of the loss cost: of the prediction and
// back, and of the target.
func mrstftFLOPs(batch, length int) float64 {
	l := auraloss().(loss.MRSTFT)
	sum := 0.0
	for i, n := range l.NFFT {
		s := spectral.DefaultSTFT(n)
		s.Hop = l.Hop[i]
		sum += float64(s.Frames(length)) * transformFLOPs(n)
	}
	return 3 * float64(batch) * sum
}

// distance is a loss of a prediction and its gradient.
type distance struct {
	machine
	w            Workload
	loss         loss.Loss
	pred, target tensor.Tensor // (B, 1, T)
	leaf, y      *autograd.Var // of the last Run
}

func newDistance(w Workload, threads int) (Job, error) {
	l, err := auraloss().Build(loss.Env{Rate: rate, Channels: 1, Samples: w.Length})
	if err != nil {
		return nil, err
	}
	m, err := newMachine(threads)
	if err != nil {
		return nil, err
	}
	target, noise := signal("target", w.Batch, w.Length), signal("noise", w.Batch, w.Length)
	pred := make([]float32, len(target))
	for i := range pred {
		pred[i] = target[i] + 0.3*noise[i]
	}
	s := tensor.Of(w.Batch, 1, w.Length)
	return &distance{machine: m, w: w, loss: l, pred: m.put(s, pred), target: m.put(s, target)}, nil
}

func (j *distance) Run() {
	t := j.tape
	t.Reset()
	j.leaf = t.Watch(t.Leaf(j.pred))
	j.y = j.loss.Apply(t, j.leaf, t.Leaf(j.target))
	if err := t.Backward(j.y); err != nil {
		panic(err)
	}
}

func (j *distance) Inputs() Tensors {
	return Tensors{"pred": j.get(j.pred), "target": j.get(j.target)}
}

func (j *distance) Results() Tensors {
	return Tensors{"y": j.get(j.y.Tensor), "grad.pred": j.gradient(j.leaf)}
}

func (j *distance) FLOPs() float64 { return mrstftFLOPs(j.w.Batch, j.w.Length) }
