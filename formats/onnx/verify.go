package onnx

import (
	"fmt"
	"math"
	"strings"

	"partials/autograd"
	"partials/internal/rng"
	"partials/model"
)

// tolerance is how far a file's output may be from the model's, as a part of
// the peak: constants are rounded to float32, nothing else is.
const tolerance = 1e-5

// verify writes m, reads it back, runs it over noise in blocks of the given
// lengths, and holds what comes out against the model from sample skip on: no
// file is handed out that says anything else.
func (s Source) verify(m *Model, lengths []int, skip int) error {
	data, err := m.Encode()
	if err != nil {
		return err
	}
	again, err := Decode(data)
	if err != nil {
		return fmt.Errorf("the written file cannot be read back: %w", err)
	}
	n := 0
	for _, k := range lengths {
		n += k
	}
	src := rng.New(0, "onnx.verify")
	x := make([][]float32, s.Model.Facts().Inputs)
	for c := range x {
		x[c] = make([]float32, n)
		for i := range x[c] {
			x[c][i] = float32(src.Uniform(-0.5, 0.5))
		}
	}
	want, err := s.render(x, skip)
	if err != nil {
		return err
	}
	got, err := again.play(x, s.knobs(), lengths)
	if err != nil {
		return fmt.Errorf("the written file does not run: %w", err)
	}
	worst, peak := 0.0, 0.0
	for c := range want {
		for i, w := range want[c] {
			peak = max(peak, math.Abs(float64(w)))
			if d := math.Abs(got[c][i] - float64(w)); !(d <= worst) {
				worst = d
			}
		}
	}
	if !(worst <= tolerance*max(peak, 1e-3)) {
		return fmt.Errorf("the written file is not the model: its output is off by %.2g at a peak of %.2g", worst, peak)
	}
	return nil
}

// render is what the model makes of x from sample skip on.
func (s Source) render(x [][]float32, skip int) ([][]float32, error) {
	f := s.Model.Facts()
	n := len(x[0])
	late := skip + f.Block - 1 // a Stream gathers blocks
	in, out := make([][]float32, f.Channels()), make([][]float32, f.Outputs)
	for c := range in {
		in[c] = make([]float32, n+late)
		if c < f.Inputs {
			copy(in[c], x[c])
			continue
		}
		for i := range in[c] {
			in[c][i] = s.knobs()[c-f.Inputs]
		}
	}
	for c := range out {
		out[c] = make([]float32, n+late)
	}
	err := autograd.Catch(func() { model.NewStream(s.Model, s.Device).Process(out, in) })
	for c := range out {
		out[c] = out[c][late:]
	}
	return out, err
}

// play runs the graph over x in blocks of the given lengths, with the knobs where
// they stand.
func (m *Model) play(x [][]float32, knobs []float32, lengths []int) ([][]float64, error) {
	feeds := map[string]Array{}
	for _, p := range m.Graph.Inputs[1:] { // states, and knobs where there are any
		dims := make([]int, len(p.Dims))
		for i, d := range p.Dims {
			dims[i] = d.N
		}
		feeds[string(p.Name)] = zeros(dims...)
	}
	if len(knobs) > 0 {
		feeds[string(controls)] = Array{Dims: []int{1, len(knobs)}, Values: widened(knobs)}
	}
	y := make([][]float64, m.Graph.Outputs[0].Dims[1].N)
	at := 0
	for _, n := range lengths {
		block := Array{Dims: []int{1, len(x), n}}
		for _, channel := range x {
			for _, v := range channel[at : at+n] {
				block.Values = append(block.Values, float64(v))
			}
		}
		feeds[string(input)] = block
		results, err := m.Run(feeds)
		if err != nil {
			return nil, err
		}
		for name, value := range results {
			if state, ok := strings.CutSuffix(name, string(next)); ok {
				feeds[state] = value
			}
		}
		out := results[string(output)]
		if len(out.Values) != len(y)*n {
			return nil, fmt.Errorf("a block of %d samples gives %v", n, out.Dims)
		}
		for c := range y {
			y[c] = append(y[c], out.Values[c*n:(c+1)*n]...)
		}
		at += n
	}
	return y, nil
}
