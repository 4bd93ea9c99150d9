package nam

import (
	"fmt"
	"math"
)

// LSTM is the config of a stack of LSTM layers and a linear one.
type LSTM struct {
	Inputs, Outputs int
	Hidden, Layers  int
}

// Architecture implements Network.
func (l *LSTM) Architecture() string { return "LSTM" }

// Channels implements Network.
func (l *LSTM) Channels() (in, out int) { return l.Inputs, l.Outputs }

type lstmJSON struct {
	InputSize *int `json:"input_size"`
	Hidden    *int `json:"hidden_size"`
	Layers    *int `json:"num_layers"`
	Inputs    *int `json:"in_channels,omitempty"`
	Outputs   *int `json:"out_channels,omitempty"`
}

func decodeLSTM(data []byte) (*LSTM, error) {
	var raw lstmJSON
	if err := unmarshal(data, &raw); err != nil {
		return nil, err
	}
	if err := have(map[string]bool{"input_size": raw.InputSize != nil, "hidden_size": raw.Hidden != nil, "num_layers": raw.Layers != nil}); err != nil {
		return nil, err
	}
	l := &LSTM{Inputs: or(raw.Inputs, 1), Outputs: or(raw.Outputs, 1), Hidden: *raw.Hidden, Layers: *raw.Layers}
	if l.Inputs != *raw.InputSize {
		return nil, fmt.Errorf("input_size is %d, but the input has %d channels", *raw.InputSize, l.Inputs)
	}
	return l, nil
}

func (l *LSTM) check() error {
	for _, x := range []struct {
		name  string
		value int
		most  int
	}{{"in_channels", l.Inputs, maxChannels}, {"out_channels", l.Outputs, maxChannels}, {"hidden_size", l.Hidden, maxChannels}, {"num_layers", l.Layers, maxLayers}} {
		if err := within(x.name, x.value, 1, x.most); err != nil {
			return err
		}
	}
	return nil
}

// in is the number of inputs of a layer.
func (l *LSTM) in(layer int) int {
	if layer == 0 {
		return l.Inputs
	}
	return l.Hidden
}

// parts implements Network. A weight's row is the input weights, then the
// hidden ones; a bias is the sum of PyTorch's two.
func (l *LSTM) parts() []part {
	var all []part
	for i := range l.Layers {
		at := fmt.Sprintf("layers.%d.", i)
		all = append(all, part{at + "weight", 4 * l.Hidden * (l.in(i) + l.Hidden)}, part{at + "bias", 4 * l.Hidden},
			part{at + "h0", l.Hidden}, part{at + "c0", l.Hidden})
	}
	return append(all, part{"head.weight", l.Outputs * l.Hidden}, part{"head.bias", l.Outputs})
}

func (l *LSTM) encode(string) any {
	raw := lstmJSON{InputSize: &l.Inputs, Hidden: &l.Hidden, Layers: &l.Layers}
	if l.Inputs != 1 || l.Outputs != 1 {
		raw.Inputs, raw.Outputs = &l.Inputs, &l.Outputs
	}
	return raw
}

// lstmReader plays one layer.
type lstmReader struct {
	in, hidden   int
	weight, bias []float64 // (4*hidden, in+hidden), gates i, f, g, o; (4*hidden)
	xh, c, gates []float64
}

// player implements Network. Before the first sample it plays half a second of
// silence, as hosts do.
func (l *LSTM) player(w *weights) *player {
	_, run := l.reader(w)
	return &player{warm: int(w.rate / 2), run: run}
}

// reader takes the weights of all layers, whose state run goes on from.
func (l *LSTM) reader(w *weights) (layers []*lstmReader, run func(x signal) signal) {
	for i := range l.Layers {
		in := l.in(i)
		r := &lstmReader{in: in, hidden: l.Hidden, weight: w.take(4 * l.Hidden * (in + l.Hidden)), bias: w.take(4 * l.Hidden)}
		r.xh = append(make([]float64, in), w.take(l.Hidden)...)
		r.c = w.take(l.Hidden)
		r.gates = make([]float64, 4*l.Hidden)
		layers = append(layers, r)
	}
	head, bias := w.take(l.Outputs*l.Hidden), w.take(l.Outputs)
	return layers, func(x signal) signal {
		y := newSignal(l.Outputs, x.frames())
		at := make([]float64, l.Inputs)
		for t := range x.frames() {
			for c := range at {
				at[c] = x[c][t]
			}
			h := at
			for _, r := range layers {
				h = r.step(h)
			}
			for o := range y {
				y[o][t] = bias[o] + dot(head[o*l.Hidden:(o+1)*l.Hidden], h)
			}
		}
		return y
	}
}

// step takes a sample and returns the hidden state.
func (r *lstmReader) step(x []float64) []float64 {
	copy(r.xh, x)
	width := r.in + r.hidden
	for i := range r.gates {
		r.gates[i] = r.bias[i] + dot(r.weight[i*width:(i+1)*width], r.xh)
	}
	n := r.hidden
	for i := range n {
		r.c[i] = sigmoid(r.gates[n+i])*r.c[i] + sigmoid(r.gates[i])*math.Tanh(r.gates[2*n+i])
		r.xh[r.in+i] = sigmoid(r.gates[3*n+i]) * math.Tanh(r.c[i])
	}
	return r.xh[r.in:]
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
