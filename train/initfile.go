package train

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"partials/formats/nam"
	"partials/internal/config"
	"partials/model"
)

// says reports whether a recipe's text, or a change to it, has a section.
func says(section string, file string, data []byte, overrides []string) (bool, error) {
	settings, err := config.Flatten(file, data)
	if err != nil {
		return false, err
	}
	keys := slices.Clone(overrides)
	for _, s := range settings {
		keys = append(keys, s.Key)
	}
	return slices.ContainsFunc(keys, func(key string) bool {
		rest, ok := strings.CutPrefix(strings.TrimSpace(key), section)
		return ok && (rest == "" || strings.ContainsRune(".[= ", rune(rest[0])))
	}), nil
}

// modelOf is the model section that trains the model of a .nam file.
func modelOf(path string) (s config.Section[model.Config], err error) {
	f, err := nam.Read(path)
	if err != nil {
		return s, err
	}
	m, err := f.Model()
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	c := m.Config
	if l, ok := c.(model.LSTM); ok {
		l.BurnIn = model.Kinds()["lstm"].(model.LSTM).BurnIn // a file's is what playing it takes
		c = l
	}
	kinds := model.Kinds()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if reflect.TypeOf(kinds[kind]) == reflect.TypeOf(c) {
			s = config.Of(model.Kinds, kind)
			s.Value = c
		}
	}
	return s, nil
}

// fileWeights are the weights of a .nam file for a model of the recipe's, whose
// output is to be gain times the file's.
func fileWeights(f *nam.File, c model.Config, outputs int, gain float64) (nam.Weights, error) {
	if p, ok := c.(model.Packed); ok {
		return packedWeights(f, p, outputs, gain)
	}
	m, err := f.Model()
	if err != nil {
		return nil, err
	}
	if err := sameShape(m.Config, c, outputs); err != nil {
		return nil, err
	}
	if w, ok := c.(model.WaveNet); ok {
		gain *= m.Config.(model.WaveNet).Scale() / w.Scale()
	}
	return m.Amplified(gain), nil
}

// packedWeights are those of a container's models, one for each of the recipe's.
func packedWeights(f *nam.File, p model.Packed, outputs int, gain float64) (nam.Weights, error) {
	c, ok := f.Net.(*nam.Container)
	if !ok || len(c.Submodels) != len(p.Models.Items) {
		return nil, fmt.Errorf("the recipe packs %d models, and the file does not hold as many", len(p.Models.Items))
	}
	all := nam.Weights{}
	for i, s := range c.Submodels {
		w, err := fileWeights(s.File, p.Models.Items[i].Value, outputs, gain)
		if err != nil {
			return nil, fmt.Errorf("model %d: %w", i+1, err)
		}
		for name, v := range w {
			all[model.MemberName(i)+"."+name] = v
		}
	}
	return all, nil
}

// training are the keys of models that say how they learn, not what they are.
var training = []string{"preset", "head_scale", "burn_in", "detach_every", "learn_start", "forget_bias", "noise", "separate"}

// sameShape says how the model of a file differs from the recipe's.
func sameShape(file, recipe model.Config, outputs int) error {
	if reflect.TypeOf(file) != reflect.TypeOf(recipe) {
		return fmt.Errorf("the file's model is a %s, and the recipe's a %s", typeName(file), typeName(recipe))
	}
	flat := func(c model.Config) ([]config.Setting, error) {
		switch x := c.(type) {
		case model.WaveNet:
			c = model.WaveNet{Layers: x.Arrays(outputs)}
		case model.LSTM:
			c = x.Sized()
		}
		text, err := config.Marshal(c)
		if err != nil {
			return nil, err
		}
		return config.Flatten("model", text)
	}
	a, err := flat(file)
	if err != nil {
		return err
	}
	b, err := flat(recipe)
	if err != nil {
		return err
	}
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a) || i >= len(b) || a[i].Key != b[i].Key:
			return fmt.Errorf("the file's model has other layers than the recipe's: %s", listed(a, b))
		case a[i].Value != b[i].Value && !slices.Contains(training, a[i].Key):
			return fmt.Errorf("%s is %s in the file and %s in the recipe", a[i].Key, a[i].Value, b[i].Value)
		}
	}
	return nil
}

// listed says how many layer arrays two WaveNets have.
func listed(a, b []config.Setting) string {
	arrays := func(s []config.Setting) int {
		n := 0
		for _, x := range s {
			if strings.HasSuffix(x.Key, "].channels") && !strings.Contains(x.Key, "].head") {
				n++
			}
		}
		return n
	}
	return fmt.Sprintf("%d arrays, not %d", arrays(a), arrays(b))
}

func typeName(c model.Config) string { return strings.ToLower(reflect.TypeOf(c).Name()) }
