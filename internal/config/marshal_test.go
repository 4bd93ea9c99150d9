package config

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestMarshal(t *testing.T) {
	r := defaults()
	r.Notes = map[string]string{"b": "12", "a": "two\nlines\n"}
	clip := 1e-8
	r.Optim.Clip = &clip
	plain := `steps: 1000
batch: 8
verbose: false
data:
  input: ''
  segment: 0.5s
  start: null
model:
  kind: tcn
  channels: 16
  dilations: [1, 2, 4]
loss:
- kind: esr
  weight: 1
- kind: pre_emphasis
  weight: 1
  coef: 0.85
  losses:
  - kind: esr
    weight: 1
optim:
  lr: 0.001
  betas: [0.9, 0.999]
  clip: 1e-8
notes:
  a: |
    two
    lines
  b: '12'
names: []
`
	commented := `steps: 1000
batch: 8
verbose: false
data: # what is learned
  input: ''
  segment: 0.5s
  start: null
model:
  kind: tcn # one of lstm, tcn
  channels: 16 # width of every layer
  dilations: [1, 2, 4]
loss:
- kind: esr # one of esr, mrstft, pre_emphasis
  weight: 1 # factor in the sum
- kind: pre_emphasis # one of esr, mrstft, pre_emphasis
  weight: 1 # factor in the sum
  coef: 0.85
  losses:
  - kind: esr # one of esr, mrstft, pre_emphasis
    weight: 1 # factor in the sum
optim:
  lr: 0.001 # learning rate
  betas: [0.9, 0.999]
  clip: 1e-8
notes:
  a: |
    two
    lines
  b: '12'
# for the report
names: []
`
	for _, c := range []struct {
		marshal func(any) ([]byte, error)
		want    string
	}{{Marshal, plain}, {MarshalCommented, commented}} {
		got, err := c.marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
		back := load(t, string(got))
		if again, err := c.marshal(&back); err != nil || !bytes.Equal(again, got) {
			t.Errorf("read back it became\n%s%v", again, err)
		}
	}
	if r.Model.Value != nil {
		t.Error("Marshal changed its argument")
	}
}

func TestMarshalErrors(t *testing.T) {
	for want, change := range map[string]func(r *recipe){
		"config: optim.lr is NaN; YAML recipes hold finite numbers":                     func(r *recipe) { r.Optim.LR = math.NaN() },
		`config: data.input is "\xff"; YAML recipes hold UTF-8 text`:                    func(r *recipe) { r.Data.Input = "\xff" },
		"config: model has no kind; known kinds: lstm, tcn":                             func(r *recipe) { r.Model = Of(models, "") },
		"config: data.segment is +Infs; " + errLength.Error():                           func(r *recipe) { r.Data.Segment = Seconds(math.Inf(1)) },
		"config: loss[0].weight is -Inf; YAML recipes hold finite numbers":              func(r *recipe) { r.Loss.Items[0].Value = esr{Weighted{math.Inf(-1)}} },
		"config: loss[1].losses[0] has no kind; known kinds: esr, mrstft, pre_emphasis": func(r *recipe) { r.Loss.Items[1].Value = preEmphasis{Losses: ListOf(losses, "")} },
	} {
		r := defaults()
		change(&r)
		if _, err := Marshal(r); err == nil || err.Error() != want {
			t.Errorf("got %v; want %s", err, want)
		}
	}
}

// Every value comes back bit for bit, through plain and commented YAML.
func TestRoundTrip(t *testing.T) {
	type values struct {
		F   float64           `yaml:"f" doc:"a double"`
		G   float32           `yaml:"g"`
		I   int64             `yaml:"i"`
		U   uint64            `yaml:"u"`
		B   bool              `yaml:"b"`
		S   string            `yaml:"s" doc:"a # text: of any kind"`
		L   Length            `yaml:"l"`
		P   *string           `yaml:"p" doc:"a pointer"`
		Fs  []float64         `yaml:"fs"`
		Ss  []string          `yaml:"ss" doc:"texts"`
		M   map[string]string `yaml:"m" doc:"a map"`
		Mat [2][]int          `yaml:"mat"`
	}
	finite64 := rapid.Custom(func(t *rapid.T) float64 {
		x := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return math.Copysign(0, -1)
		}
		return x
	})
	finite32 := rapid.Custom(func(t *rapid.T) float32 {
		x := math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
		if x != x || math.IsInf(float64(x), 0) {
			return 1e15
		}
		return x
	})
	words := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune(" \n\t\r#:-?'\"[]{},&*!|>%@`~<=0x.e+naNul\u0085\u2028\ufeff"))))
	rapid.Check(t, func(t *rapid.T) {
		in := values{
			F:   rapid.OneOf(finite64, rapid.Float64Range(-1e6, 1e6)).Draw(t, "f"),
			G:   rapid.OneOf(finite32, rapid.Float32Range(-1e6, 1e6)).Draw(t, "g"),
			I:   rapid.Int64().Draw(t, "i"),
			U:   rapid.Uint64().Draw(t, "u"),
			B:   rapid.Bool().Draw(t, "b"),
			S:   words.Draw(t, "s"),
			L:   rapid.OneOf(rapid.Map(rapid.IntRange(-maxSamples, maxSamples), Samples), rapid.Map(rapid.Float64Range(-maxSeconds, maxSeconds), Seconds)).Draw(t, "l"),
			P:   rapid.Ptr(words, true).Draw(t, "p"),
			Fs:  rapid.SliceOf(finite64).Draw(t, "fs"),
			Ss:  rapid.SliceOf(words).Draw(t, "ss"),
			M:   rapid.MapOf(words, words).Draw(t, "m"),
			Mat: [2][]int{rapid.SliceOf(rapid.Int()).Draw(t, "m0"), rapid.SliceOf(rapid.Int()).Draw(t, "m1")},
		}
		for _, marshal := range []func(any) ([]byte, error){Marshal, MarshalCommented} {
			text, err := marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			var out values
			if err := Load(&out, "v.yaml", text, nil); err != nil {
				t.Fatalf("%s\n%v", text, err)
			}
			again, err := marshal(out)
			if err != nil || !bytes.Equal(again, text) {
				t.Fatalf("%v\n%s\nbecame\n%s", err, text, again)
			}
			if math.Float64bits(in.F) != math.Float64bits(out.F) || math.Float32bits(in.G) != math.Float32bits(out.G) ||
				in.I != out.I || in.U != out.U || in.B != out.B || in.S != out.S || in.L != out.L {
				t.Fatalf("%+v became %+v through\n%s", in, out, text)
			}
			for i, x := range in.Fs {
				if math.Float64bits(x) != math.Float64bits(out.Fs[i]) {
					t.Fatalf("%v became %v", x, out.Fs[i])
				}
			}
			for i, s := range in.Ss {
				if s != out.Ss[i] {
					t.Fatalf("%q became %q", s, out.Ss[i])
				}
			}
			for k, s := range in.M {
				if got, ok := out.M[k]; !ok || got != s {
					t.Fatalf("%q: %q became %q", k, s, got)
				}
			}
			if (in.P == nil) != (out.P == nil) || in.P != nil && *in.P != *out.P {
				t.Fatalf("the pointer changed in\n%s", text)
			}
		}
	})
}

func TestFormatFloat(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0.0"}, {1e-3, "0.001"}, {1e-4, "0.0001"}, {1e-5, "1e-5"}, {1.5e-8, "1.5e-8"},
		{48000, "48000"}, {1e6, "1000000"}, {123456789.25, "123456789.25"}, {1e15, "1e15"}, {-2.5e300, "-2.5e300"}, {0.1, "0.1"},
	} {
		if got := formatFloat(c.x, 64); got != c.want {
			t.Errorf("%g: got %s; want %s", c.x, got, c.want)
		}
	}
}
