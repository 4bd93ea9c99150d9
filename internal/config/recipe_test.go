package config

import (
	"errors"
	"fmt"
)

// The tests' recipe: a small one with every form that a field may take.

type lossConfig interface{ name() string }

type Weighted struct {
	Weight float64 `yaml:"weight" doc:"factor in the sum"`
}

func (w Weighted) Validate() error {
	if w.Weight < 0 {
		return Field("weight", w.Weight, ">= 0")
	}
	return nil
}

type esr struct {
	Weighted
}

type mrstft struct {
	Weighted
	NFFT []int `yaml:"n_fft"`
}

type preEmphasis struct {
	Weighted
	Coef   float32          `yaml:"coef"`
	Losses List[lossConfig] `yaml:"losses"`
}

func (esr) name() string         { return "esr" }
func (mrstft) name() string      { return "mrstft" }
func (preEmphasis) name() string { return "pre_emphasis" }

func (p preEmphasis) Validate() error {
	var bound error
	if p.Coef >= 1 {
		bound = Field("coef", p.Coef, "< 1")
	}
	return errors.Join(p.Weighted.Validate(), bound)
}

// losses refers to itself: the default of pre_emphasis holds a loss.
func losses() Kinds[lossConfig] {
	return Kinds[lossConfig]{
		"esr":          esr{Weighted{1}},
		"mrstft":       mrstft{Weighted{1}, []int{512, 1024}},
		"pre_emphasis": preEmphasis{Weighted{1}, 0.85, ListOf(losses, "esr")},
	}
}

type modelConfig interface{ Build() string }

type tcn struct {
	Channels  int   `yaml:"channels" doc:"width of every layer"`
	Dilations []int `yaml:"dilations"`
}

type lstm struct {
	Hidden int `yaml:"hidden"`
}

func (m tcn) Build() string  { return fmt.Sprint("tcn ", m.Channels) }
func (m lstm) Build() string { return fmt.Sprint("lstm ", m.Hidden) }

func (m tcn) Validate() error {
	if m.Channels <= 0 {
		return Field("channels", m.Channels, "> 0")
	}
	for i, d := range m.Dilations {
		if d <= 0 {
			return Field(fmt.Sprintf("dilations[%d]", i), d, "> 0")
		}
	}
	return nil
}

func models() Kinds[modelConfig] {
	return Kinds[modelConfig]{
		"tcn":  tcn{Channels: 16, Dilations: []int{1, 2, 4}},
		"lstm": lstm{Hidden: 24},
	}
}

type optimConfig struct {
	LR    float64    `yaml:"lr" doc:"learning rate"`
	Betas [2]float64 `yaml:"betas"`
	Clip  *float64   `yaml:"clip"`
}

func (o optimConfig) Validate() error {
	if o.LR <= 0 {
		return Field("lr", o.LR, "> 0")
	}
	return nil
}

type dataConfig struct {
	Input   string  `yaml:"input"`
	Segment Length  `yaml:"segment"`
	Start   *Length `yaml:"start"`
}

type recipe struct {
	Steps   int                  `yaml:"steps"`
	Batch   uint8                `yaml:"batch"`
	Verbose bool                 `yaml:"verbose"`
	Data    dataConfig           `yaml:"data" doc:"what is learned"`
	Model   Section[modelConfig] `yaml:"model"`
	Loss    List[lossConfig]     `yaml:"loss"`
	Optim   optimConfig          `yaml:"optim"`
	Notes   map[string]string    `yaml:"notes"`
	Names   []string             `yaml:"names" doc:"for the report"`
	hidden  int                  //nolint:unused // an unexported field is no key
}

func (r recipe) Validate() error {
	if r.Steps == 13 {
		return errors.New("13 steps bring bad luck")
	}
	return nil
}

func defaults() recipe {
	return recipe{
		Steps: 1000,
		Batch: 8,
		Data:  dataConfig{Segment: Seconds(0.5)},
		Model: Of(models, "tcn"),
		Loss:  ListOf(losses, "esr", "pre_emphasis"),
		Optim: optimConfig{LR: 1e-3, Betas: [2]float64{0.9, 0.999}},
	}
}
