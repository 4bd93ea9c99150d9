package train

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/device/devices"
	"partials/model"
)

// Player plays sound through the model of a run: it holds the best weights and
// a stream of its own.
type Player struct {
	*model.Stream
	Rate            int // Hz, of what goes in and comes out
	Inputs, Outputs int // channels
	Run             Dir

	recipe Recipe
	dev    device.Device
	model  model.Model
	params *autograd.Params
}

// Load opens the run in a folder for playing, on the device named ("cpu"), or
// on the run's own where the name is empty.
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
	p = &Player{Rate: man.Rate, Inputs: man.Inputs, Outputs: man.Outputs, Run: d, recipe: r, dev: dev}
	defer func() {
		if err != nil {
			dev.Close()
		}
	}()
	p.model, p.params, err = model.Build(r.Model.Value, dev, model.Env{Rate: man.Rate, Inputs: man.Inputs, Outputs: man.Outputs, Seed: r.Seed})
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	weights, err := d.weights()
	if err != nil {
		return nil, err
	}
	if err := loadWeights(dev, p.params, weights); err != nil {
		return nil, err
	}
	p.Stream = model.NewStream(p.model, dev)
	return p, nil
}

// Close frees the device.
func (p *Player) Close() error { return p.dev.Close() }
