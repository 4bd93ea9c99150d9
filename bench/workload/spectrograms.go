package workload

import (
	"fmt"

	"partials/autograd"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

// spectrograms are the STFT of 16 signals of 65536 samples, hop n_fft/4, and
// the mean of its magnitudes with the gradient of that back to the signals,
// through the graph as a user writes it.
func spectrograms() []Workload {
	var list []Workload
	for _, n := range []int{512, 1024, 2048} {
		add := func(kind, title string, grad bool) {
			list = append(list, Workload{
				Name:  fmt.Sprintf("b/%s/%d", kind, n),
				Title: fmt.Sprintf("%s, n_fft %d", title, n),
				Batch: 16, Length: 65536,
				open: func(w Workload, threads int) (Job, error) { return newSpectrogram(w, threads, grad) },
			})
		}
		add("stft", "STFT forward", false)
		add("magnitude", "STFT, mean of magnitudes, forward and backward", true)
	}
	return list
}

type spectrogram struct {
	machine
	w        Workload
	grad     bool
	analysis *spectral.Analysis
	x        tensor.Tensor // (B, T)
	leaf     *autograd.Var // of the last Run
	y        *autograd.Var // spectra (B, 2, F, K), or the mean
}

func newSpectrogram(w Workload, threads int, grad bool) (Job, error) {
	a, err := spectral.NewAnalysis(spectral.DefaultSTFT(w.Points()))
	if err != nil {
		return nil, err
	}
	m, err := newMachine(threads)
	if err != nil {
		return nil, err
	}
	return &spectrogram{machine: m, w: w, grad: grad, analysis: a,
		x: m.put(tensor.Of(w.Batch, w.Length), signal("x", w.Batch, w.Length))}, nil
}

func (j *spectrogram) Run() {
	t := j.tape
	t.Reset()
	j.leaf = t.Leaf(j.x)
	if !j.grad {
		j.y = j.analysis.Apply(t, j.leaf)
		return
	}
	t.Watch(j.leaf)
	j.y = ops.Mean(t, j.analysis.Magnitude(t, j.leaf, spectral.FloorAdd, 0))
	if err := t.Backward(j.y); err != nil {
		panic(err)
	}
}

func (j *spectrogram) Inputs() Tensors { return Tensors{"x": j.get(j.x)} }

func (j *spectrogram) Results() Tensors {
	r := Tensors{"y": j.get(j.y.Tensor)}
	if j.grad {
		r["grad.x"] = j.gradient(j.leaf)
	}
	return r
}

func (j *spectrogram) FLOPs() float64 {
	frames := float64(j.w.Batch * j.analysis.Frames(j.w.Length))
	f := frames * transformFLOPs(j.w.Points())
	if j.grad {
		f *= 2
	}
	return f
}
