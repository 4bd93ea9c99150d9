package config

import (
	"fmt"
	"reflect"
	"testing"
)

func TestOverrides(t *testing.T) {
	const file = "model: {kind: tcn, channels: 5}\ndata: {input: a.wav, start: 1s}"
	get := map[string]func(r recipe) any{
		"lr":        func(r recipe) any { return r.Optim.LR },
		"betas":     func(r recipe) any { return r.Optim.Betas },
		"clip":      func(r recipe) any { return r.Optim.Clip == nil },
		"input":     func(r recipe) any { return r.Data.Input },
		"start":     func(r recipe) any { return r.Data.Start == nil },
		"segment":   func(r recipe) any { return r.Data.Segment },
		"model":     func(r recipe) any { return r.Model.Value },
		"weight":    func(r recipe) any { return r.Loss.Items[0].Value.(esr).Weight },
		"inner":     func(r recipe) any { return r.Loss.Items[1].Value.(preEmphasis).Losses.Items[0].Value.(esr).Weight },
		"losses":    func(r recipe) any { return len(r.Loss.Items) },
		"notes":     func(r recipe) any { return fmt.Sprint(r.Notes) },
		"names":     func(r recipe) any { return r.Names },
		"dilations": func(r recipe) any { return r.Model.Value.(tcn).Dilations },
	}
	for _, c := range []struct {
		get  string
		want any
		over []string
	}{
		{"lr", 0.01, []string{"optim.lr=1e-2"}},
		{"lr", 0.02, []string{"optim.lr=1e-2", " optim.lr = 2e-2 "}},
		{"lr", 0.01, []string{"optim.lr=1e-2", "optim={lr: 5}"}}, // the field after its section
		{"betas", [2]float64{0.5, 0.999}, []string{"optim.betas[0]=0.5"}},
		{"clip", false, []string{"optim.clip=3"}},
		{"clip", true, []string{"optim.clip=null"}},
		{"start", true, []string{"data.start=null"}},
		{"segment", Samples(4096), []string{"data.segment=4096"}},
		{"segment", Seconds(-0.25), []string{"data.segment=-250ms"}},
		{"input", "path with spaces.wav", []string{"data.input=path with spaces.wav"}},
		{"input", `C:\a: b #1 [x].wav`, []string{`data.input=C:\a: b #1 [x].wav`}},
		{"input", "*.wav", []string{"data.input=*.wav"}},
		{"input", "a=b", []string{"data.input=a=b"}},
		{"input", "", []string{"data.input=''"}},
		{"input", " x ", []string{`data.input=" x "`}},
		{"input", "010", []string{`data.input=010`}},
		{"input", "'a' and 'b'", []string{`data.input='a' and 'b'`}},
		{"model", lstm{24}, []string{"model.kind=lstm"}},
		{"model", lstm{24}, []string{"model=lstm"}},
		{"model", lstm{8}, []string{"model.hidden=8", "model.kind=lstm"}},
		{"model", lstm{8}, []string{"model={kind: lstm, hidden: 8}"}},
		{"model", tcn{5, []int{1, 2, 4}}, []string{"model.kind=tcn"}},
		{"dilations", []int{3, 9}, []string{"model.dilations=[3, 9]"}},
		{"dilations", []int{1, 2, 9}, []string{"model.dilations[2]=9"}},
		{"weight", 2.0, []string{"loss.0.weight=2"}},
		{"weight", 2.0, []string{"loss[0].weight=2"}},
		{"weight", 2.0, []string{"loss[0].weight=2", "loss=[esr]"}},
		{"inner", 4.0, []string{"loss[1].losses[0].weight=4"}},
		{"losses", 1, []string{"loss=[mrstft]"}},
		{"notes", "map[a:b c]", []string{"notes.a=b c"}},
		{"names", []string{"x", "2"}, []string{"names=[x, 2]"}},
		{"names", []string{"my amp.wav"}, []string{"names=my amp.wav"}},
	} {
		r := load(t, file, c.over...)
		if got := get[c.get](r); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %s is %#v; want %#v", c.over, c.get, got, c.want)
		}
	}
}

func TestOverrideErrors(t *testing.T) {
	for _, c := range [][2]string{
		{"optim.lr", `write it as path=value, such as optim.lr=1e-3`},
		{"=3", `"" is no path; write it as optim.lr or loss[0].weight`},
		{"loss[0=3", `"loss[0" is no path; write it as optim.lr or loss[0].weight`},
		{"loss[x].weight=3", `"loss[x].weight" is no path; write it as optim.lr or loss[0].weight`},
		{"a..b=3", `"a..b" is no path; write it as optim.lr or loss[0].weight`},
		{"notes.a\x9b=1", `it holds bytes that are not UTF-8`},
		{"optim.lr=", `nothing after "="; write '' for empty text, or null for no value`},
		{"optm.lr=1", `unknown key "optm"; did you mean optim? ` + rootKeys},
		{"optim.rl=1", `optim: unknown key "rl"; did you mean lr? known keys: lr, betas, clip`},
		{"optim.lr.x=1", `optim.lr is one value and has no "x"`},
		{"data.segment.x=1", `data.segment is one value and has no "x"`},
		{"optim.lr=fast", `optim.lr is "fast"; it must be a finite number`},
		{"optim.lr=[1,", `optim.lr is "[1,"; it must be a finite number`},
		{"optim.lr=1\n---\n2", `optim.lr is "1\n---\n2"; it must be a finite number`},
		{"optim=null", `optim is null; give it a value, or leave the key out for the default`},
		{"data.input=null", `data.input is null; give it a value, or leave the key out for the default`},
		{"model.kind=tnc", `model: unknown kind "tnc"; did you mean tcn? known kinds: lstm, tcn`},
		{"model.kind.x=tcn", `model.kind is one value and has no "x"`},
		{"model.hidden=3", `model (tcn): unknown key "hidden"; known keys: kind, channels, dilations`},
		{"model.channels=0", `model.channels is 0; it must be > 0`},
		{"loss[2].weight=1", `loss has no item "2"; it has 0 to 1`},
		{"loss.x=1", `loss has no item "x"; it has 0 to 1`},
		{"loss[1].losses[1]=esr", `loss[1].losses has no item "1"; it has one, 0`},
		{"names[0]=a", `names has no item "0"; it is empty`},
		{"loss[0].weight=-1", `loss[0].weight is -1; it must be >= 0`},
		{"loss=[{kind: esr, weight: -1}]", `loss[0].weight is -1; it must be >= 0`},
	} {
		r := defaults()
		err := Load(&r, "r.yaml", []byte("steps: 1"), []string{c[0]})
		if got, want := fmt.Sprint(err), fmt.Sprintf("override %q: %s", c[0], c[1]); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A default that an override brings in is the override's, not that of the field it displaces.
func TestOverrideDisplacesPlaces(t *testing.T) {
	kinds := func() Kinds[lossConfig] {
		return Kinds[lossConfig]{"good": esr{Weighted{1}}, "bad": esr{Weighted{-1}}}
	}
	const file = "one: {kind: good, weight: 2}\nmany: [{kind: good, weight: 2}]"
	for override, path := range map[string]string{"one.kind=bad": "one", "many=[bad]": "many[0]", "many[0]=bad": "many[0]"} {
		r := struct {
			One  Section[lossConfig]
			Many List[lossConfig]
		}{Of(kinds, "good"), ListOf(kinds)}
		want := fmt.Sprintf("override %q: %s.weight is -1; it must be >= 0", override, path)
		if got := fmt.Sprint(Load(&r, "r.yaml", []byte(file), []string{override})); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// The places of what an override replaces are not blamed: the file's line 1 is right.
func TestOverridePlaces(t *testing.T) {
	r := defaults()
	err := Load(&r, "r.yaml", []byte("model: {kind: lstm, hidden: 3}\nbatch: -1"),
		[]string{"optim.clip=x", "steps=x", "model={kind: tcn, channels: 0}"})
	want := `r.yaml:2:8: batch is -1; it must be a whole number from 0 to 255
override "optim.clip=x": optim.clip is "x"; it must be a finite number
override "steps=x": steps is "x"; it must be a whole number
override "model={kind: tcn, channels: 0}": model.channels is 0; it must be > 0`
	if got := fmt.Sprint(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
