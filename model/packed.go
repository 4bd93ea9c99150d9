package model

import (
	"errors"
	"fmt"

	"partials/autograd"
	"partials/internal/config"
)

// Packed is models of several sizes that learn from the same batches, each as
// if it were alone: their losses are added up, and the best weights of each are
// kept. A host picks one by its size setting. It exports as a .nam container.
type Packed struct {
	Models config.List[Config] `yaml:"models" doc:"the models, the smallest first"`
	Sizes  []float64           `yaml:"sizes" doc:"the size setting below which each is picked, ascending, the last at least 1"`
}

// a2 is the Neural Amp Modeler's second generation in its two sizes.
func a2() Packed {
	p := Packed{Models: config.ListOf(Kinds, "wavenet", "wavenet"), Sizes: []float64{0.5, 1}}
	p.Models.Items[0].Value, p.Models.Items[1].Value = WaveNet{Preset: "a2_lite"}, WaveNet{Preset: "a2_full"}
	return p
}

// maxPacked is more sizes than anybody has.
const maxPacked = 16

// Validate implements config.Validator.
func (c Packed) Validate() error {
	n := len(c.Models.Items)
	var errs []error
	if n < 1 || n > maxPacked {
		errs = append(errs, config.Field("models", n, fmt.Sprintf("a list of 1 to %d", maxPacked)))
	}
	if len(c.Sizes) != n {
		return errors.Join(append(errs, config.Field("sizes", c.Sizes, fmt.Sprintf("as many as models (%d)", n)))...)
	}
	last := 0.0
	for i, s := range c.Sizes {
		if !(s > last) {
			errs = append(errs, config.Field(fmt.Sprintf("sizes[%d]", i), s, fmt.Sprintf("above %v", last)))
		}
		last = s
	}
	if n > 0 && last < 1 {
		errs = append(errs, config.Field(fmt.Sprintf("sizes[%d]", n-1), last, "at least 1"))
	}
	for i, m := range c.Models.Items {
		if _, nested := m.Value.(Packed); nested {
			errs = append(errs, fmt.Errorf("models[%d] is packed itself", i))
		}
	}
	return errors.Join(errs...)
}

// MemberName is how a member of a packed model is called: its parameters' names
// begin with it and a dot.
func MemberName(i int) string { return fmt.Sprintf("models.%d", i) }

// At is the member that a size setting picks.
func (c Packed) At(size float64) int {
	for i, s := range c.Sizes {
		if size < s {
			return i
		}
	}
	return len(c.Sizes) - 1
}

// Build implements Config.
func (c Packed) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p := &packed{}
	for i, item := range c.Models.Items {
		m, err := item.Value.Build(b.Within(MemberName(i)))
		if err != nil {
			return nil, fmt.Errorf("models[%d]: %w", i, err)
		}
		f := m.Facts()
		if f.Block != 1 || f.Latency != 0 {
			return nil, fmt.Errorf("models[%d] works on frames; only models of the waveform can be packed", i)
		}
		p.facts.Context = max(p.facts.Context, f.Context)
		p.facts.MACs += f.MACs
		p.members = append(p.members, &member{Model: m})
	}
	full := p.members[len(p.members)-1].Facts()
	p.facts.Inputs, p.facts.Controls, p.facts.Outputs, p.facts.Block = full.Inputs, full.Controls, full.Outputs, 1
	p.facts.ReceptiveField = full.ReceptiveField
	for _, m := range p.members {
		m.spare = p.facts.Context - m.Facts().Context
	}
	return p, nil
}

// Members are the models of a packed one, each of which takes its input, and m
// itself where it is none.
func Members(m Model) []Model {
	p, ok := m.(*packed)
	if !ok {
		return []Model{m}
	}
	var list []Model
	for _, x := range p.members {
		list = append(list, x)
	}
	return list
}

// packed plays its last member.
type packed struct {
	facts   Facts
	members []*member
}

func (p *packed) Facts() Facts { return p.facts }

func (p *packed) Forward(pass Pass, x *autograd.Var) *autograd.Var {
	return p.members[len(p.members)-1].Forward(pass, x)
}

// member takes segments with the context of the one that looks back furthest.
type member struct {
	Model
	spare int // samples of context that it does not need
}

func (m *member) Forward(p Pass, x *autograd.Var) *autograd.Var {
	return m.Model.Forward(p, p.Trim(x, m.spare))
}
