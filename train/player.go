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

// Player plays sound through a model: that of a run, with its best weights, or
// that of a .nam file. It holds a stream of its own.
type Player struct {
	*voice
	Rate            int      // Hz, of what goes in and comes out
	Inputs, Outputs int      // channels
	Controls        []string // names of the knobs that the model knows
	Notes           []string // what is odd about the model
	Run             Dir      // or empty

	recipe Recipe
	gain   float64 // of the output, that takes back the level of the targets
	dev    device.Device
	net    model.Model // as it was trained
	params *autograd.Params
	model  model.Model // the part of net that plays, gain and all; nil where plain plays
	plain  func() stream
}

// Load opens the run in a folder, or a .nam file, for playing, on the device
// named ("cpu"), or on the run's own where the name is empty. Knobs stand in the
// middle, and of a model of several sizes the largest plays.
func Load(path, deviceName string, o Options) (*Player, error) {
	return o.open(path, deviceName, nil, nil)
}

// open is Load with the size picked, from 0 to 1, and with changes to a run's
// recipe.
func (o Options) open(path, deviceName string, size *float64, overrides []string) (_ *Player, err error) {
	if IsModelFile(path) {
		return o.loadFile(path, deviceName, size)
	}
	p, err := o.load(Dir(path), deviceName, overrides)
	if err != nil {
		return nil, err
	}
	defer p.closeAfter(&err)
	if size != nil {
		return p, p.pick(*size)
	}
	return p, nil
}

// load opens a run with changes to its recipe.
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
	if p, err = o.newPlayer(deviceName); err != nil {
		return nil, err
	}
	defer p.closeAfter(&err)
	p.Rate, p.Inputs, p.Outputs, p.Controls = man.Rate, man.Inputs, man.Outputs, man.Controls
	p.Run, p.recipe, p.gain = d, r, man.outputGain()
	if err := p.build(r.Model.Value, r.Seed); err != nil {
		return nil, err
	}
	weights, err := d.weights()
	if err != nil {
		return nil, err
	}
	if err := loadWeights(p.dev, p.params, weights); err != nil {
		return nil, err
	}
	return p, p.center()
}

// newPlayer opens the device of a player that has no model yet.
func (o Options) newPlayer(deviceName string) (*Player, error) {
	dev, _, err := devices.Open(deviceName, devices.Options{Threads: o.Threads, Log: o.log()})
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	return &Player{dev: dev, gain: 1}, nil
}

// closeAfter closes the player where what it was opened for came to nothing.
func (p *Player) closeAfter(err *error) {
	if *err != nil {
		p.Close()
	}
}

// build makes the model of a config.
func (p *Player) build(c model.Config, seed uint64) (err error) {
	p.net, p.params, err = model.Build(c, p.dev, model.Env{
		Rate: p.Rate, Inputs: p.Inputs, Outputs: p.Outputs, Controls: len(p.Controls), Seed: seed,
	})
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	p.model = model.Scaled(p.net, p.gain)
	return nil
}

// pick makes the player play the member of a packed model that a size from 0 to
// 1 picks.
func (p *Player) pick(size float64) error {
	c, ok := p.recipe.Model.Value.(model.Packed)
	switch {
	case !ok:
		return fmt.Errorf("the model has one size only, so that there is none to pick")
	case !(size >= 0 && size <= 1):
		return fmt.Errorf("the size is %v; it must be from 0 to 1", size)
	}
	p.model = model.Scaled(model.Members(p.net)[c.At(size)], p.gain)
	p.voice = p.fresh()
	return nil
}

// center turns all knobs to the middle.
func (p *Player) center() error {
	settings := map[string]float64{}
	for _, name := range p.Controls {
		settings[name] = 0.5
	}
	return p.SetControls(settings)
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
			return fmt.Errorf("where the control %s stands is not said; give all that the model has (%s), as in --controls %s=0.5", name, p.controls(), name)
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
