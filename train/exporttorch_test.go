package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"partials/formats/safetensors"
)

// The names and shapes are those of torch.nn's state_dict.
func TestExportSafetensors(t *testing.T) {
	for model, want := range map[string]string{
		"lstm, hidden_size: 2, layers: 2, burn_in: 0, learn_start: true": `
			head.bias[1] head.weight[1 2]
			layers.bias_hh_l0[8] layers.bias_hh_l1[8] layers.bias_ih_l0[8] layers.bias_ih_l1[8]
			layers.weight_hh_l0[8 2] layers.weight_hh_l1[8 2] layers.weight_ih_l0[8 1] layers.weight_ih_l1[8 2]
			layers_start.c0_l0[2] layers_start.c0_l1[2] layers_start.h0_l0[2] layers_start.h0_l1[2]`,
		"gru, hidden_size: 3, layers: 1, burn_in: 0": `
			head.bias[1] head.weight[1 3]
			layers.bias_hh_l0[9] layers.bias_ih_l0[9] layers.weight_hh_l0[9 3] layers.weight_ih_l0[9 1]`,
		"tcn, channels: 2, layers: 1, activation: prelu": `
			head.bias[1] head.weight[1 2 1]
			layers.0.activation.weight[2] layers.0.conv.bias[2] layers.0.conv.weight[2 1 3] layers.0.residual.weight[2 1 1]`,
	} {
		o := optionsOf(t)
		dir := undisturbed(t, recipeOf(t, "model={kind: "+model+"}", "steps=1"), o)
		res, err := Export(dir, nil, ExportOptions{Format: "safetensors"}, o)
		if err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Decode([]byte(read(t, res.Path)))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, name := range slices.Sorted(maps.Keys(f.Tensors)) {
			if f.Tensors[name].DType != safetensors.F32 {
				t.Errorf("%s is %s", name, f.Tensors[name].DType)
			}
			names = append(names, name+fmt.Sprint(f.Tensors[name].Shape))
		}
		if got, want := strings.Join(names, " "), strings.Join(strings.Fields(want), " "); got != want {
			t.Errorf("%s\nhas  %s\nwant %s", model, got, want)
		}
		if f.Metadata["format"] != "pt" || f.Metadata["sample_rate"] != "44100" || !strings.Contains(f.Metadata["model"], "kind: ") {
			t.Errorf("%s says %v", model, f.Metadata)
		}
	}
}
