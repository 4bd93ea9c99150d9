package model_test

import (
	"math"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/model"
	"partials/ops"
	"partials/tensor"
)

// reach returns the size of the gradient of the sum of outputs from..to with
// respect to each input sample.
func (m built) reach(t *testing.T, n, from, to int) []float64 {
	t.Helper()
	tape := autograd.NewTape(m.dev, 0)
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(float64(i))
	}
	in := tape.Watch(tape.Put64(tensor.Of(1, 1, n), x))
	y := m.Forward(model.Whole(tape), in)
	m.params.ZeroGrad()
	if err := tape.Backward(ops.Sum(tape, ops.Slice(tape, y, 2, from, to))); err != nil {
		t.Fatal(err)
	}
	g, _ := in.Grad()
	return read(m.dev, g)
}

// Truncation cuts at multiples of detach_every after the burn-in, and the
// burn-in gets a gradient only where the start state is learnt.
func TestTruncatedBackpropagation(t *testing.T) {
	for _, c := range []struct {
		name     string
		config   model.RNN
		from, to int // outputs
		first    int // the first input sample that gets a gradient
	}{
		{"never", model.RNN{}, 9, 10, 0},
		{"every 4", model.RNN{DetachEvery: 4}, 9, 10, 8},
		{"before a cut", model.RNN{DetachEvery: 4}, 7, 8, 4},
		{"burn-in", model.RNN{BurnIn: 3}, 5, 6, 3},
		{"burn-in and every 4", model.RNN{BurnIn: 3, DetachEvery: 4}, 5, 6, 7},
		{"learnt start", model.RNN{BurnIn: 3, DetachEvery: 4, LearnStart: true}, 3, 4, 0},
		{"learnt start, after a cut", model.RNN{BurnIn: 3, DetachEvery: 4, LearnStart: true}, 4, 5, 7},
	} {
		c.config.HiddenSize, c.config.Layers = 3, 2
		for kind, config := range map[string]model.Config{"lstm": model.LSTM{RNN: c.config}, "gru": model.GRU{RNN: c.config}} {
			m := build(t, ref.New(), config, 1, 1)
			g := m.reach(t, 13, c.from, c.to)
			last := c.config.BurnIn + c.to - 1
			for i, v := range g {
				if want := i >= c.first && i <= last; (v != 0) != want {
					t.Errorf("%s, %s: the gradient of sample %d is %g, samples %d to %d should have one", kind, c.name, i, v, c.first, last)
				}
			}
			h0 := m.params.Get("layers.0.h0")
			if h0 == nil {
				continue
			}
			dh, _ := h0.Var().Grad()
			if learns := golden.RelL2(read(m.dev, dh), make([]float64, 3)) > 0; learns != (c.first == 0) {
				t.Errorf("%s, %s: the start state's gradient is %v", kind, c.name, read(m.dev, dh))
			}
		}
	}
}

// What is cut changes no output.
func TestTruncationKeepsTheOutput(t *testing.T) {
	config := model.RNN{HiddenSize: 4, Layers: 2, BurnIn: 5}
	x := noise(1, 40, 1)
	want := build(t, ref.New(), model.GRU{RNN: config}, 1, 1).whole(x)
	config.DetachEvery = 7
	got := build(t, ref.New(), model.GRU{RNN: config}, 1, 1).whole(x)
	for i := range want[0] {
		if got[0][i] != want[0][i] {
			t.Fatalf("sample %d is %v with truncation, %v without", i, got[0][i], want[0][i])
		}
	}
}

// A stream begins with the state that was learnt, after every Reset.
func TestStreamBeginsWithTheLearntState(t *testing.T) {
	m := build(t, ref.New(), model.LSTM{RNN: model.RNN{HiddenSize: 4, Layers: 1, LearnStart: true}}, 1, 1)
	start := func(v float64) {
		for _, name := range []string{"layers.0.h0", "layers.0.c0"} {
			m.dev.Fill(m.params.Get(name).Var().Tensor, v)
		}
	}
	x := noise(1, 9, 1)
	zeros := m.whole(x)
	start(0.5)
	want := m.whole(x)
	s := model.NewStream(m, m.dev)
	for range 2 {
		got := inBlocks(s, 1, x, 4)
		for i := range want[0] {
			if got[0][i] != want[0][i] || got[0][i] == zeros[0][i] {
				t.Fatalf("sample %d is %v in a stream, %v as a whole, %v from zeros", i, got[0][i], want[0][i], zeros[0][i])
			}
		}
		s.Reset()
	}
}

// forget_bias moves both biases of the forget gate up and of the input gate
// down, and nothing else.
func TestForgetBias(t *testing.T) {
	config := model.RNN{HiddenSize: 3, Layers: 2}
	plain := build(t, ref.New(), model.LSTM{RNN: config}, 1, 1)
	biased := build(t, ref.New(), model.LSTM{RNN: config, ForgetBias: 2}, 1, 1)
	for i, p := range plain.params.All() {
		want := read(plain.dev, p.Var().Tensor)
		if p.Shape == tensor.Of(12) {
			for j := range 3 {
				want[j] -= 2
				want[3+j] += 2
			}
		}
		q := biased.params.All()[i]
		wantClose(t, q.Name, read(biased.dev, q.Var().Tensor), want, 0)
	}
}
