package train

import (
	"testing"
)

// The statistics that a batch normalisation follows are in the checkpoint, and
// what plays the run has them. A dry run does not touch them.
func TestBatchNormIsInTheCheckpoint(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	const model = "model={kind: convnet, channels: 4, dilations: [1, 2, 4], activation: tanh}"
	whole := undisturbed(t, recipeOf(t, model), o)
	p, err := Load(string(whole), "", o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	best, err := readTensors(whole.path(bestFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, buffer := range p.params.Buffers() {
		want, err := best.Float64s(buffer.Name)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, len(want))
		p.dev.Read64(got, buffer.Value)
		if got[0] != want[0] || got[0] == 0 || got[0] == 1 {
			t.Errorf("%s is %v, in the checkpoint %v", buffer.Name, got[0], want[0])
		}
	}
	s, _, err := fit(recipeOf(t, model), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	one := make([]float64, 4)
	if s.dev.Read64(one, s.params.Buffers()[1].Value); one[0] != 1 {
		t.Fatalf("a dry run leaves %s at %v", s.params.Buffers()[1].Name, one)
	}
}
