package nam

import (
	"fmt"

	"partials/model"
)

// convNet describes a ConvNet of package model. Batch normalisation is written
// with the statistics that it follows.
func (m *Trained) convNet(c model.ConvNet) (*File, error) {
	activation, err := m.activation(c.Activation, "blocks.0.activation")
	if err != nil {
		return nil, err
	}
	if activation.Type == "PReLU" && len(c.Dilations) > 1 {
		return nil, fmt.Errorf("a .nam ConvNet has one activation for all layers, so that it cannot be prelu, whose slopes are learnt for each; leaky_relu can be")
	}
	n := &ConvNet{Inputs: m.Inputs, Outputs: m.Outputs, Width: c.Channels, Dilations: c.Dilations, BatchNorm: c.BatchNorm, Activation: activation, Groups: 1}
	extra := Weights{"head.weight": times(m.Weights["head.weight"], m.Gain), "head.bias": times(m.Weights["head.bias"], m.Gain)}
	for i := range c.Dilations {
		extra[fmt.Sprintf("blocks.%d.norm.eps", i)] = []float64{model.BatchNormEps}
	}
	return m.file(n, extra)
}

// fromConvNet is the way back. A batch normalisation of another eps becomes one
// of package model's with another variance.
func (m *Trained) fromConvNet(n *ConvNet) error {
	if n.Groups != 1 {
		return notTrainable("groups in a ConvNet")
	}
	c := model.ConvNet{Channels: n.Width, Dilations: n.Dilations, BatchNorm: n.BatchNorm}
	for i := range n.Dilations {
		at := fmt.Sprintf("blocks.%d.", i)
		var err error
		if c.Activation, err = m.fromActivation(n.Activation, at+"activation", n.Width); err != nil {
			return err
		}
		if !n.BatchNorm {
			continue
		}
		eps := m.Weights[at+"norm.eps"][0]
		delete(m.Weights, at+"norm.eps")
		for k := range m.Weights[at+"norm.variance"] {
			m.Weights[at+"norm.variance"][k] += eps - model.BatchNormEps
		}
	}
	m.Config = c
	return c.Validate()
}
