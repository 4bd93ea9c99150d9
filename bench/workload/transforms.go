package workload

import (
	"fmt"
	"math"

	"partials/device"
	"partials/formats/safetensors"
	"partials/internal/fft"
	"partials/tensor"
)

// transforms are batches of 256 real transforms of one length. rfft and irfft
// go from rows to rows, as any caller has them; the "lanes" ones end or begin
// in the layout in which the spectral losses and the mask keep their spectra,
// eight frames side by side.
func transforms() []Workload {
	const batch = 256
	var list []Workload
	for _, kind := range []struct {
		name string
		open func(w Workload, threads int) (Job, error)
	}{
		{"rfft", func(w Workload, threads int) (Job, error) { return newRows(w, threads, false) }},
		{"irfft", func(w Workload, threads int) (Job, error) { return newRows(w, threads, true) }},
		{"rfft_lanes", func(w Workload, _ int) (Job, error) { return newLanes(w, false), nil }},
		{"irfft_lanes", func(w Workload, _ int) (Job, error) { return newLanes(w, true), nil }},
	} {
		for _, n := range []int{400, 512, 1000, 1024, 2048, 4096} {
			list = append(list, Workload{
				Name:  fmt.Sprintf("a/%s/%d", kind.name, n),
				Title: fmt.Sprintf("%s, n = %d", kind.name, n),
				Batch: batch, Length: n, open: kind.open,
			})
		}
	}
	return list
}

// transformFLOPs is the customary count of a real transform's operations.
func transformFLOPs(n int) float64 { return 2.5 * float64(n) * math.Log2(float64(n)) }

// rows is device.RFFT or device.IRFFT of a batch of rows.
type rows struct {
	machine
	w        Workload
	inverse  bool
	time     tensor.Tensor // (1, B, n)
	spectrum tensor.Tensor // (1, 2, B, K)
}

func newRows(w Workload, threads int, inverse bool) (Job, error) {
	m, err := newMachine(threads)
	if err != nil {
		return nil, err
	}
	n, k := w.Length, w.Length/2+1
	j := &rows{machine: m, w: w, inverse: inverse,
		time:     m.put(tensor.Of(1, w.Batch, n), signal("x", w.Batch, n)),
		spectrum: m.put(tensor.Of(1, 2, w.Batch, k), make([]float32, 2*w.Batch*k))}
	m.dev.RFFT(j.spectrum, j.time, device.Transform{N: n, In: n, Scale: 1})
	return j, nil
}

func (j *rows) Run() {
	n := j.w.Length
	if j.inverse {
		j.dev.IRFFT(j.time, j.spectrum, device.Transform{N: n, In: n/2 + 1, Scale: 1})
	} else {
		j.dev.RFFT(j.spectrum, j.time, device.Transform{N: n, In: n, Scale: 1})
	}
}

func (j *rows) Inputs() Tensors {
	if j.inverse {
		return Tensors{"spectrum": j.get(j.spectrum)}
	}
	return Tensors{"x": j.get(j.time)}
}

func (j *rows) Results() Tensors {
	if j.inverse {
		return Tensors{"y": j.get(j.time)}
	}
	return Tensors{"y": j.get(j.spectrum)}
}

func (j *rows) FLOPs() float64 { return float64(j.w.Batch) * transformFLOPs(j.w.Length) }

// lanes is the transform of blocks of eight frames, between rows of samples
// and blocks of spectra, on one thread.
type lanes struct {
	w       Workload
	inverse bool
	plan    *fft.Real
	x       []float32 // rows of samples
	spectra []float32 // spectrum blocks, one for eight rows
	time    []float32 // a time block
	scratch []float32
}

func newLanes(w Workload, inverse bool) Job {
	p := fft.NewReal(w.Length)
	j := &lanes{w: w, inverse: inverse, plan: p, x: signal("x", w.Batch, w.Length),
		spectra: make([]float32, (w.Batch+7)/8*p.SpectrumLen()),
		time:    make([]float32, p.TimeLen()), scratch: make([]float32, p.ScratchLen())}
	j.forward()
	return j
}

func (j *lanes) Run() {
	if j.inverse {
		j.back()
	} else {
		j.forward()
	}
}

func (j *lanes) forward() {
	n, size := j.w.Length, j.plan.SpectrumLen()
	for r := 0; r < j.w.Batch; r += 8 {
		j.plan.ForwardFrames(j.spectra[r/8*size:][:size], j.x[r*n:], n, min(8, j.w.Batch-r), nil, j.scratch)
	}
}

func (j *lanes) back() {
	n, size := j.w.Length, j.plan.SpectrumLen()
	for r := 0; r < j.w.Batch; r += 8 {
		j.plan.Inverse(j.time, j.spectra[r/8*size:][:size], j.scratch)
		fft.StoreFrames(j.x[r*n:], j.time, n, min(8, j.w.Batch-r))
	}
}

func (j *lanes) Inputs() Tensors {
	if j.inverse {
		return Tensors{"spectrum": j.rowsOfSpectra()}
	}
	return Tensors{"x": array(tensor.Of(1, j.w.Batch, j.w.Length), j.x)}
}

func (j *lanes) Results() Tensors {
	if j.inverse {
		return Tensors{"y": array(tensor.Of(1, j.w.Batch, j.w.Length), j.x)}
	}
	return Tensors{"y": j.rowsOfSpectra()}
}

// rowsOfSpectra is the blocks as (1, 2, B, K).
func (j *lanes) rowsOfSpectra() safetensors.Tensor {
	k, size := j.plan.Bins(), j.plan.SpectrumLen()
	y := make([]float32, 2*j.w.Batch*k)
	for r := 0; r < j.w.Batch; r += 8 {
		fft.StoreSpectrum(y[r*k:], y[(j.w.Batch+r)*k:], j.spectra[r/8*size:][:size], min(8, j.w.Batch-r))
	}
	return array(tensor.Of(1, 2, j.w.Batch, k), y)
}

func (j *lanes) FLOPs() float64 { return float64(j.w.Batch) * transformFLOPs(j.w.Length) }
func (j *lanes) Arena() int64   { return 0 }
func (j *lanes) Close() error   { return nil }
