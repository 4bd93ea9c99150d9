package workload

import (
	"fmt"

	"partials/autograd"
	"partials/internal/config"
	"partials/loss"
	"partials/model"
	"partials/optim"
	"partials/tensor"
)

// steps are whole training steps: model, loss, backward, Adam. The models of d
// are the Neural Amp Modeler's, with its batch, its 8192 outputs and its loss;
// the model of e is a speech denoiser by a spectral mask.
func steps() []Workload {
	nam := func(kind, title string, c model.Config) Workload {
		return Workload{Name: "d/" + kind, Title: title, Batch: 16, Length: 8192,
			open: func(w Workload, threads int) (Job, error) { return newStep(w, threads, c, namLoss(), 4e-3) }}
	}
	denoiser := model.Kinds()["mask"].(model.Mask)
	denoiser.HiddenSize, denoiser.BurnIn = 128, 0
	lstm := model.Kinds()["lstm"].(model.LSTM)
	lstm.LearnStart = true // as NAM's: gradients flow through the burn-in
	return []Workload{
		nam("standard", "NAM standard WaveNet, training step", model.WaveNet{Preset: "standard"}),
		nam("a2_full", "NAM A2 Full WaveNet, training step", model.WaveNet{Preset: "a2_full"}),
		nam("lstm", "NAM LSTM 1x24, training step", lstm),
		{Name: "e/denoiser", Title: "Spectral-mask denoiser, training step", Batch: 16, Length: 32000,
			open: func(w Workload, threads int) (Job, error) {
				return newStep(w, threads, denoiser, []config.Section[loss.Config]{
					term("l1", loss.Kinds()["l1"]), term("mrstft", auraloss())}, 1e-3)
			}},
	}
}

// namLoss is MSE + 2e-4 MRSTFT of the pre-emphasised signals.
func namLoss() []config.Section[loss.Config] {
	filtered := loss.Kinds()["pre_emphasis"].(loss.PreEmphasis)
	filtered.Coef, filtered.Weight = 0.85, 2e-4
	filtered.Losses.Items = []config.Section[loss.Config]{term("mrstft", auraloss())}
	return []config.Section[loss.Config]{term("mse", loss.Kinds()["mse"]), term("pre_emphasis", filtered)}
}

// step is one training step over and over.
type step struct {
	machine
	w             Workload
	config        model.Config
	model         model.Model
	params        *autograd.Params
	loss          *loss.Sum
	optim         optim.Optimizer
	lr            float64
	n             int           // steps made
	input, target tensor.Tensor // (B, 1, Context+T), (B, 1, T)
	y             *autograd.Var // the loss of the last Run
}

func newStep(w Workload, threads int, c model.Config, terms []config.Section[loss.Config], lr float64) (Job, error) {
	m, err := newMachine(threads)
	if err != nil {
		return nil, err
	}
	j := &step{machine: m, w: w, config: c, lr: lr}
	if j.model, j.params, err = model.Build(c, m.dev, model.Env{Rate: rate, Inputs: 1, Outputs: 1, Seed: 1}); err != nil {
		return nil, fmt.Errorf("%s: %w", w.Name, err)
	}
	list := config.List[loss.Config]{Items: terms}
	if j.loss, err = loss.New(list, loss.Env{Rate: rate, Channels: 1, Samples: w.Length, Seed: 1}); err != nil {
		return nil, fmt.Errorf("%s: %w", w.Name, err)
	}
	j.optim = optim.Kinds()["adam"].Build(m.dev, j.params)
	n := j.model.Facts().Context + w.Length
	j.input = m.put(tensor.Of(w.Batch, 1, n), signal("x", w.Batch, n))
	j.target = m.put(tensor.Of(w.Batch, 1, w.Length), signal("y", w.Batch, w.Length))
	return j, nil
}

func (j *step) Run() {
	t := j.tape
	t.Reset()
	j.params.ZeroGrad()
	pred := j.model.Forward(model.Whole(t), t.Leaf(j.input))
	j.y = j.loss.Apply(t, j.n, pred, t.Leaf(j.target))
	if err := t.Backward(j.y); err != nil {
		panic(err)
	}
	j.optim.Step(j.lr, j.n)
	j.n++
}

func (j *step) Inputs() Tensors {
	r := Tensors{"x": j.get(j.input), "target": j.get(j.target)}
	for _, p := range j.params.All() {
		r["param."+p.Name] = j.get(p.Var().Tensor)
	}
	return r
}

func (j *step) Results() Tensors {
	r := Tensors{"y": j.get(j.y.Tensor)}
	for _, p := range j.params.All() {
		r["grad."+p.Name] = j.gradient(p.Var())
	}
	return r
}

func (j *step) FLOPs() float64 {
	macs := j.model.Facts().MACs * float64(j.w.Length+j.model.Facts().Context)
	if c, ok := j.config.(model.WaveNet); ok {
		macs = waveNetMACs(c.Arrays(1), j.w.Length, j.model.Facts().Context)
	}
	return 6*float64(j.w.Batch)*macs + mrstftFLOPs(j.w.Batch, j.w.Length)
}

// waveNetMACs is the number of multiply-adds of a segment: each convolution
// computes the samples that those after it need.
func waveNetMACs(arrays []model.LayerArray, length, context int) float64 {
	n, in, sum := length+context, 1, 0
	for _, a := range arrays {
		sum += n * in * a.Channels
		for i, d := range a.Dilations {
			k := a.KernelSize
			if len(a.KernelSizes) > 0 {
				k = a.KernelSizes[i]
			}
			n -= (k - 1) * d
			sum += n * (a.Channels*a.Bottleneck*k + a.Bottleneck + a.Bottleneck*a.Channels)
		}
		n -= a.Head.KernelSize - 1
		sum += n * a.Bottleneck * a.Head.KernelSize * a.Head.Channels
		in = a.Channels
	}
	return float64(sum)
}
