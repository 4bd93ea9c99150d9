package train

import (
	"errors"
	"math"
	"slices"

	"partials/formats/nam"
	"partials/internal/config"
)

// Metadata is what an exported model says about itself. Collections and hosts
// show it.
type Metadata struct {
	Name           string   `yaml:"name" doc:"of the model; empty for the run's"`
	ModeledBy      string   `yaml:"modeled_by" doc:"who made it"`
	GearType       string   `yaml:"gear_type" doc:"amp, pedal, pedal_amp, amp_cab, amp_pedal_cab, preamp or studio"`
	GearMake       string   `yaml:"gear_make" doc:"who made the gear"`
	GearModel      string   `yaml:"gear_model" doc:"the gear's name"`
	ToneType       string   `yaml:"tone_type" doc:"clean, overdrive, crunch, hi_gain or fuzz"`
	InputLevelDBu  *float64 `yaml:"input_level_dbu" doc:"level in dBu of a sine into the gear whose peak is full scale in the input file"`
	OutputLevelDBu *float64 `yaml:"output_level_dbu" doc:"level in dBu of a sine out of the gear whose peak is full scale in the target file"`
}

// Validate implements config.Validator.
func (m Metadata) Validate() error {
	var errs []error
	for _, x := range []struct {
		field, value string
		choices      []string
	}{{"gear_type", m.GearType, nam.GearTypes}, {"tone_type", m.ToneType, nam.ToneTypes}} {
		if x.value != "" {
			errs = append(errs, config.OneOf(x.field, x.value, slices.Clone(x.choices)...))
		}
	}
	for _, x := range []struct {
		field string
		value *float64
	}{{"input_level_dbu", m.InputLevelDBu}, {"output_level_dbu", m.OutputLevelDBu}} {
		if x.value != nil && !(math.Abs(*x.value) <= 200) {
			errs = append(errs, config.Field(x.field, *x.value, "from -200 to 200"))
		}
	}
	return errors.Join(errs...)
}
