package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const rootKeys = "known keys: steps, batch, verbose, data, model, loss, optim, notes, names"

// Each case is the file's text and the whole error.
func TestErrorTexts(t *testing.T) {
	for _, c := range [][2]string{
		// keys
		{"optm: {lr: 1}", `r.yaml:1:1: unknown key "optm"; did you mean optim? ` + rootKeys},
		{"optim:\n  lrr: 1", `r.yaml:2:3: optim: unknown key "lrr"; did you mean lr? known keys: lr, betas, clip`},
		{"optim:\n  zzzzzz: 1", `r.yaml:2:3: optim: unknown key "zzzzzz"; known keys: lr, betas, clip`},
		{"optim: {BETAS: 1}", `r.yaml:1:9: optim: unknown key "BETAS"; did you mean betas? known keys: lr, betas, clip`},
		{"hidden: 1", `r.yaml:1:1: unknown key "hidden"; ` + rootKeys},
		{"model: {hidden: 3}", `r.yaml:1:9: model (tcn): unknown key "hidden"; known keys: kind, channels, dilations`},
		{"model:\n  kind: lstm\n  channels: 3", `r.yaml:3:3: model (lstm): unknown key "channels"; known keys: kind, hidden`},
		{"steps: 1\nbatch: 2\nsteps: 3", `r.yaml:3:1: key "steps" is given twice, first on line 1`},
		{"model: {kind: tcn, kind: tcn}", `r.yaml:1:20: model: key "kind" is given twice, first on line 1`},
		{"notes: {a: x, a: y}", `r.yaml:1:15: notes: key "a" is given twice, first on line 1`},
		{"notes: {[a]: x}", `r.yaml:1:9: notes: a key is a list; it must be a plain word`},
		{"optim:\n  <<: {lr: 1}", `r.yaml:2:3: optim: merge keys (<<) are not allowed; write the fields out`},
		// kinds
		{"model:\n  kind: tnc", `r.yaml:2:9: model: unknown kind "tnc"; did you mean tcn? known kinds: lstm, tcn`},
		{"model: lsmt", `r.yaml:1:8: model: unknown kind "lsmt"; did you mean lstm? known kinds: lstm, tcn`},
		{"model: ''", `r.yaml:1:8: model needs a kind; known kinds: lstm, tcn`},
		{"loss: [{kind: ''}]", `r.yaml:1:15: loss[0] needs a kind; known kinds: esr, mrstft, pre_emphasis`},
		{"model: {kind: [a]}", `r.yaml:1:15: model.kind is a list; it must be a kind's name`},
		{"model: [tcn]", `r.yaml:1:8: model is a list; it must be a kind's name or a mapping with one; known kinds: lstm, tcn`},
		{"model: 3", `r.yaml:1:8: model is 3; it must be a kind's name or a mapping with one; known kinds: lstm, tcn`},
		{"loss: esr", `r.yaml:1:7: loss is "esr"; it must be a list such as [name, {kind: name}]`},
		{"loss:\n- esr\n- weight: 1", `r.yaml:3:3: loss[1] needs a kind; known kinds: esr, mrstft, pre_emphasis`},
		{"loss: [{kind: pre_emphasis, losses: [x]}]", `r.yaml:1:38: loss[0].losses[0]: unknown kind "x"; known kinds: esr, mrstft, pre_emphasis`},
		// types
		{"steps: 1.5", `r.yaml:1:8: steps is 1.5; it must be a whole number`},
		{"steps: 1e5", `r.yaml:1:8: steps is 1e5; it must be a whole number (write 100000)`},
		{"steps: many", `r.yaml:1:8: steps is "many"; it must be a whole number`},
		{"steps: '5'", `r.yaml:1:8: steps is "5"; it must be a whole number`},
		{"steps: 010", `r.yaml:1:8: steps is 010; it must be a whole number without a leading 0`},
		{"steps: [1]", `r.yaml:1:8: steps is a list; it must be a whole number`},
		{"steps: 9223372036854775808", `r.yaml:1:8: steps is 9223372036854775808; it must be a whole number from -9223372036854775808 to 9223372036854775807`},
		{"batch: 256", `r.yaml:1:8: batch is 256; it must be a whole number from 0 to 255`},
		{"batch: -1", `r.yaml:1:8: batch is -1; it must be a whole number from 0 to 255`},
		{"verbose: yes", `r.yaml:1:10: verbose is "yes"; it must be true or false`},
		{"verbose: 1", `r.yaml:1:10: verbose is 1; it must be true or false`},
		{"optim: {lr: fast}", `r.yaml:1:13: optim.lr is "fast"; it must be a finite number`},
		{"optim: {lr: .nan}", `r.yaml:1:13: optim.lr is .nan; it must be a finite number`},
		{"optim: {lr: -.inf}", `r.yaml:1:13: optim.lr is -.inf; it must be a finite number`},
		{"optim: {lr: NaN}", `r.yaml:1:13: optim.lr is "NaN"; it must be a finite number`},
		{"optim: {lr: true}", `r.yaml:1:13: optim.lr is true; it must be a finite number`},
		{"optim: {lr: 010}", `r.yaml:1:13: optim.lr is 010; it must be a finite number without a leading 0`},
		{"loss: [{kind: pre_emphasis, coef: 1e39}]", `r.yaml:1:35: loss[0].coef is 1e39; it must be a finite number within the range of float32`},
		{"optim: 3", `r.yaml:1:8: optim is 3; it must be a mapping such as {key: value}`},
		{"optim:\nsteps: 1", `r.yaml:1:7: optim is null; give it a value, or leave the key out for the default`},
		{"optim: {betas: [1]}", `r.yaml:1:16: optim.betas is a list of length 1; its length must be 2`},
		{"names: [[a]]", `r.yaml:1:9: names[0] is a list; it must be text`},
		{"names: {a: b}", `r.yaml:1:8: names is a mapping; it must be a list such as [1, 2]`},
		{"data: {segment: 2.5x}", `r.yaml:1:17: data.segment is "2.5x"; it must be a length such as 2.5s, 300ms or 4096 (samples); negative counts from the end`},
		{"data: {segment: {a: b}}", `r.yaml:1:17: data.segment is a mapping; it must be one plain value`},
		{"steps: !!int '3'", `r.yaml:1:8: steps has the tag "!!int"; tags are not allowed`},
		// the whole file
		{"", `r.yaml: the file is empty; ` + rootKeys},
		{"# nothing\n", `r.yaml: the file is empty; ` + rootKeys},
		{"---\n", `r.yaml: the file is empty; ` + rootKeys},
		{"steps: 1\n---\nbatch: 2\n", `r.yaml:2:1: a second document starts here; the file must hold one`},
		{"- a", `r.yaml:1:1: the file is a list; it must be a mapping such as {key: value}`},
		{"steps: 1\nbatch: [1,\n", `r.yaml:3:1: did not find expected node content`},
		{"steps: 1\n\tbatch: 2", `r.yaml:2:1: a tab in the indentation; indent with spaces`},
		{"steps: *x", `r.yaml:1:8: unknown anchor 'x' referenced`},
		{"steps: 1\n# \xe9\xff", `r.yaml:2:3: not UTF-8 text; save the file as UTF-8`},
		{strings.Repeat("#", maxBytes+1), `r.yaml: the file has 1048577 bytes; at most 1048576 are read`},
		// Validate
		{"optim: {lr: -1}", `r.yaml:1:13: optim.lr is -1; it must be > 0`},
		{"model:\n  channels: 0", `r.yaml:2:13: model.channels is 0; it must be > 0`},
		{"model:\n  dilations: [1, 0]", `r.yaml:2:18: model.dilations[1] is 0; it must be > 0`},
		{"loss:\n- {kind: pre_emphasis, losses: [{kind: esr, weight: -2}]}", `r.yaml:2:53: loss[0].losses[0].weight is -2; it must be >= 0`},
		{"loss:\n- kind: pre_emphasis\n  weight: -1\n  coef: 1.5", "r.yaml:3:11: loss[0].weight is -1; it must be >= 0\nr.yaml:4:9: loss[0].coef is 1.5; it must be < 1"},
		{"steps: 13", `r.yaml: 13 steps bring bad luck`},
		// all together, by line; what could not be read whole is not validated
		{"optim:\n  lr: -1\n  lrr: 2\nmodel: {channels: 0}\nsteps: x\nbatch: 300", strings.Join([]string{
			`r.yaml:3:3: optim: unknown key "lrr"; did you mean lr? known keys: lr, betas, clip`,
			`r.yaml:4:19: model.channels is 0; it must be > 0`,
			`r.yaml:5:8: steps is "x"; it must be a whole number`,
			`r.yaml:6:8: batch is 300; it must be a whole number from 0 to 255`}, "\n")},
	} {
		r := defaults()
		err := Load(&r, "r.yaml", []byte(c[0]), nil)
		if got := fmt.Sprint(err); got != c[1] {
			t.Errorf("%.200q\ngot  %s\nwant %s", c[0], got, c[1])
		}
	}
}

// A default that breaks a rule is placed at the innermost section that the file gives.
func TestPlaceOfDefault(t *testing.T) {
	r := defaults()
	r.Optim.LR = 0
	for text, want := range map[string]string{
		"steps: 1":                    "r.yaml: optim.lr is 0; it must be > 0",
		"steps: 1\noptim:\n  clip: 1": "r.yaml:3:3: optim.lr is 0; it must be > 0",
	} {
		if got := fmt.Sprint(Load(&r, "r.yaml", []byte(text), nil)); got != want {
			t.Errorf("got %s; want %s", got, want)
		}
	}
}

type evenTaps []int

func (e evenTaps) Validate() error {
	if len(e)%2 != 0 {
		return errors.New("an odd number of taps")
	}
	return nil
}

// Any named type may have a Validate; it is not asked about what could not be read.
func TestValidateOfAList(t *testing.T) {
	for text, want := range map[string]string{
		"taps: [1, 2]": "<nil>",
		"taps: [1]":    "r.yaml:1:7: taps: an odd number of taps",
		"taps: [x]":    `r.yaml:1:8: taps[0] is "x"; it must be a whole number`,
	} {
		var r struct{ Taps evenTaps }
		if got := fmt.Sprint(Load(&r, "r.yaml", []byte(text), nil)); got != want {
			t.Errorf("got %s; want %s", got, want)
		}
	}
}

func TestRequiredSection(t *testing.T) {
	load := func(text string, overrides ...string) string {
		r := defaults()
		r.Model = Of(models, "")
		return fmt.Sprint(Load(&r, "r.yaml", []byte(text), overrides))
	}
	const known = "; known kinds: lstm, tcn"
	for _, c := range [][2]string{
		{load("steps: 1"), "r.yaml: model needs a kind" + known},
		{load("steps: 1\nmodel: {hidden: 1}"), "r.yaml:2:8: model needs a kind" + known},
		{load("steps: 1", "model.hidden=1"), `override "model.hidden=1": model needs a kind first` + known},
		{load("steps: 1", "model.hidden=1", "model.kind=lstm"), "<nil>"},
		{load("model: lstm"), "<nil>"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %s; want %s", c[0], c[1])
		}
	}
}

func TestErrorsAreValues(t *testing.T) {
	r := defaults()
	err := fmt.Errorf("train: %w", Load(&r, "r.yaml", []byte("optim: {lr: -1}"), nil))
	var problems Errors
	if !errors.As(err, &problems) || len(problems) != 1 {
		t.Fatalf("%v holds no Errors of one", err)
	}
	want := Problem{File: "r.yaml", Line: 1, Column: 13, Path: "optim.lr", Text: "optim.lr is -1; it must be > 0"}
	if problems[0] != want {
		t.Errorf("got %#v", problems[0])
	}
}

func TestField(t *testing.T) {
	half := 0.5
	for want, err := range map[string]error{
		`lr is -1; it must be > 0`:                    Field("lr", -1, "> 0"),
		`lr is 0.001; it must be >= 0.01`:             Field("lr", 1e-3, ">= 0.01"),
		`coef is 0.85; it must be > 0.9`:              Field("coef", float32(0.85), "> 0.9"),
		`mode is "x y"; it must be one of a, b`:       Field("mode", "x y", "one of a, b"),
		`clip is 0.5; it must be >= 1`:                Field("clip", &half, ">= 1"),
		`clip is null; it must be a number`:           Field("clip", (*float64)(nil), "a number"),
		`skip is 2.5s; it must be < 1s`:               Field("skip", Seconds(2.5), "< 1s"),
		`taps is [1 2]; it must be of an even length`: Field("taps", []int{1, 2}, "of an even length"),
	} {
		if err.Error() != want {
			t.Errorf("got %s; want %s", err, want)
		}
	}
}

// A few lines must not stand for a billion values, nor for endless nesting.
func TestBounded(t *testing.T) {
	laughs := "notes: {}\nloss:\n- kind: pre_emphasis\n  losses: &l0 [esr]\n"
	for i := 1; i < 20; i++ {
		wrap := fmt.Sprintf("{kind: pre_emphasis, losses: *l%d}", i-1)
		laughs += fmt.Sprintf("- kind: pre_emphasis\n  losses: &l%d [%s, %s, %s]\n", i, wrap, wrap, wrap)
	}
	cycle := "loss: &a\n- {kind: pre_emphasis, losses: *a}\n"
	many := "names: [" + strings.Repeat("a,", maxValues) + "]"
	wrong := "names: [" + strings.Repeat("[],", 2*maxProblems) + "]"
	for _, c := range []struct {
		text, want string
		problems   int
	}{
		{laughs, "the file holds more than 50000 values, aliases counted each time", 1},
		{cycle, "nested deeper than 64 levels", 1},
		{many, "the file holds more than 50000 values, aliases counted each time", 1},
		{wrong, "too many problems; the rest is not shown", maxProblems + 1},
	} {
		r := defaults()
		var problems Errors
		if !errors.As(Load(&r, "r.yaml", []byte(c.text), nil), &problems) || len(problems) != c.problems {
			t.Errorf("%.60q: %d problems; want %d", c.text, len(problems), c.problems)
		} else if last := problems[len(problems)-1].Text; !strings.HasSuffix(last, c.want) {
			t.Errorf("%.60q: got %s; want %s", c.text, last, c.want)
		}
	}
}
