package nam

import (
	"encoding/json"
	"errors"
	"fmt"
)

// waveNetJSON is a WaveNet's config, of any version.
type waveNetJSON struct {
	Condition json.RawMessage  `json:"condition_dsp,omitempty"`
	Layers    []layerArrayJSON `json:"layers"`
	Head      *stackHeadJSON   `json:"head"`
	HeadScale *float32         `json:"head_scale"`
	Inputs    *int             `json:"in_channels,omitempty"`
}

type layerArrayJSON struct {
	Input       *int            `json:"input_size"`
	Condition   *int            `json:"condition_size"`
	Head        *arrayHeadJSON  `json:"head,omitempty"`
	HeadSize    *int            `json:"head_size,omitempty"`
	Channels    *int            `json:"channels"`
	KernelSize  *int            `json:"kernel_size,omitempty"`
	KernelSizes []int           `json:"kernel_sizes,omitempty"`
	Dilations   []int           `json:"dilations"`
	Activation  json.RawMessage `json:"activation"`
	Bottleneck  *int            `json:"bottleneck,omitempty"`
	Gated       *bool           `json:"gated,omitempty"`
	HeadBias    *bool           `json:"head_bias,omitempty"`
	Head1x1     *oneByOneJSON   `json:"head1x1,omitempty"`
	Layer1x1    *oneByOneJSON   `json:"layer1x1,omitempty"`
	Groups      *int            `json:"groups_input,omitempty"`
	MixinGroups *int            `json:"groups_input_mixin,omitempty"`
	filmsJSON
	GatingMode json.RawMessage `json:"gating_mode,omitempty"`
	Secondary  json.RawMessage `json:"secondary_activation,omitempty"`
	Slimmable  json.RawMessage `json:"slimmable,omitempty"`
}

type arrayHeadJSON struct {
	Out      *int  `json:"out_channels"`
	Kernel   *int  `json:"kernel_size"`
	Bias     *bool `json:"bias"`
	Dilation *int  `json:"head_dilation,omitempty"`
}

type oneByOneJSON struct {
	Active bool `json:"active"`
	Out    *int `json:"out_channels,omitempty"`
	Groups *int `json:"groups"`
}

type filmsJSON struct {
	ConvPre        *filmJSON `json:"conv_pre_film,omitempty"`
	ConvPost       *filmJSON `json:"conv_post_film,omitempty"`
	MixinPre       *filmJSON `json:"input_mixin_pre_film,omitempty"`
	MixinPost      *filmJSON `json:"input_mixin_post_film,omitempty"`
	ActivationPre  *filmJSON `json:"activation_pre_film,omitempty"`
	ActivationPost *filmJSON `json:"activation_post_film,omitempty"`
	Layer1x1Post   *filmJSON `json:"layer1x1_post_film,omitempty"`
	Head1x1Post    *filmJSON `json:"head1x1_post_film,omitempty"`
}

func (f *filmsJSON) places() [films]**filmJSON {
	return [films]**filmJSON{&f.ConvPre, &f.ConvPost, &f.MixinPre, &f.MixinPost,
		&f.ActivationPre, &f.ActivationPost, &f.Layer1x1Post, &f.Head1x1Post}
}

// filmJSON is {"active": true, "shift": true, "groups": 1}, or false for none.
type filmJSON struct {
	Active bool `json:"active"`
	Shift  bool `json:"shift"`
	Groups int  `json:"groups"`
}

// UnmarshalJSON fills in what is left out.
func (f *filmJSON) UnmarshalJSON(data []byte) error {
	type plain filmJSON
	*f = filmJSON{Active: true, Shift: true, Groups: 1}
	if string(data) == "false" {
		f.Active = false
		return nil
	}
	return unmarshal(data, (*plain)(f))
}

type stackHeadJSON struct {
	In         *int        `json:"in_channels,omitempty"`
	Channels   *int        `json:"channels"`
	Out        *int        `json:"out_channels"`
	Kernels    []int       `json:"kernel_sizes"`
	Activation *Activation `json:"activation"`
}

// have reports keys that are missing.
func have(keys map[string]bool) error {
	var errs []error
	for _, k := range sortedKeys(keys) {
		if !keys[k] {
			errs = append(errs, fmt.Errorf("there is no %s", k))
		}
	}
	return errors.Join(errs...)
}

func decodeWaveNet(data []byte, depth int) (*WaveNet, error) {
	var raw waveNetJSON
	if err := unmarshal(data, &raw); err != nil {
		return nil, err
	}
	if err := have(map[string]bool{"layers": raw.Layers != nil, "head_scale": raw.HeadScale != nil}); err != nil {
		return nil, err
	}
	w := &WaveNet{Inputs: or(raw.Inputs, 1), HeadScale: *raw.HeadScale}
	for i := range raw.Layers {
		a, err := raw.Layers[i].array()
		if err != nil {
			return nil, fmt.Errorf("layers[%d]: %w", i, err)
		}
		w.Arrays = append(w.Arrays, *a)
	}
	if h := raw.Head; h != nil {
		if err := have(map[string]bool{"channels": h.Channels != nil, "out_channels": h.Out != nil, "kernel_sizes": h.Kernels != nil, "activation": h.Activation != nil}); err != nil {
			return nil, fmt.Errorf("head: %w", err)
		}
		w.Head = &StackHead{Channels: *h.Channels, Out: *h.Out, Kernels: h.Kernels, Activation: *h.Activation}
		if n := len(w.Arrays); h.In != nil && n > 0 && *h.In != w.Arrays[n-1].Head.Out {
			return nil, fmt.Errorf("head: in_channels is %d, but the layers' head has %d outputs", *h.In, w.Arrays[n-1].Head.Out)
		}
	}
	if absent(raw.Condition) {
		return w, nil
	}
	f, err := decode(raw.Condition, depth+1)
	if err != nil {
		return nil, fmt.Errorf("condition_dsp: %w", err)
	}
	w.Condition = f
	return w, nil
}

// array turns the keys of either version into a LayerArray.
func (r *layerArrayJSON) array() (*LayerArray, error) {
	if err := have(map[string]bool{
		"input_size": r.Input != nil, "condition_size": r.Condition != nil, "channels": r.Channels != nil, "dilations": r.Dilations != nil,
		"activation": r.Activation != nil, "head (or head_size and head_bias)": r.Head != nil || r.HeadSize != nil && r.HeadBias != nil,
		"kernel_size (or kernel_sizes)": r.KernelSize != nil || r.KernelSizes != nil,
	}); err != nil {
		return nil, err
	}
	if r.KernelSize != nil && r.KernelSizes != nil {
		return nil, errors.New("it has kernel_size and kernel_sizes; one of them belongs there")
	}
	a := &LayerArray{
		Input: *r.Input, Condition: *r.Condition, Channels: *r.Channels, Bottleneck: or(r.Bottleneck, *r.Channels),
		Groups: or(r.Groups, 1), MixinGroups: or(r.MixinGroups, 1),
		Slimmable: !absent(r.Slimmable),
	}
	if h := r.Head; h != nil {
		if err := have(map[string]bool{"head.out_channels": h.Out != nil, "head.kernel_size": h.Kernel != nil, "head.bias": h.Bias != nil}); err != nil {
			return nil, err
		}
		a.Head = ArrayHead{Out: *h.Out, Kernel: *h.Kernel, Dilation: or(h.Dilation, 1), Bias: *h.Bias}
	} else {
		a.Head = ArrayHead{Out: *r.HeadSize, Kernel: 1, Dilation: 1, Bias: *r.HeadBias}
	}
	if x := r.Layer1x1; x == nil || x.Active {
		a.Layer1x1 = &OneByOne{Out: a.Channels, Groups: 1}
		if x != nil {
			a.Layer1x1.Groups = or(x.Groups, 1)
		}
	}
	if x := r.Head1x1; x != nil && x.Active {
		a.Head1x1 = &OneByOne{Out: or(x.Out, a.Channels), Groups: or(x.Groups, 1)}
	}
	for place, f := range r.places() {
		if *f != nil && (*f).Active {
			a.FiLM[place] = &FiLM{Shift: (*f).Shift, Groups: (*f).Groups}
		}
	}
	return a, r.layers(a)
}

// layers fills in what each layer may have of its own.
func (r *layerArrayJSON) layers(a *LayerArray) error {
	n := len(r.Dilations)
	if err := within("the number of dilations", n, 1, maxLayers); err != nil {
		return err
	}
	kernels, err := each("kernel_sizes", n, r.KernelSizes)
	if err != nil {
		return err
	}
	activation, err := oneOrEach[Activation]("activation", n, r.Activation)
	if err != nil {
		return err
	}
	gating, err := r.gatings(n)
	if err != nil {
		return err
	}
	secondary, err := r.secondaries(n, gating)
	if err != nil {
		return err
	}
	for i, d := range r.Dilations {
		l := Layer{Dilation: d, Activation: activation[i], Gating: gating[i], Secondary: secondary[i]}
		if r.KernelSize != nil {
			l.Kernel = *r.KernelSize
		} else {
			l.Kernel = kernels[i]
		}
		a.Layers = append(a.Layers, l)
	}
	return nil
}

func (r *layerArrayJSON) gatings(n int) ([]Gating, error) {
	if r.GatingMode == nil {
		mode := Plain
		if r.Gated != nil && *r.Gated {
			mode = Gated
		}
		return repeated(mode, n), nil
	}
	modes, err := oneOrEach[Gating]("gating_mode", n, r.GatingMode)
	if err != nil {
		return nil, err
	}
	for _, m := range modes {
		if m != Plain && m != Gated && m != Blended {
			return nil, fmt.Errorf("gating_mode is %.40q; it must be none, gated or blended", m)
		}
	}
	return modes, nil
}

// secondaries reads the activations of gates: sigmoids where none are given.
// Where there is no gate anything may stand.
func (r *layerArrayJSON) secondaries(n int, gating []Gating) ([]Activation, error) {
	second := repeated(Activation{Type: "Sigmoid"}, n)
	var given []json.RawMessage
	list := len(r.Secondary) > 0 && r.Secondary[0] == '['
	if list {
		if err := unmarshal(r.Secondary, &given); err != nil {
			return nil, fmt.Errorf("secondary_activation: %w", err)
		}
		var err error
		if given, err = each("secondary_activation", n, given); err != nil {
			return nil, err
		}
	}
	for i := range second {
		data := r.Secondary
		if list {
			data = given[i]
		}
		if gating[i] == Plain || absent(data) {
			continue
		}
		if err := unmarshal(data, &second[i]); err != nil {
			return nil, fmt.Errorf("secondary_activation: %w", err)
		}
	}
	return second, nil
}

// each holds a list against the number of layers.
func each[T any](key string, layers int, list []T) ([]T, error) {
	if list != nil && len(list) != layers {
		return nil, fmt.Errorf("%s has %d entries for %d dilations", key, len(list), layers)
	}
	return list, nil
}

// oneOrEach reads one value for all layers, or a list of one for each.
func oneOrEach[T any](key string, layers int, data []byte) ([]T, error) {
	if len(data) > 0 && data[0] == '[' {
		var list []T
		if err := unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		return each(key, layers, list)
	}
	var one T
	if err := unmarshal(data, &one); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return repeated(one, layers), nil
}

func repeated[T any](v T, n int) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// or is what p points to, or a default.
func or[T any](p *T, missing T) T {
	if p == nil {
		return missing
	}
	return *p
}
