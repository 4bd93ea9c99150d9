package cpu

import (
	"partials/device"
	"partials/internal/fft"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// RFFT implements device.Fourier.
func (d *Device) RFFT(dst, x tensor.Tensor, t device.Transform) {
	device.CheckRFFT("RFFT", dst, x, t)
	d.transformRows(rowsRFFT, x, dst, x.Dim(0), x.Dim(1), t)
}

// RFFTGrad implements device.Fourier.
func (d *Device) RFFTGrad(dx, dy tensor.Tensor, t device.Transform) {
	device.CheckRFFT("RFFTGrad", dy, dx, t)
	d.transformRows(rowsRFFTGrad, dx, dy, dx.Dim(0), dx.Dim(1), t)
}

// IRFFT implements device.Fourier.
func (d *Device) IRFFT(dst, x tensor.Tensor, t device.Transform) {
	device.CheckIRFFT("IRFFT", dst, x, t)
	d.transformRows(rowsIRFFT, x, dst, x.Dim(0), x.Dim(2), t)
}

// IRFFTGrad implements device.Fourier.
func (d *Device) IRFFTGrad(dx, dy tensor.Tensor, t device.Transform) {
	device.CheckIRFFT("IRFFTGrad", dy, dx, t)
	d.transformRows(rowsIRFFTGrad, dx, dy, dx.Dim(0), dx.Dim(2), t)
}

// FFT implements device.Fourier.
func (d *Device) FFT(dst, x tensor.Tensor, t device.Transform) {
	device.CheckFFT("FFT", dst, x, t)
	d.transformRows(rowsFFT, x, dst, x.Dim(0), x.Dim(2), t)
}

// FFTGrad implements device.Fourier.
func (d *Device) FFTGrad(dx, dy tensor.Tensor, t device.Transform) {
	device.CheckFFT("FFTGrad", dy, dx, t)
	d.transformRows(rowsFFTGrad, dx, dy, dx.Dim(0), dx.Dim(2), t)
}

// rowKernel names a transform of rows.
type rowKernel uint8

const (
	rowsRFFT rowKernel = iota
	rowsRFFTGrad
	rowsIRFFT
	rowsIRFFTGrad
	rowsFFT
	rowsFFTGrad
)

// rowTransform transforms rows in blocks of eight. x has rows of In numbers and
// y is its transform; a gradient adds to x.
type rowTransform struct {
	device.Transform
	kernel      rowKernel
	workers     []worker
	x, y        []float32
	items, rows int
	blocks      int // of a chunk
	real        *fft.Real
	windowed    fft.Windowed // real without a window
	points      *fft.Complex
}

func (d *Device) transformRows(kernel rowKernel, x, y tensor.Tensor, items, rows int, t device.Transform) {
	d.rows = rowTransform{
		Transform: t, kernel: kernel, workers: d.workers, x: numbers(x), y: numbers(y),
		items: items, rows: rows, blocks: max(1, 4096/t.N),
	}
	if items*rows == 0 {
		return
	}
	if kernel == rowsFFT || kernel == rowsFFTGrad {
		d.rows.points = fft.NewComplex(t.N)
		d.growTransform(t.N, d.rows.points.ScratchLen())
	} else {
		d.rows.real = fft.NewReal(t.N)
		d.rows.windowed = d.rows.real.NewWindowed(nil)
		d.growReal(d.rows.real, d.rows.real.Bins())
	}
	d.pool.For(chunks(chunks(items*rows, 8), d.rows.blocks), &d.rows)
}

// growReal makes the workers ready for the real transform and spectra of that
// many bins.
func (d *Device) growReal(r *fft.Real, bins int) {
	for i := range d.workers {
		w := &d.workers[i]
		w.signal, w.packed = grow(w.signal, r.TimeLen()), grow(w.packed, r.PackedLen())
	}
	d.growTransform(bins, r.ScratchLen())
}

// growTransform makes the workers ready for spectra of that many bins.
func (d *Device) growTransform(bins, scratch int) {
	for i := range d.workers {
		w := &d.workers[i]
		w.spectrum, w.full = grow(w.spectrum, 16*bins), grow(w.full, 16*bins)
		w.stage, w.fft = grow(w.stage, 16*bins), grow(w.fft, scratch)
	}
}

// Do implements parallel.Task.
func (t *rowTransform) Do(i, worker int) {
	w, all := &t.workers[worker], t.items*t.rows
	for block := i * t.blocks; block < min(chunks(all, 8), (i+1)*t.blocks); block++ {
		first := block * 8
		t.block(w, first, min(8, all-first))
	}
}

// block transforms count rows.
func (t *rowTransform) block(w *worker, first, count int) {
	bins, scaled := t.N/2+1, float32(t.Scale)
	switch t.kernel {
	case rowsRFFT:
		t.forward(w, t.x, first, count, t.In)
		planes{t.y, t.rows, bins}.storePacked(t.real, w, first, count, scaled, 1)
	case rowsRFFTGrad:
		planes{t.y, t.rows, bins}.loadPacked(t.real, w, first, count, scaled, 0.5)
		if t.In == t.N {
			t.windowed.AddInverse(t.x[first*t.N:], w.packed, t.N, count, w.fft)
			return
		}
		t.real.InversePacked(w.signal, w.packed, w.fft)
		addRows(t.x, w.signal, first, count, t.In)
	case rowsIRFFT:
		planes{t.x, t.rows, t.In}.loadPacked(t.real, w, first, count, scaled, 1)
		t.windowed.StoreInverse(t.y[first*t.N:], w.packed, t.N, count, w.fft)
	case rowsIRFFTGrad:
		t.forward(w, t.y, first, count, t.N)
		planes{t.x, t.rows, t.In}.addPacked(t.real, w, first, count, scaled, 2)
	case rowsFFT:
		planes{t.x, t.rows, t.In}.load(w.full, first, count, w.stage)
		t.complex(w.spectrum, w.full, w.fft, t.Inverse)
		scale(w.spectrum, t.Scale)
		planes{t.y, t.rows, t.N}.store(w.spectrum, first, count, w.stage)
	case rowsFFTGrad:
		planes{t.y, t.rows, t.N}.load(w.full, first, count, w.stage)
		t.complex(w.spectrum, w.full, w.fft, !t.Inverse)
		scale(w.spectrum, t.Scale)
		planes{t.x, t.rows, t.In}.add(w.spectrum, first, count, w.stage)
	}
}

// forward computes the packed spectra of count rows of in numbers.
func (t *rowTransform) forward(w *worker, x []float32, first, count, in int) {
	if in == t.N {
		t.windowed.Forward(w.packed, x[first*in:], in, count, w.fft)
		return
	}
	loadRows(w.signal, x, first, count, in)
	t.real.ForwardPacked(w.packed, w.signal, w.fft)
}

func (t *rowTransform) complex(dst, src, scratch []float32, inverse bool) {
	if inverse {
		t.points.Inverse(dst, src, scratch)
	} else {
		t.points.Forward(dst, src, scratch)
	}
}

// loadRows fills a time block with count rows of in numbers, cut or padded with
// zeros to the length of the block.
func loadRows(block, x []float32, first, count, in int) {
	m := min(in, len(block)/8)
	clear(block[m*8:])
	if m > 0 {
		fft.LoadFrames(block[:m*8], x[first*in:], in, count, nil)
	}
}

// addRows is the transpose of loadRows.
func addRows(x, block []float32, first, count, in int) {
	if m := min(in, len(block)/8); m > 0 {
		fft.AddFrames(x[first*in:], block[:m*8], in, count, nil)
	}
}

// scale is x *= by.
func scale(x []float32, by float64) {
	if by != 1 {
		vec.Scale(x, float32(by), x)
	}
}
