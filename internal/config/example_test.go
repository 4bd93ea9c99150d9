package config_test

import (
	"fmt"

	"partials/internal/config"
)

// Model is what every kind of model section can do.
type Model interface{ Build() string }

// TCN is one kind: its fields are its YAML.
type TCN struct {
	Channels int `yaml:"channels" doc:"width of every layer"`
}

// LSTM is another.
type LSTM struct {
	Hidden int `yaml:"hidden" doc:"size of the state"`
}

func (m TCN) Build() string  { return fmt.Sprintf("a TCN of %d channels", m.Channels) }
func (m LSTM) Build() string { return fmt.Sprintf("an LSTM of %d units", m.Hidden) }

// Validate names field, value and bound.
func (m LSTM) Validate() error {
	if m.Hidden < 1 {
		return config.Field("hidden", m.Hidden, ">= 1")
	}
	return nil
}

// Kinds is the table of models, with their defaults.
func Kinds() config.Kinds[Model] {
	return config.Kinds[Model]{
		"tcn":  TCN{Channels: 16},
		"lstm": LSTM{Hidden: 24},
	}
}

// Recipe is a whole file.
type Recipe struct {
	Steps int                   `yaml:"steps" doc:"updates of the weights"`
	Skip  config.Length         `yaml:"skip" doc:"left out at the start"`
	Model config.Section[Model] `yaml:"model" doc:"what is trained"`
}

// Default is the recipe of an otherwise empty file.
func Default() Recipe {
	return Recipe{Steps: 1000, Skip: config.Seconds(0.5), Model: config.Of(Kinds, "tcn")}
}

func ExampleLoad() {
	file := []byte("skip: 300ms\nmodel:\n  kind: lstm\n")
	r := Default()
	if err := config.Load(&r, "demo.yaml", file, []string{"model.hidden=32"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(r.Model.Value.Build())

	r = Default()
	fmt.Println(config.Load(&r, "demo.yaml", []byte("model:\n  kind: lstm\n  hidden: 0\n"), nil))
	// Output:
	// an LSTM of 32 units
	// demo.yaml:3:11: model.hidden is 0; it must be >= 1
}

func ExampleMarshalCommented() {
	text, err := config.MarshalCommented(Default())
	fmt.Print(string(text))
	fmt.Println(err)
	// Output:
	// steps: 1000 # updates of the weights
	// skip: 0.5s # left out at the start
	// model: # what is trained
	//   kind: tcn # one of lstm, tcn
	//   channels: 16 # width of every layer
	// <nil>
}
