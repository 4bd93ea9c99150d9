package nam_test

import (
	"testing"

	"partials/formats/nam"
	"partials/model"
)

// What this package writes plays in the hosts' own engine as in its reader. The
// engine's tanh and sigmoid are approximations, so that models with them differ.
func TestHostPlaysWhatIsWritten(t *testing.T) {
	x := excerpt(t, 40000, 24000)
	var names []string
	var files []*nam.File
	var gates []float64
	add := func(name string, gate float64, f *nam.File) {
		names, gates, files = append(names, name), append(gates, gate), append(files, f)
	}
	const exact, tanh = 1e-10, 1e-4
	for _, preset := range []string{"standard", "lite", "feather", "nano"} {
		m := trained(t, model.WaveNet{Preset: preset})
		for _, version := range []string{"0.5.4", "0.7.0"} {
			add(preset+" "+version, tanh, file(t, m, version))
		}
	}
	for _, preset := range []string{"a2_lite", "a2_full"} {
		add(preset, exact, file(t, trained(t, model.WaveNet{Preset: preset}), ""))
	}
	for i, y := range inHost(t, x, 48000, files...) {
		if y == nil {
			t.Errorf("%s: the engine refuses it", names[i])
			continue
		}
		if e := esr(read(files[i], x), y); !(e <= gates[i]) {
			t.Errorf("%s: the reader differs from the engine by an ESR of %.2g, at most %.2g is allowed", names[i], e, gates[i])
		}
	}
}
