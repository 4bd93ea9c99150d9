package nam_test

import (
	"bytes"
	"strings"
	"testing"

	"partials/formats/nam"
	"partials/model"
)

// What is written is read back the same.
func TestRoundTrip(t *testing.T) {
	for _, preset := range []string{"nano", "a2_lite"} {
		f := file(t, trained(t, model.WaveNet{Preset: preset}), "")
		f.Metadata.Name = "Ä model"
		data, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := nam.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, again) {
			t.Errorf("%s: written, read and written again it is\n%.600s\nand was\n%.600s", preset, again, data)
		}
	}
}

// A small file that is right, to be broken.
const linear = `{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":2,"bias":true},"weights":[1,0.5,0.25],"sample_rate":48000}`

func TestBrokenFilesAreRefused(t *testing.T) {
	if _, err := nam.Decode([]byte(linear)); err != nil {
		t.Fatal(err)
	}
	wave := `{"version":"0.5.4","architecture":"WaveNet","config":{"layers":[{"input_size":1,"condition_size":1,"head_size":1,"channels":1,` +
		`"kernel_size":1,"dilations":[1],"activation":"Tanh","gated":false,"head_bias":false}],"head":null,"head_scale":1},"weights":[1,1,1,1,1,1,1,1]}`
	if _, err := nam.Decode([]byte(wave)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ of, old, new, want string }{
		{linear, `"weights":[1,0.5,0.25]`, `"weights":[1,0.5]`, "asks for 3 weights, and it has 2"},
		{linear, `0.25`, `0.25,1`, "asks for 3 weights, and it has 4"},
		{linear, `48000`, `null`, "sample_rate is null"},
		{linear, `48000`, `"48k"`, "is a string where a number belongs"},
		{linear, `48000`, `-1`, "sample_rate is -1"},
		{linear, `0.5.4`, `0.8.0`, "0.5.0 to 0.7.x"},
		{linear, `0.5.4`, `0.4.9`, "0.5.0 to 0.7.x"},
		{linear, `0.5.4`, `1.5.0`, "0.5.0 to 0.7.x"},
		{linear, `0.5.4`, `0.7`, "three numbers"},
		{linear, `0.25`, `NaN`, "NaN at byte"},
		{linear, `0.25`, `-Infinity`, "Infinity at byte"},
		{linear, `0.25`, `1e60`, "weights"},
		{linear, `0.25]`, `0.25`, "no JSON"},
		{linear, linear, linear[:60], "ends too early"},
		{linear, linear, ``, "ends too early"},
		{linear, linear, `[]`, "where an object belongs"},
		{linear, `"architecture":"Linear",`, ``, "there is no architecture"},
		{linear, `"Linear"`, `"CatLSTM"`, `"CatLSTM"`},
		{linear, `"receptive_field":2`, `"receptive_field":2000000000`, "receptive_field is 2000000000"},
		{linear, `"receptive_field":2`, `"receptive_field":"2"`, "receptive_field is a string where a whole number belongs"},
		{linear, `"receptive_field":2`, `"receptive_field":2.5`, "where a whole number belongs"},
		{linear, `,"bias":true`, ``, "there is no bias"},
		{wave, `"channels":1`, `"channels":1000000000`, "channels is 1000000000"},
		{wave, `"channels":1`, `"channels":-1`, "channels is -1"},
		{wave, `"dilations":[1]`, `"dilations":[]`, "number of dilations"},
		{wave, `"dilations":[1]`, `"dilations":[99999999999]`, "dilation is 99999999999"},
		{wave, `"kernel_size":1`, `"kernel_size":9,"kernel_sizes":[1]`, "kernel_size and kernel_sizes"},
		{wave, `"kernel_size":1`, `"kernel_sizes":[1,1]`, "kernel_sizes has 2 entries for 1 dilations"},
		{wave, `"kernel_size":1,`, ``, "there is no kernel_size"},
		{wave, `"Tanh"`, `"Softsigmoid"`, `activation "Softsigmoid" is not known`},
		{wave, `"gated":false`, `"gating_mode":"half"`, "gating_mode"},
		{wave, `"head_scale":1`, `"head_scale":null`, "there is no head_scale"},
		{wave, `"condition_size":1`, `"condition_size":2`, "condition_size is 2"},
		{wave, `"input_size":1`, `"input_size":2`, "input_size is 2"},
		{wave, `"gated":false`, `"groups_input":3`, "groups_input is 3"},
	} {
		_, err := nam.Decode([]byte(strings.Replace(c.of, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s in place of %s: %v; the error should say %q", c.new, c.old, err, c.want)
		}
	}
}
