package train

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"partials/formats/safetensors"
	"partials/internal/config"
	"partials/tensor"
)

// encodeTorch is the format "safetensors": the weights under the names and in
// the shapes that PyTorch's own modules give them, to be loaded by
// load_state_dict. What must be known to build the modules is the metadata.
func (p *Player) encodeTorch(ExportOptions) ([]byte, []string, error) {
	text, err := config.Marshal(p.recipe.Model)
	if err != nil {
		return nil, nil, err
	}
	facts := p.model.Facts()
	f := safetensors.File{Tensors: map[string]safetensors.Tensor{}, Metadata: map[string]string{
		"format": "pt", "producer": "partials " + Version, "model": string(text),
		"sample_rate": strconv.Itoa(p.Rate), "inputs": strconv.Itoa(p.Inputs), "outputs": strconv.Itoa(p.Outputs),
		"latency": strconv.Itoa(facts.Latency), "block": strconv.Itoa(facts.Block), "context": strconv.Itoa(facts.Context),
		"gain": strconv.FormatFloat(p.gain, 'g', -1, 64), "controls": strings.Join(p.Controls, ","),
	}}
	tensors := map[string]tensor.Tensor{}
	for _, x := range p.params.All() {
		tensors[torchName(x.Name)] = x.Var().Tensor
	}
	for _, b := range p.params.Buffers() {
		tensors[torchBuffer(b.Name)] = b.Value
	}
	if len(tensors) < len(p.params.All())+len(p.params.Buffers()) {
		return nil, nil, errors.New("two of its weights would have one name in PyTorch")
	}
	for name, x := range tensors {
		f.Tensors[name] = readTensor(p.dev, x)
	}
	data, err := f.Encode()
	if err != nil {
		return nil, nil, err
	}
	again, err := safetensors.Decode(data)
	if err != nil {
		return nil, nil, fmt.Errorf("the file that was made cannot be read: %w", err)
	}
	for name, x := range tensors {
		if err := sameTensor(again, name, readTensor(p.dev, x)); err != nil {
			return nil, nil, err
		}
	}
	return data, []string{fmt.Sprintf("%d tensors, %d weights, %d Hz", len(f.Tensors), p.params.Len(), p.Rate),
		"read back: all weights are the model's"}, nil
}

// PyTorch numbers the layers of a recurrent module behind the weight's name,
// and calls the slope of its PReLU weight.
var (
	recurrentName = regexp.MustCompile(`^(.+)\.(\d+)\.(weight_ih|weight_hh|bias_ih|bias_hh)$`)
	startName     = regexp.MustCompile(`^(.+)\.(\d+)\.(h0|c0)$`)
	slopeName     = regexp.MustCompile(`^(.+)\.slope$`)
)

// torchName is what PyTorch calls a parameter: layers.1.weight_ih of a stack of
// GRU layers is weight_ih_l1 of the module layers. Learnt first states, which
// no module of PyTorch's has, are beside it: layers_start.h0_l1.
func torchName(name string) string {
	name = recurrentName.ReplaceAllString(name, "$1.${3}_l$2")
	name = startName.ReplaceAllString(name, "${1}_start.${3}_l$2")
	return slopeName.ReplaceAllString(name, "$1.weight")
}

// torchBuffer is what PyTorch calls what a batch normalisation follows.
func torchBuffer(name string) string {
	if at, ok := strings.CutSuffix(name, ".variance"); ok {
		return at + ".running_var"
	}
	if at, ok := strings.CutSuffix(name, ".mean"); ok {
		return at + ".running_mean"
	}
	return name
}

func sameTensor(f *safetensors.File, name string, want safetensors.Tensor) error {
	got := f.Tensors[name]
	if got.DType != want.DType || fmt.Sprint(got.Shape) != fmt.Sprint(want.Shape) || string(got.Data) != string(want.Data) {
		return fmt.Errorf("the file that was made has other numbers in %s", name)
	}
	return nil
}
