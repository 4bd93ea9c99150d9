package nam

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// seeds are small files of every architecture and version, to be broken.
var seeds = []string{
	`{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":2,"bias":true},"weights":[1,0.5,0.25],"sample_rate":48000}`,
	`{"version":"0.5.4","architecture":"LSTM","config":{"input_size":1,"hidden_size":1,"num_layers":1},"weights":[1,2,3,4,5,6,7,8,1,2,3,4,0.1,0.2,1,0]}`,
	`{"version":"0.5.4","architecture":"ConvNet","config":{"channels":1,"dilations":[1,2],"batchnorm":true,"activation":"Tanh"},"weights":[1,1,0,1,1,0,1e-5,1,1,0,1,1,0,1e-5,1,0]}`,
	`{"version":"0.5.4","metadata":{"loudness":-20,"name":"a"},"architecture":"WaveNet","config":{"layers":[{"input_size":1,"condition_size":1,"head_size":1,"channels":1,` +
		`"kernel_size":2,"dilations":[1,2],"activation":"Tanh","gated":true,"head_bias":true}],"head":null,"head_scale":0.5},"weights":[` +
		`1,1,1,1,1,0,0,1,1,1,0,1,1,1,1,0,0,1,1,1,0,1,0,0.5],"sample_rate":48000}`,
	`{"version":"0.7.0","architecture":"WaveNet","config":{"layers":[{"input_size":1,"condition_size":1,"head":{"out_channels":1,"kernel_size":2,"bias":true},"channels":2,` +
		`"kernel_sizes":[1],"dilations":[1],"activation":[{"type":"PReLU","negative_slopes":[0.1,0.2]}],"bottleneck":2,"head1x1":{"active":true,"out_channels":1,"groups":1},` +
		`"layer1x1":{"active":true,"groups":2},"groups_input":2,"conv_pre_film":{"active":true,"shift":true,"groups":1},"gating_mode":["blended"],` +
		`"secondary_activation":[{"type":"LeakyHardtanh","min_val":0}],"slimmable":null}],"head":{"channels":1,"out_channels":1,"kernel_sizes":[1],"activation":"ReLU"},"head_scale":1},` +
		`"weights":[1,1,1,1,1,1,0,0,0,0,1,1,1,1,1,1,0,0,1,1,0,1,1,1,1,0,0,0,0,1,1,0,1,0,1]}`,
	`{"version":"0.6.0","architecture":"WaveNet","config":{"condition_dsp":{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":1,"bias":false},"weights":[2]},` +
		`"layers":[{"input_size":1,"condition_size":1,"head_size":1,"channels":1,"kernel_size":1,"dilations":[1],"activation":"ReLU","head_bias":false}],"head":null,"head_scale":1},` +
		`"weights":[1,1,0,1,1,0,1,1]}`,
	`{"version":"0.7.0","architecture":"SlimmableContainer","config":{"submodels":[` +
		`{"max_value":0.5,"model":{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":1,"bias":false},"weights":[1]}},` +
		`{"max_value":1,"model":{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":1,"bias":false},"weights":[2]}}]},"weights":[],"sample_rate":48000}`,
}

// The seeds are right: what the fuzzer breaks was whole.
func TestSeeds(t *testing.T) {
	for _, s := range seeds {
		f, err := Decode([]byte(s))
		if err != nil {
			t.Errorf("%v: %s", err, s)
			continue
		}
		y := make([]float32, 3)
		NewReader(f).Process([][]float32{y}, [][]float32{{1, 0, 0}})
	}
}

// numbers are those in a file's text.
var numbers = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?`)

// Decode neither panics nor takes much memory, whatever it is given, a file with
// one number changed among it; what it takes can be written, read again, and
// played.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), uint(0), int64(2))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint, value int64) {
		if places := numbers.FindAllIndex(data, -1); at > 0 && len(places) > 0 {
			p := places[at%uint(len(places))]
			data = slices.Concat(data[:p[0]], strconv.AppendInt(nil, value, 10), data[p[1]:])
		}
		file, err := Decode(data)
		if err != nil {
			return
		}
		_, _ = file.Model() // it may refuse, and must not panic
		again, err := file.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, again)
		}
		third, err := back.Encode()
		if err != nil || !bytes.Equal(again, third) {
			t.Fatalf("written twice it is\n%s\nand\n%s", again, third)
		}
		if deep(file.Net) {
			return
		}
		in, out := file.Net.Channels()
		x, y := make([][]float32, in), make([][]float32, out)
		for c := range x {
			x[c] = make([]float32, 4)
		}
		for c := range y {
			y[c] = make([]float32, 4)
		}
		NewReader(file).Process(y, x)
	})
}

// deep says whether playing a model takes long because it looks back far.
func deep(n Network) bool {
	const most = 2000
	if c, ok := n.(*Container); ok {
		return deep(c.full().Net)
	}
	if l, ok := n.(*LSTM); ok {
		return l.Hidden*l.Layers > 8
	}
	depth := 0
	switch n := n.(type) {
	case *WaveNet:
		if n.Condition != nil && deep(n.Condition.Net) {
			return true
		}
		for _, a := range n.Arrays {
			depth += (a.Head.Kernel - 1) * a.Head.Dilation
			for _, l := range a.Layers {
				depth += (l.Kernel - 1) * l.Dilation
			}
		}
	case *ConvNet:
		for _, d := range n.Dilations {
			depth += d
		}
	}
	return depth > most
}
