package nam

import (
	"encoding/json"
	"time"
)

// Metadata is what a file says about itself. Empty fields are left out. Hosts
// read Loudness and the two levels.
type Metadata struct {
	Date           *Date     `json:"date,omitempty"`
	Loudness       *float64  `json:"loudness,omitempty"` // dB, of the output for a standard noise
	Gain           *float64  `json:"gain,omitempty"`     // 0 clean to 1 square
	Name           string    `json:"name,omitempty"`
	ModeledBy      string    `json:"modeled_by,omitempty"`
	GearType       string    `json:"gear_type,omitempty"`
	GearMake       string    `json:"gear_make,omitempty"`
	GearModel      string    `json:"gear_model,omitempty"`
	ToneType       string    `json:"tone_type,omitempty"`
	InputLevelDBu  *float64  `json:"input_level_dbu,omitempty"`
	OutputLevelDBu *float64  `json:"output_level_dbu,omitempty"`
	Training       *Training `json:"training,omitempty"`
}

// Training says how a model came about.
type Training struct {
	Trainer       string          `json:"trainer,omitempty"`        // program and version
	Run           string          `json:"run,omitempty"`            // name of the run
	Steps         int             `json:"steps,omitempty"`          // updates made
	ValidationESR *float64        `json:"validation_esr,omitempty"` // on sound that it was not trained on
	Data          *TrainingData   `json:"data,omitempty"`
	Settings      json.RawMessage `json:"settings,omitempty"` // of other trainers
	Checks        json.RawMessage `json:"checks,omitempty"`   // of other trainers
}

// TrainingData says what the recording was like.
type TrainingData struct {
	Latency *Latency        `json:"latency,omitempty"`
	Checks  json.RawMessage `json:"checks,omitempty"`
}

// Latency is by how many samples the target was late, as set by hand or found.
type Latency struct {
	Manual      *int            `json:"manual"`
	Calibration json.RawMessage `json:"calibration,omitempty"`
}

// Date is a point of time.
type Date struct {
	Year   int `json:"year"`
	Month  int `json:"month"`
	Day    int `json:"day"`
	Hour   int `json:"hour"`
	Minute int `json:"minute"`
	Second int `json:"second"`
}

// DateOf is t in its own zone.
func DateOf(t time.Time) *Date {
	return &Date{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}
}

// GearTypes and ToneTypes are the values that hosts and collections know.
var (
	GearTypes = []string{"amp", "pedal", "pedal_amp", "amp_cab", "amp_pedal_cab", "preamp", "studio"}
	ToneTypes = []string{"clean", "overdrive", "crunch", "hi_gain", "fuzz"}
)

// decodeMetadata reads what hosts read strictly, as they do. The rest is free:
// where it is not of the usual shape it is left out.
func decodeMetadata(data []byte) (m Metadata, err error) {
	var levels struct {
		Loudness *float64 `json:"loudness"`
		Input    *float64 `json:"input_level_dbu"`
		Output   *float64 `json:"output_level_dbu"`
	}
	if err := unmarshal(data, &levels); err != nil {
		return m, err
	}
	if unmarshal(data, &m) != nil {
		m = Metadata{Loudness: levels.Loudness, InputLevelDBu: levels.Input, OutputLevelDBu: levels.Output}
	}
	return m, nil
}
