package config

import (
	"reflect"
	"strings"
	"testing"
)

func load(t *testing.T, text string, overrides ...string) recipe {
	t.Helper()
	r := defaults()
	if err := Load(&r, "r.yaml", []byte(text), overrides); err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return r
}

func TestLoadMergesOverDefaults(t *testing.T) {
	r := load(t, `
steps: 1_500
batch: 0x10
verbose: true
data: {input: 808, segment: 300ms, start: -2.5s}
model:
  channels: 3
optim:
  lr: 1e-4
  clip: 1
notes: {b: two, a: one}
names: [yes, 1.50]
`)
	clip, start := 1.0, Seconds(-2.5)
	want := defaults()
	want.Steps, want.Batch, want.Verbose = 1500, 16, true
	want.Data = dataConfig{Input: "808", Segment: Seconds(0.3), Start: &start}
	want.Optim = optimConfig{LR: 1e-4, Betas: [2]float64{0.9, 0.999}, Clip: &clip}
	want.Notes = map[string]string{"a": "one", "b": "two"}
	want.Names = []string{"yes", "1.50"}
	if got := r.Model.Value; !reflect.DeepEqual(got, tcn{3, []int{1, 2, 4}}) {
		t.Errorf("model %#v", got)
	}
	if len(r.Loss.Items) != 2 || r.Loss.Items[0].Value != lossConfig(esr{Weighted{1}}) {
		t.Errorf("loss %#v", r.Loss.Items)
	}
	inner := r.Loss.Items[1].Value.(preEmphasis).Losses.Items
	if len(inner) != 1 || inner[0].Kind != "esr" || inner[0].Value != lossConfig(esr{Weighted{1}}) {
		t.Errorf("the default loss inside pre_emphasis: %#v", inner)
	}
	r.Model, r.Loss, want.Model, want.Loss = Section[modelConfig]{}, List[lossConfig]{}, Section[modelConfig]{}, List[lossConfig]{}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
}

func TestSections(t *testing.T) {
	for _, c := range []struct {
		text string
		want modelConfig
	}{
		{"{kind: lstm}", lstm{24}},
		{"{hidden: 5, kind: lstm}", lstm{5}},
		{"lstm", lstm{24}},
		{"tcn", tcn{7, nil}}, // the default of the recipe, not of the table
		{"{kind: tcn, dilations: []}", tcn{7, []int{}}},
		{"{channels: 9}", tcn{9, nil}},
	} {
		r := defaults()
		r.Model.Value = tcn{Channels: 7}
		if err := Load(&r, "r.yaml", []byte("model: "+c.text), nil); err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if !reflect.DeepEqual(r.Model.Value, c.want) || r.Model.Kind != strings.Split(r.Model.Value.Build(), " ")[0] {
			t.Errorf("%s: kind %s, %#v; want %#v", c.text, r.Model.Kind, r.Model.Value, c.want)
		}
	}
}

func TestListOfSections(t *testing.T) {
	r := load(t, `
loss:
- mrstft
- kind: pre_emphasis
  coef: 0.95
  losses: [&e {kind: esr, weight: 2}, {kind: pre_emphasis, losses: [*e, esr]}]
`)
	if got := r.Loss.Items[0].Value.(mrstft); got.Weight != 1 || !reflect.DeepEqual(got.NFFT, []int{512, 1024}) {
		t.Errorf("mrstft %#v", got)
	}
	outer := r.Loss.Items[1].Value.(preEmphasis)
	inner := outer.Losses.Items[1].Value.(preEmphasis)
	if outer.Coef != 0.95 || inner.Coef != 0.85 || len(inner.Losses.Items) != 2 ||
		inner.Losses.Items[0].Value.(esr).Weight != 2 || inner.Losses.Items[1].Value.(esr).Weight != 1 {
		t.Errorf("outer %+v\ninner %+v", outer, inner)
	}
	if got := load(t, "loss: []"); len(got.Loss.Items) != 0 {
		t.Errorf("an empty list left %d losses", len(got.Loss.Items))
	}
}

// A recipe whose defaults live in a variable must not be changed by loading a copy of it.
func TestLoadLeavesSharedDefaults(t *testing.T) {
	clip, shared := 1.0, []int{1, 2}
	base := defaults()
	base.Names, base.Notes, base.Optim.Clip = []string{"a"}, map[string]string{"k": "v"}, &clip
	base.Model.Value = tcn{1, shared}
	r := base
	err := Load(&r, "r.yaml", []byte("optim: {clip: 2}\nloss: [mrstft]"),
		[]string{"names[0]=b", "notes.k=w", "model.dilations[0]=7", "loss[0].weight=3"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Names[0] != "b" || r.Notes["k"] != "w" || *r.Optim.Clip != 2 || r.Model.Value.(tcn).Dilations[0] != 7 {
		t.Errorf("the overrides are not in %+v", r)
	}
	if base.Names[0] != "a" || base.Notes["k"] != "v" || clip != 1 || shared[0] != 1 ||
		base.Loss.Items[0].Kind != "esr" || base.Loss.Items[0].Value != nil {
		t.Errorf("the defaults became %+v", base)
	}
}

func TestResolve(t *testing.T) {
	r := defaults()
	if err := Resolve(&r); err != nil {
		t.Fatal(err)
	}
	if got := r.Model.Value.Build(); got != "tcn 16" {
		t.Errorf("model %q", got)
	}
	r.Optim.LR = -1
	if err := Resolve(&r); err == nil || err.Error() != "optim.lr is -1; it must be > 0" {
		t.Errorf("got %v", err)
	}
}

func TestProgrammerMistakesPanic(t *testing.T) {
	type twice struct {
		A int `yaml:"x"`
		B int `yaml:"x"`
	}
	mistyped := defaults()
	mistyped.Model.Value = lstm{}
	for want, dst := range map[string]any{
		"pointer to a struct":           defaults(),
		`key "x" twice`:                 &twice{},
		"c is a chan int":               &struct{ C chan int }{},
		"without a table":               &struct{ S Section[modelConfig] }{S: Section[modelConfig]{Kind: "tcn"}},
		`"nope" is not in its table`:    &struct{ S Section[modelConfig] }{S: Of(models, "nope")},
		"kind \"tcn\" is a config.tcn,": &mistyped,
		"nest without end":              &struct{ L List[lossConfig] }{L: ListOf(endless, "a")},
	} {
		func() {
			defer func() {
				if got, ok := recover().(string); !ok || !strings.Contains(got, want) {
					t.Errorf("panic %q; want one with %q", got, want)
				}
			}()
			Load(dst, "r.yaml", []byte("x: 1"), nil)
		}()
	}
}

type loop struct{ L List[lossConfig] }

func (loop) name() string { return "loop" }

func endless() Kinds[lossConfig] { return Kinds[lossConfig]{"a": loop{ListOf(endless, "a")}} }
