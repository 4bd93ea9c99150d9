// Package workload defines what Partials' speed is measured on: batches of
// transforms, spectrograms and their gradients, and whole training steps. Each
// is defined once, for the Go benchmarks of package bench and for the
// comparison with other programs of bench/peers.
package workload

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"partials/formats/safetensors"
)

// Workload is something that is timed, at any size.
type Workload struct {
	// Name is its letter, what it does, and its transform's length where it
	// has one: "b/stft/1024".
	Name string
	// Title is its name for people.
	Title string
	// Batch and Length are its own size: signals, and samples of each.
	Batch, Length int

	open func(w Workload, threads int) (Job, error)
}

// Job is a workload made ready to run.
type Job interface {
	// Run does it once.
	Run()
	// Inputs is what another program needs to do the same: signals and, as
	// they are now, parameters.
	Inputs() Tensors
	// Results is what the last Run computed, before it changed any parameter:
	// values and gradients.
	Results() Tensors
	// FLOPs is the number of floating-point operations of a Run: 2.5 n log2 n
	// for a real transform of n points, 2 for a multiply-add, twice that again
	// for the way back; what is done once a number is left out.
	FLOPs() float64
	// Arena is the most bytes that a Run held in its arena; 0 without one.
	Arena() int64
	// Close frees the device.
	Close() error
}

// Tensors are arrays by name, and how they were made.
type Tensors = map[string]safetensors.Tensor

// Sized returns the workload at another size; 0 keeps its own.
func (w Workload) Sized(batch, length int) Workload {
	if batch > 0 {
		w.Batch = batch
	}
	if length > 0 {
		w.Length = length
	}
	return w
}

// Open makes the workload ready to run on the given number of threads.
func (w Workload) Open(threads int) (Job, error) { return w.open(w, threads) }

// Samples is the number of samples of sound in a Run.
func (w Workload) Samples() int { return w.Batch * w.Length }

// Kind is the name without the letter and the length: "stft".
func (w Workload) Kind() string { return strings.Split(w.Name, "/")[1] }

// Points is the transform's length in the name, 0 where there is none.
func (w Workload) Points() int {
	n, _ := strconv.Atoi(w.Name[strings.LastIndex(w.Name, "/")+1:])
	return n
}

// All lists the workloads in the order of their names.
func All() []Workload {
	return slices.Concat(transforms(), spectrograms(), losses(), steps())
}

// Get finds a workload by its name.
func Get(name string) (Workload, error) {
	for _, w := range All() {
		if w.Name == name {
			return w, nil
		}
	}
	return Workload{}, fmt.Errorf("there is no workload %q", name)
}
