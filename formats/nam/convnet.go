package nam

import (
	"fmt"
	"math"
)

// ConvNet is the config of a stack of dilated convolutions of two taps, each
// followed by batch normalisation, where there is one, and an activation.
type ConvNet struct {
	Inputs, Outputs int
	Width           int // channels of every block
	Dilations       []int
	BatchNorm       bool
	Activation      Activation
	Groups          int
}

// Architecture implements Network.
func (c *ConvNet) Architecture() string { return "ConvNet" }

// Channels implements Network.
func (c *ConvNet) Channels() (in, out int) { return c.Inputs, c.Outputs }

type convNetJSON struct {
	Channels   *int        `json:"channels"`
	Dilations  []int       `json:"dilations"`
	BatchNorm  *bool       `json:"batchnorm"`
	Activation *Activation `json:"activation"`
	Groups     *int        `json:"groups,omitempty"`
	Inputs     *int        `json:"in_channels,omitempty"`
	Outputs    *int        `json:"out_channels,omitempty"`
}

func decodeConvNet(data []byte) (*ConvNet, error) {
	var raw convNetJSON
	if err := unmarshal(data, &raw); err != nil {
		return nil, err
	}
	if err := have(map[string]bool{"channels": raw.Channels != nil, "dilations": raw.Dilations != nil, "batchnorm": raw.BatchNorm != nil, "activation": raw.Activation != nil}); err != nil {
		return nil, err
	}
	return &ConvNet{Inputs: or(raw.Inputs, 1), Outputs: or(raw.Outputs, 1), Width: *raw.Channels, Dilations: raw.Dilations,
		BatchNorm: *raw.BatchNorm, Activation: *raw.Activation, Groups: or(raw.Groups, 1)}, nil
}

// convNetKernel is the number of taps, which files do not say.
const convNetKernel = 2

func (c *ConvNet) check() error {
	for _, x := range []struct {
		name  string
		value int
		most  int
	}{
		{"in_channels", c.Inputs, maxChannels}, {"out_channels", c.Outputs, maxChannels}, {"channels", c.Width, maxChannels},
		{"the number of dilations", len(c.Dilations), maxLayers},
	} {
		if err := within(x.name, x.value, 1, x.most); err != nil {
			return err
		}
	}
	var past history
	for i, d := range c.Dilations {
		if err := within("dilation", d, 1, maxDilation); err != nil {
			return err
		}
		if err := divides("groups", c.Groups, c.in(i), c.Width); err != nil {
			return err
		}
		if err := past.add(c.in(i), convNetKernel, d); err != nil {
			return err
		}
	}
	return c.Activation.check(c.Width)
}

func (c *ConvNet) in(block int) int {
	if block == 0 {
		return c.Inputs
	}
	return c.Width
}

// parts implements Network.
func (c *ConvNet) parts() []part {
	var all []part
	for i := range c.Dilations {
		at := fmt.Sprintf("blocks.%d.", i)
		all = append(all, part{at + "conv.weight", c.Width * (c.in(i) / c.Groups) * convNetKernel})
		if !c.BatchNorm {
			all = append(all, part{at + "conv.bias", c.Width})
			continue
		}
		for _, name := range []string{"mean", "variance", "weight", "bias"} {
			all = append(all, part{at + "norm." + name, c.Width})
		}
		all = append(all, part{at + "norm.eps", 1})
	}
	return append(all, part{"head.weight", c.Outputs * c.Width}, part{"head.bias", c.Outputs})
}

func (c *ConvNet) encode(string) any {
	raw := convNetJSON{Channels: &c.Width, Dilations: c.Dilations, BatchNorm: &c.BatchNorm, Activation: &c.Activation}
	if c.Groups != 1 {
		raw.Groups = &c.Groups
	}
	if c.Inputs != 1 || c.Outputs != 1 {
		raw.Inputs, raw.Outputs = &c.Inputs, &c.Outputs
	}
	return raw
}

// player implements Network.
func (c *ConvNet) player(w *weights) *player {
	type block struct {
		conv        *convolution
		scale, move []float64 // of the batch normalisation, or nil
	}
	p := &player{warm: 1}
	var blocks []block
	for i, d := range c.Dilations {
		b := block{conv: w.convolution(c.in(i), c.Width, convNetKernel, d, c.Groups, !c.BatchNorm)}
		if c.BatchNorm {
			mean, variance, gamma, beta := w.take(c.Width), w.take(c.Width), w.take(c.Width), w.take(c.Width)
			eps := w.take(1)[0]
			b.scale, b.move = make([]float64, c.Width), make([]float64, c.Width)
			for k := range mean {
				b.scale[k] = gamma[k] / math.Sqrt(variance[k]+eps)
				b.move[k] = beta[k] - b.scale[k]*mean[k]
			}
		}
		blocks = append(blocks, b)
		p.warm += d
	}
	head := w.convolution(c.Width, c.Outputs, 1, 1, 1, true)
	p.run = func(x signal) signal {
		for _, b := range blocks {
			x = b.conv.run(x)
			for k, scale := range b.scale {
				for t := range x[k] {
					x[k][t] = x[k][t]*scale + b.move[k]
				}
			}
			x = activate(x, c.Activation)
		}
		return head.run(x)
	}
	return p
}
