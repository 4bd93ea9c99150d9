package train

import (
	"fmt"
	"strings"
	"testing"

	"partials/model"
)

const packedModel = "model={kind: packed, sizes: [0.5, 1], models: [{kind: tcn, channels: 2, layers: 2}, {kind: tcn, channels: 4, layers: 3}]}"

// Each packed model is kept at its own best.
func TestPackedModelsAreKeptAtTheirBest(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	rough := []string{packedModel, "validate.every=1", "optim.lr=0.05"} // best at different steps
	both := undisturbed(t, recipeOf(t, append(rough, "steps=12")...), o)
	best, err := readTensors(both.path(bestFile))
	if err != nil {
		t.Fatal(err)
	}
	prog, err := progressOf(best, "best")
	if err != nil {
		t.Fatal(err)
	}
	if len(prog.Members) != 2 || prog.Members[0].BestStep == prog.Members[1].BestStep {
		t.Fatalf("the members are at %+v; the test wants different steps", prog.Members)
	}
	records, err := ReadMetrics(both)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range prog.Members {
		least, at := Number(1e9), 0
		for _, r := range records {
			if v, ok := r.Valid[model.MemberName(i)+".esr"]; ok && v < least {
				least, at = v, r.Step
			}
		}
		if m.Best != least || m.BestStep != at {
			t.Errorf("member %d is kept at %v of step %d; its best is %v of step %d", i, m.Best, m.BestStep, least, at)
		}
		// A run that ends where a member was best has the member's weights.
		short := undisturbed(t, recipeOf(t, append(rough, "name=short", fmt.Sprint("steps=", at))...), o)
		last, err := readTensors(short.path(lastFile))
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range last.Tensors {
			if strings.HasPrefix(name, model.MemberName(i)+".") && string(best.Tensors[name].Data) != string(x.Data) {
				t.Errorf("the best file has other values of %s than step %d had", name, at)
			}
		}
	}
}

// A packed model learns from a batch what it learns alone.
func TestPackedModelsLearnAsIfAlone(t *testing.T) {
	alone(t)
	open := func(overrides ...string) *session {
		s, _, err := fit(recipeOf(t, overrides...), optionsOf(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.close() })
		return s
	}
	both, alone := open(packedModel), open("model={kind: tcn, channels: 4, layers: 3}")
	alone.dry = nil                     // it was made with other weights
	prefix := model.MemberName(1) + "." // whose context is the pack's
	for _, p := range alone.params.All() {
		alone.dev.Copy(p.Var().Tensor, both.params.Get(prefix+p.Name).Var().Tensor)
	}
	for step := range 3 {
		for _, s := range []*session{both, alone} {
			loader := s.newLoader(step, step+1)
			batch, err := loader.Batch(step)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.learn(batch, new(stopwatch)); err != nil {
				t.Fatal(err)
			}
			loader.Close()
		}
	}
	for _, p := range alone.params.All() {
		a, b := readTensor(alone.dev, p.Var().Tensor), readTensor(both.dev, both.params.Get(prefix+p.Name).Var().Tensor)
		if string(a.Data) != string(b.Data) {
			t.Errorf("%s learnt otherwise in the pack", p.Name)
		}
	}
}
