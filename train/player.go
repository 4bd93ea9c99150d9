package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"partials/autograd"
	"partials/device"
	"partials/device/devices"
	"partials/model"
)

// Player plays sound through the model of a run: it holds the best weights and
// a stream of its own.
type Player struct {
	*voice
	Rate            int      // Hz, of what goes in and comes out
	Inputs, Outputs int      // channels
	Controls        []string // names of the knobs that the model knows
	Run             Dir

	recipe Recipe
	gain   float64 // of the output, that takes back the level of the targets
	dev    device.Device
	model  model.Model // gain and all
	params *autograd.Params
}

// Load opens the run in a folder for playing, on the device named ("cpu"), or
// on the run's own where the name is empty. Knobs stand in the middle.
func Load(dir, deviceName string, o Options) (*Player, error) {
	return o.load(Dir(dir), deviceName, nil)
}

// load is Load with changes to the recipe.
func (o Options) load(d Dir, deviceName string, overrides []string) (p *Player, err error) {
	man, err := readManifest(d)
	if err != nil {
		return nil, err
	}
	r, err := o.recipeOf(d, overrides)
	if err != nil {
		return nil, err
	}
	if deviceName == "" {
		deviceName = r.Device
	}
	dev, _, err := devices.Open(deviceName, devices.Options{Threads: o.Threads, Log: o.log()})
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	p = &Player{Rate: man.Rate, Inputs: man.Inputs, Outputs: man.Outputs, Controls: man.Controls, Run: d, recipe: r, gain: man.outputGain(), dev: dev}
	defer func() {
		if err != nil {
			dev.Close()
		}
	}()
	p.model, p.params, err = model.Build(r.Model.Value, dev, model.Env{
		Rate: man.Rate, Inputs: man.Inputs, Outputs: man.Outputs, Controls: len(man.Controls), Seed: r.Seed,
	})
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	p.model = model.Scaled(p.model, p.gain)
	weights, err := d.weights()
	if err != nil {
		return nil, err
	}
	if err := loadWeights(dev, p.params, weights); err != nil {
		return nil, err
	}
	settings := map[string]float64{}
	for _, name := range p.Controls {
		settings[name] = 0.5
	}
	return p, p.SetControls(settings)
}

// SetControls turns the knobs, all of them, to where they shall stand, from 0 to
// 1, and begins the stream anew.
func (p *Player) SetControls(settings map[string]float64) error {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(p.Controls, name) {
			return fmt.Errorf("the model has no control called %s; it has %s", name, p.controls())
		}
		if v := settings[name]; !(v >= 0 && v <= 1) {
			return fmt.Errorf("the control %s is %v; it must be from 0 to 1", name, v)
		}
	}
	knobs := make([]float32, len(p.Controls))
	for i, name := range p.Controls {
		v, ok := settings[name]
		if !ok {
			return fmt.Errorf("nothing is said of the control %s; the model has %s", name, p.controls())
		}
		knobs[i] = float32(v)
	}
	p.voice = p.newVoice(knobs)
	return nil
}

// controls lists the knobs for a message.
func (p *Player) controls() string {
	if len(p.Controls) == 0 {
		return "none"
	}
	return strings.Join(p.Controls, ", ")
}

// Close frees the device.
func (p *Player) Close() error { return p.dev.Close() }

// voice is a stream of the model that is given the audio alone: it knows where
// the knobs stand.
type voice struct {
	*model.Stream
	knobs []float32
	rows  [][]float32 // the audio's channels and the knobs'
	still [][]float32 // of each knob, as long as the longest block
}

func (p *Player) newVoice(knobs []float32) *voice {
	return &voice{Stream: model.NewStream(p.model, p.dev), knobs: knobs, still: make([][]float32, len(knobs))}
}

// fresh is another voice at the start of a signal.
func (p *Player) fresh() *voice { return p.newVoice(p.knobs) }

// Process plays the next samples of every audio channel, any number.
func (v *voice) Process(dst, src [][]float32) {
	v.rows = append(v.rows[:0], src...)
	for i, at := range v.knobs {
		n := len(src[0])
		for len(v.still[i]) < n {
			v.still[i] = append(v.still[i], at)
		}
		v.rows = append(v.rows, v.still[i][:n])
	}
	v.Stream.Process(dst, v.rows)
}
