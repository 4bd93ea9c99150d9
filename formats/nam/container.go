package nam

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Container is a model in several sizes: a host picks one by a number from 0 to
// 1, the largest by default. It has no weights of its own.
type Container struct{ Submodels []Submodel }

// Submodel is one size of a Container: it serves the numbers below Max that
// none before it serves.
type Submodel struct {
	Max  float64
	File *File
}

// Architecture implements Network.
func (c *Container) Architecture() string { return "SlimmableContainer" }

// Channels implements Network.
func (c *Container) Channels() (in, out int) { return c.full().Net.Channels() }

func (c *Container) full() *File { return c.Submodels[len(c.Submodels)-1].File }

// At returns the submodel for a size from 0 to 1.
func (c *Container) At(size float64) *File {
	for _, s := range c.Submodels {
		if size < s.Max {
			return s.File
		}
	}
	return c.full()
}

// Pack returns the file of a container, in the version given or the first that
// has containers. It says of itself what its largest model says.
func Pack(c *Container, version string) (*File, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if version == "" {
		version = versionA2
	}
	if !strings.HasPrefix(version, "0.7.") {
		return nil, fmt.Errorf("version %s has no containers; version %s has", version, versionA2)
	}
	full := c.full()
	return &File{Version: version, Net: c, Weights: []float32{}, SampleRate: full.SampleRate, Metadata: full.Metadata}, nil
}

type submodelJSON struct {
	Max   *float64         `json:"max_value"`
	Model *json.RawMessage `json:"model"`
}

// maxSubmodels is more sizes than anybody has.
const maxSubmodels = 64

func decodeContainer(data []byte, depth int) (*Container, error) {
	if depth > 0 {
		return nil, errors.New("a SlimmableContainer stands inside another model, which hosts refuse")
	}
	var raw struct {
		Submodels []submodelJSON `json:"submodels"`
	}
	if err := unmarshal(data, &raw); err != nil {
		return nil, err
	}
	if err := within("the number of submodels", len(raw.Submodels), 1, maxSubmodels); err != nil {
		return nil, err
	}
	c := &Container{}
	for i, s := range raw.Submodels {
		if err := have(map[string]bool{"max_value": s.Max != nil, "model": s.Model != nil}); err != nil {
			return nil, fmt.Errorf("submodels[%d]: %w", i, err)
		}
		f, err := decode(*s.Model, depth+1)
		if err != nil {
			return nil, fmt.Errorf("submodels[%d]: %w", i, err)
		}
		c.Submodels = append(c.Submodels, Submodel{*s.Max, f})
	}
	return c, nil
}

func (c *Container) check() error {
	if err := within("the number of submodels", len(c.Submodels), 1, maxSubmodels); err != nil {
		return err
	}
	last := 0.0
	in, out := c.Channels()
	for i, s := range c.Submodels {
		if !(s.Max > last) {
			return fmt.Errorf("submodels[%d]: max_value is %v; it must be above %v", i, s.Max, last)
		}
		last = s.Max
		if _, nested := s.File.Net.(*Container); nested {
			return errors.New("a SlimmableContainer stands inside another, which hosts refuse")
		}
		if err := s.File.check(); err != nil {
			return fmt.Errorf("submodels[%d]: %w", i, err)
		}
		if a, b := s.File.Net.Channels(); a != in || b != out {
			return fmt.Errorf("submodels[%d] has %d input and %d output channels, the last one %d and %d", i, a, b, in, out)
		}
	}
	if last < 1 {
		return fmt.Errorf("the last submodel's max_value is %v; it must be at least 1", last)
	}
	return nil
}

// checkRates reports models in a file whose rate is another.
func (f *File) checkRates() error {
	var inner []*File
	switch n := f.Net.(type) {
	case *Container:
		for _, s := range n.Submodels {
			inner = append(inner, s.File)
		}
	case *WaveNet:
		if n.Condition != nil {
			inner = append(inner, n.Condition)
		}
	}
	for _, m := range inner {
		if m.SampleRate != 0 && f.SampleRate != 0 && m.SampleRate != f.SampleRate {
			return fmt.Errorf("it is of %v Hz, and a model in it of %v Hz", f.SampleRate, m.SampleRate)
		}
	}
	return nil
}

func (c *Container) parts() []part { return nil }

func (c *Container) encode(string) any {
	type submodel struct {
		Max   float64   `json:"max_value"`
		Model *fileJSON `json:"model"`
	}
	var list []submodel
	for _, s := range c.Submodels {
		list = append(list, submodel{s.Max, s.File.tree()})
	}
	return map[string]any{"submodels": list}
}

// player implements Network: the full size.
func (c *Container) player(*weights) *player { return c.full().newPlayer() }
