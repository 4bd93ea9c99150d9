package train

import (
	"os"
	"strings"
	"testing"

	"partials/audio"
	"partials/formats/aidax"
	"partials/formats/nam"
)

// A run of a WaveNet becomes a file that says what the recipe says.
func TestExportNAM(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "model={kind: wavenet, preset: nano}", "steps=3", "metadata.gear_type=amp", "data.delay=3"), o)
	res, err := Export(dir, []string{"metadata.name=Plexi"}, ExportOptions{Format: "nam"}, o)
	if err != nil {
		t.Fatal(err)
	}
	if want := dir.path("export/tiny.nam"); res.Path != want {
		t.Errorf("it went to %s, not %s", res.Path, want)
	}
	f, err := nam.Read(res.Path)
	if err != nil {
		t.Fatal(err)
	}
	m := f.Metadata
	switch {
	case m.Name != "Plexi" || m.GearType != "amp" || m.Loudness == nil || m.Gain == nil || m.Training == nil || m.Training.Data == nil:
		t.Errorf("the metadata are %+v", m)
	case m.Training.ValidationESR == nil || m.Training.Steps != 3 || *m.Training.Data.Latency.Manual != 3:
		t.Errorf("the training block is %+v", *m.Training)
	}
	if f.SampleRate != 44100 || f.Version != "0.5.4" {
		t.Errorf("version %s at %v Hz", f.Version, f.SampleRate)
	}
}

// Where a file does not sound as the model does, nothing is written.
func TestExportChecksItself(t *testing.T) {
	alone(t)
	x := nam.Probe(44100)
	if e, err := held(x, x, 0); e != 0 || err != nil {
		t.Errorf("a sound differs from itself by %v: %v", e, err)
	}
	other := append([]float32(nil), x...)
	other[100] += 0.1
	if _, err := held(other, x, namTolerance); err == nil || !strings.Contains(err.Error(), "does not sound as the model does") {
		t.Errorf("another sound: %v", err)
	}
}

func TestExportRefuses(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=1"), o)
	for _, c := range []struct {
		o    ExportOptions
		want string
	}{
		{ExportOptions{Format: "vst"}, `no format "vst"`},
		{ExportOptions{Format: "nam"}, "this kind of model"},
		{ExportOptions{Format: "aidax"}, "lstm and gru only"},
		{ExportOptions{Format: "wav"}, "kind fir"},
	} {
		if _, err := Export(dir, nil, c.o, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; the error should say %q", c.o, err, c.want)
		}
	}
	if _, err := os.Stat(dir.path("export/tiny.nam")); err == nil {
		t.Error("a file was left")
	}
}

// Two packed models become one container, each as it sounds and measured on its
// own.
func TestExportContainer(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=3",
		"model={kind: packed, sizes: [0.4, 1], models: [{kind: wavenet, preset: a2_lite}, {kind: wavenet, preset: nano}]}"), o)
	res, err := Export(dir, nil, ExportOptions{Format: "nam"}, o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := nam.Read(res.Path)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := f.Net.(*nam.Container)
	if !ok || f.Version != "0.7.0" || len(c.Submodels) != 2 || c.Submodels[0].Max != 0.4 {
		t.Fatalf("version %s, %+v", f.Version, f.Net)
	}
	small, large := c.Submodels[0].File, c.Submodels[1].File
	if len(small.Weights) != 1871 || len(large.Weights) != 842 || *f.Metadata.Loudness != *large.Metadata.Loudness ||
		*small.Metadata.Training.ValidationESR == *large.Metadata.Training.ValidationESR {
		t.Errorf("%d and %d weights; %+v", len(small.Weights), len(large.Weights), f.Metadata)
	}
	x := nam.Probe(44100)[:2000]
	for size, file := range map[float64]*nam.File{0.1: small, 0.4: large} {
		p, err := o.open(string(dir), "", &size, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, want := [][]float32{make([]float32, len(x))}, [][]float32{make([]float32, len(x))}
		p.Process(got, [][]float32{x})
		nam.NewReader(file).Process(want, [][]float32{x})
		if e, err := held(got[0], want[0], 1e-9); err != nil {
			t.Errorf("size %v: an ESR of %v", size, e)
		}
		p.Close()
	}
	if _, err := Export(dir, nil, ExportOptions{Format: "nam", NAMVersion: "0.5.4"}, o); err == nil || !strings.Contains(err.Error(), "cannot hold") {
		t.Errorf("as version 0.5.4: %v", err)
	}
}

// knobs is a recipe of an amplifier with a knob that turns it off.
func knobs(t *testing.T, more ...string) Recipe {
	return recipeOf(t, append([]string{"data.input=[]", "data.target=[]", "data.validation={start: 1s, stop: 1.05s}",
		"data.pairs=[{input: 'embedded:amp/input.wav', target: 'embedded:amp/output.wav', controls: {drive: 1}}," +
			"{input: 'embedded:amp/input.wav', target: 'embedded:amp/input.wav', controls: {drive: 0}}]"}, more...)...)
}

// A model with a knob plays at any setting, and its file at the one that it was
// made for.
func TestExportAtASetting(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := undisturbed(t, knobs(t, "model={kind: wavenet, preset: nano}", "steps=3"), o)
	p, err := Load(string(dir), "", o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	x := nam.Probe(44100)[:2000]
	var last []float32
	for _, at := range []map[string]float64{{"drive": 0.3}, {"drive": 1}} {
		res, err := Export(dir, nil, ExportOptions{Format: "nam", Controls: at}, o)
		if err != nil {
			t.Fatal(err)
		}
		f, err := nam.Read(res.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.SetControls(at); err != nil {
			t.Fatal(err)
		}
		got, want := [][]float32{make([]float32, len(x))}, [][]float32{make([]float32, len(x))}
		nam.NewReader(f).Process(got, [][]float32{x})
		p.Process(want, [][]float32{x})
		if e, err := held(got[0], want[0], 1e-9); err != nil {
			t.Errorf("at %v: an ESR of %v", at, e)
		}
		if last != nil {
			if _, err := held(got[0], last, 1e-6); err == nil {
				t.Error("the knob does nothing")
			}
		}
		last = got[0]
	}
	for _, c := range []struct {
		at   map[string]float64
		want string
	}{
		{nil, "--controls drive=0.5"},
		{map[string]float64{"drive": 2}, "drive is 2; it must be from 0 to 1"},
		{map[string]float64{"volume": 0}, "no control called volume; it has drive"},
	} {
		if _, err := Export(dir, nil, ExportOptions{Format: "nam", Controls: c.at}, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("at %v: %v; it should say %q", c.at, err, c.want)
		}
	}
}

// A recurrent model becomes a file of AIDA-X, with its knobs or at a setting.
func TestExportAIDAX(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	for kind, more := range map[string]string{"lstm": ", learn_start: true", "gru": ""} {
		dir := undisturbed(t, knobs(t, "model={kind: "+kind+", hidden_size: 8, layers: 1, burn_in: 256"+more+"}", "steps=2", "metadata.gear_model=Klon"), o)
		for _, at := range []map[string]float64{nil, {"drive": 0.25}} {
			res, err := Export(dir, nil, ExportOptions{Format: "aidax", Controls: at}, o)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(res.Path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := aidax.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			if want := 2 - len(at); f.Inputs != want || f.Metadata.Rate != "44100" || f.Metadata.Based != "Klon" || f.Metadata.ESR == nil || f.Check() > 1e-5 {
				t.Errorf("%s at %v: %d inputs, self-test off by %v, %+v", kind, at, f.Inputs, f.Check(), f.Metadata)
			}
		}
	}
}

// A filter becomes its impulse response, the newest sample's tap first, at the
// level of the targets' files.
func TestExportImpulseResponse(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "model={kind: fir, taps: 30}", "steps=2", "data.target_level=-30"), o)
	res, err := Export(dir, nil, ExportOptions{Format: "wav"}, o)
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := audio.ReadFile(res.Path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(string(dir), "", o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	impulse, want := make([]float32, 30), make([]float32, 30)
	impulse[0] = 1
	p.Process([][]float32{want}, [][]float32{impulse})
	for i, v := range want {
		if d := a.Channels[0][i] - v; a.Rate != 44100 || len(a.Channels[0]) != 30 || d > 1e-6 || d < -1e-6 {
			t.Fatalf("sample %d of %d is %v, want %v", i, len(a.Channels[0]), a.Channels[0][i], v)
		}
	}
}
