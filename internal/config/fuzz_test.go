package config

import (
	"bytes"
	"testing"
)

// FuzzLoad: no file and no override may panic, and what loads is written and read back the same.
func FuzzLoad(f *testing.F) {
	for _, seed := range [][2]string{
		{"steps: 1", "optim.lr=1e-3"},
		{"model: {kind: lstm, hidden: 3}", "model.kind=tcn"},
		{"loss: &a\n- {kind: pre_emphasis, losses: *a}", "loss[0].losses[0].weight=2"},
		{"loss: [esr, {kind: mrstft, n_fft: [1, 2]}]", "loss=[esr]"},
		{"data: {start: -1s, segment: 4096}\nnotes: {a: b}", "notes.a=*x"},
		{"? [a]\n: !!binary x", "loss[99999999999999999999]=1"},
		{"a: &a [*a, *a]\n<<: *a", "=="},
		{"%YAML 1.1\n---\n\t", "optim.betas=[1, 2"},
	} {
		f.Add([]byte(seed[0]), seed[1])
	}
	f.Fuzz(func(t *testing.T, data []byte, override string) {
		r := defaults()
		if Load(&r, "r.yaml", data, []string{override}) != nil {
			return
		}
		text, err := MarshalCommented(r)
		if err != nil {
			t.Fatalf("%q %q: %v", data, override, err)
		}
		back := defaults()
		if err := Load(&back, "r.yaml", text, nil); err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		if again, err := MarshalCommented(back); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%v\n%s\nbecame\n%s", err, text, again)
		}
	})
}
