package config

import (
	"slices"
	"testing"
)

func TestFlatten(t *testing.T) {
	got, err := Flatten("a.yaml", []byte(`
name: x
optim: {kind: adam, lr: 1e-3}
loss:
  - kind: esr
  - kind: mrstft
    n_fft: [64, 128]
    losses:
      - {kind: mse, weight: 2}
empty: {}
none: []
base: &b {a: 1}
again: *b
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Setting{
		{"name", "x"}, {"optim.kind", "adam"}, {"optim.lr", "1e-3"},
		{"loss[0].kind", "esr"}, {"loss[1].kind", "mrstft"}, {"loss[1].n_fft", "[64, 128]"},
		{"loss[1].losses[0].kind", "mse"}, {"loss[1].losses[0].weight", "2"},
		{"empty", "{}"}, {"none", "[]"}, {"base.a", "1"}, {"again", "*b"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if _, err := Flatten("a.yaml", []byte("a: [")); err == nil {
		t.Error("broken YAML is no error")
	}
}
