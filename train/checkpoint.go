package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"partials/autograd"
	"partials/device"
	"partials/formats/safetensors"
	"partials/tensor"
)

// progress is the state of a run between two actions that is not a tensor.
type progress struct {
	place
	Schedule []float64 `json:"schedule,omitempty"`
	// Balance is the state of the loss of every member.
	Balance [][]float64 `json:"balance,omitempty"`
	// Best is the best validation value so far by Metric, at step BestStep, 0
	// for none; Stale counts the validations since an improvement that patience
	// counts.
	Metric   string `json:"metric"`
	Best     Number `json:"best"`
	BestStep int    `json:"best_step"`
	Stale    int    `json:"stale"`
	// Members are the models of a packed one: BestStep is then the last step at
	// which one of them was better than ever, and Best the mean of their best.
	Members []standing `json:"members,omitempty"`
	// Bar is the value that the next improvement is measured against.
	Bar Number `json:"bar"`
}

// check reports what no run can be at.
func (p progress) check() error {
	if p.Step < 0 || p.Validated < 0 || p.Validated > p.Step || p.BestStep < 0 || p.BestStep > p.Validated || p.Stale < 0 {
		return fmt.Errorf("step %d, validated at %d, best at %d, %d without improvement cannot be", p.Step, p.Validated, p.BestStep, p.Stale)
	}
	return nil
}

// The names of a checkpoint's tensors are those of the parameters, so that any
// reader of safetensors finds the weights; the rest has a prefix.
const (
	statePrefix   = "optim."
	averagePrefix = "ema."
)

// save writes the run's state. Equal states give equal files: there is no
// clock in them.
func (s *session) save(path string) error {
	f, err := s.state()
	if err != nil {
		return err
	}
	return writeTensors(path, f)
}

// state is what a checkpoint holds.
func (s *session) state() (*safetensors.File, error) {
	f := &safetensors.File{Tensors: map[string]safetensors.Tensor{}, Metadata: map[string]string{"format": "partials"}}
	s.prog.Schedule, s.prog.Balance = s.schedule.State(), s.balance()
	state, err := json.Marshal(s.prog)
	if err != nil {
		return nil, err
	}
	f.Metadata["progress"] = string(state)
	s.eachTensor(func(name string, x tensor.Tensor) {
		f.Tensors[name] = readTensor(s.dev, x)
	})
	return f, nil
}

func writeTensors(path string, f *safetensors.File) error {
	data, err := f.Encode()
	if err != nil {
		return err
	}
	if err := writeAtomically(path, data); err != nil {
		return fmt.Errorf("writing the checkpoint: %w", err)
	}
	return nil
}

// restore reads what save wrote. Where the recipe now chooses by another metric
// the search for the best weights begins anew.
func (s *session) restore(path string) error {
	f, err := readTensors(path)
	if err != nil {
		return err
	}
	p, err := progressOf(f, path)
	if err != nil {
		return err
	}
	errs := []error{unknownTensors(f, s.params)}
	s.eachTensor(func(name string, x tensor.Tensor) {
		errs = append(errs, writeTensor(s.dev, f, name, x))
	})
	errs = append(errs, s.schedule.Restore(p.Schedule), s.restoreBalance(p.Balance))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s does not belong to this recipe: %w", path, err)
	}
	if p.Metric != s.recipe.Validation.Metric {
		p.Metric, p.BestStep, p.Stale, p.Members = s.recipe.Validation.Metric, 0, 0, nil
		p.Best, p.Bar = Number(math.NaN()), Number(math.NaN())
	}
	s.prog = p
	return nil
}

// readProgress returns how far the run of a checkpoint was.
func readProgress(path string) (progress, error) {
	f, err := readTensors(path)
	if err != nil {
		return progress{}, err
	}
	return progressOf(f, path)
}

func progressOf(f *safetensors.File, path string) (p progress, err error) {
	text, ok := f.Metadata["progress"]
	if !ok {
		return p, fmt.Errorf("%s is no checkpoint of a run: it does not say how far the run was", path)
	}
	err = json.Unmarshal([]byte(text), &p)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return p, fmt.Errorf("%s is no checkpoint of a run: its progress is unreadable: %w", path, err)
	}
	return p, nil
}

// eachTensor calls f for every tensor that a checkpoint keeps.
func (s *session) eachTensor(f func(name string, x tensor.Tensor)) {
	off := 0
	for _, p := range s.params.All() {
		f(p.Name, p.Var().Tensor)
		if !s.average.Absent() {
			f(averagePrefix+p.Name, s.average.Part(off, p.Shape))
		}
		off += p.Shape.Len()
	}
	for _, b := range s.params.Buffers() {
		f(b.Name, b.Value)
	}
	for _, st := range s.optim.State() {
		f(statePrefix+st.Name, st.Value)
	}
}

// loadWeights sets the parameters to those in the file, to their moving
// averages where it has them.
func loadWeights(dev device.Device, params *autograd.Params, path string) error {
	f, err := readTensors(path)
	if err != nil {
		return err
	}
	errs := []error{unknownTensors(f, params)}
	for _, p := range params.All() {
		name := p.Name
		if _, ok := f.Tensors[averagePrefix+name]; ok {
			name = averagePrefix + name
		}
		errs = append(errs, writeTensor(dev, f, name, p.Var().Tensor))
	}
	for _, b := range params.Buffers() {
		errs = append(errs, writeTensor(dev, f, b.Name, b.Value))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s does not fit the recipe's model: %w", path, err)
	}
	return nil
}

// unknownTensors reports weights of a file that the model has no place for.
func unknownTensors(f *safetensors.File, params *autograd.Params) error {
	var unknown []string
	buffers := map[string]bool{}
	for _, b := range params.Buffers() {
		buffers[b.Name] = true
	}
	for name := range f.Tensors {
		if !strings.HasPrefix(name, statePrefix) && !buffers[name] && params.Get(strings.TrimPrefix(name, averagePrefix)) == nil {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return fmt.Errorf("the model has no parameter called %s", strings.Join(unknown, ", "))
}

func readTensors(path string) (*safetensors.File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint: %w", err)
	}
	f, err := safetensors.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint %s: %w", path, err)
	}
	return f, nil
}

// readTensor copies a tensor from the device, in double precision from the
// float64 device so that nothing is rounded.
func readTensor(dev device.Device, x tensor.Tensor) safetensors.Tensor {
	if dev.Name() == "ref" {
		v := make([]float64, x.Len())
		dev.Read64(v, x)
		return safetensors.FromFloat64s(dims(x.Shape), v)
	}
	v := make([]float32, x.Len())
	dev.Read(v, x)
	return safetensors.FromFloat32s(dims(x.Shape), v)
}

// writeTensor copies the named tensor of f to x.
func writeTensor(dev device.Device, f *safetensors.File, name string, x tensor.Tensor) error {
	t, ok := f.Tensors[name]
	if !ok {
		return fmt.Errorf("it has no tensor %q", name)
	}
	if want := dims(x.Shape); !slices.Equal(t.Shape, want) {
		return fmt.Errorf("its tensor %q is %v, wanted %v", name, t.Shape, want)
	}
	v, err := f.Float64s(name)
	if err != nil {
		return err
	}
	dev.Write64(x, v)
	return nil
}

func dims(s tensor.Shape) []int {
	d := make([]int, s.Rank())
	for i := range d {
		d[i] = s.Dim(i)
	}
	return d
}
