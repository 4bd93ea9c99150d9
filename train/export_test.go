package train

import (
	"os"
	"strings"
	"testing"

	"partials/formats/nam"
)

// A run of a WaveNet becomes a file that says what the recipe says.
func TestExportNAM(t *testing.T) {
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
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=1"), o)
	for _, c := range []struct {
		o    ExportOptions
		want string
	}{
		{ExportOptions{Format: "vst"}, `no format "vst"`},
		{ExportOptions{Format: "nam"}, "this kind of model"},
	} {
		if _, err := Export(dir, nil, c.o, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; the error should say %q", c.o, err, c.want)
		}
	}
	if _, err := os.Stat(dir.path("export/tiny.nam")); err == nil {
		t.Error("a file was left")
	}
}
