package cpu

import "partials/internal/fft"

// planes is rows of n complex numbers in planar memory (B, 2, rows, n).
type planes struct {
	data    []float32
	rows, n int
}

// row returns where the real part of row i of the B*rows rows begins. The
// imaginary part is rows*n numbers further on.
func (p planes) row(i int) int { return (2*(i/p.rows)*p.rows + i%p.rows) * p.n }

// direct says that count rows from the first on lie side by side and are as
// long as the rows of a block: then they need no stage.
func (p planes) direct(block []float32, first, count int) bool {
	return p.n == len(block)/16 && first/p.rows == (first+count-1)/p.rows
}

// parts returns the real and imaginary parts of the rows from i on.
func (p planes) parts(i int) (re, im []float32) {
	at := p.row(i)
	return p.data[at:], p.data[at+p.rows*p.n:]
}

// load fills a spectrum block of internal/fft with count rows, cut or padded
// with zeros to the length of the block. The stage holds as much as the block.
func (p planes) load(block []float32, first, count int, stage []float32) {
	if p.direct(block, first, count) {
		re, im := p.parts(first)
		fft.LoadSpectrum(block, re, im, count)
		return
	}
	m := min(p.n, len(block)/16)
	clear(block[m*16:])
	if m == 0 {
		return
	}
	stageRe, stageIm := stage[:8*m], stage[8*m:16*m]
	for l := range count {
		re, im := p.parts(first + l)
		copy(stageRe[l*m:][:m], re)
		copy(stageIm[l*m:][:m], im)
	}
	fft.LoadSpectrum(block[:m*16], stageRe, stageIm, count)
}

// store writes the first lanes of a spectrum block to count rows, which are as
// long as those of the block.
func (p planes) store(block []float32, first, count int, stage []float32) {
	if p.direct(block, first, count) {
		re, im := p.parts(first)
		fft.StoreSpectrum(re, im, block, count)
		return
	}
	m := p.n
	fft.StoreSpectrum(stage[:8*m], stage[8*m:16*m], block, count)
	for l := range count {
		re, im := p.parts(first + l)
		copy(re, stage[l*m:][:m])
		copy(im, stage[(8+l)*m:][:m])
	}
}

// add adds the first lanes of a spectrum block, cut to the length of the rows,
// to count rows.
func (p planes) add(block []float32, first, count int, stage []float32) {
	if p.direct(block, first, count) {
		re, im := p.parts(first)
		fft.AddSpectrum(re, im, block, count)
		return
	}
	m := min(p.n, len(block)/16)
	if m == 0 {
		return
	}
	fft.StoreSpectrum(stage[:8*m], stage[8*m:16*m], block[:m*16], count)
	for l := range count {
		re, im := p.parts(first + l)
		addTo(re[:m], stage[l*m:][:m])
		addTo(im[:m], stage[(8+l)*m:][:m])
	}
}

// packed says that the rows can go to and from a packed spectrum directly.
func (p planes) packed(r *fft.Real, first, count int) bool {
	return p.n == r.Bins() && first/p.rows == (first+count-1)/p.rows
}

// loadPacked fills w.packed with count rows, times scale and, but for bins 0
// and n/2, times inner.
func (p planes) loadPacked(r *fft.Real, w *worker, first, count int, scale, inner float32) {
	if p.packed(r, first, count) {
		re, im := p.parts(first)
		r.LoadPlanes(w.packed, re, im, count, scale, inner)
		return
	}
	block := w.spectrum[:r.SpectrumLen()]
	p.load(block, first, count, w.stage)
	r.Pack(w.packed, block, 0, r.Pairs(), scale, inner)
}

// storePacked writes w.packed to count rows, which are as long as a spectrum.
func (p planes) storePacked(r *fft.Real, w *worker, first, count int, scale, inner float32) {
	if p.packed(r, first, count) {
		re, im := p.parts(first)
		r.StorePlanes(re, im, w.packed, count, scale, inner)
		return
	}
	block := w.spectrum[:r.SpectrumLen()]
	r.Unpack(block, w.packed, 0, r.Pairs(), scale, inner)
	p.store(block, first, count, w.stage)
}

// addPacked adds w.packed to count rows.
func (p planes) addPacked(r *fft.Real, w *worker, first, count int, scale, inner float32) {
	if p.packed(r, first, count) {
		re, im := p.parts(first)
		r.AddPlanes(re, im, w.packed, count, scale, inner)
		return
	}
	block := w.spectrum[:r.SpectrumLen()]
	r.Unpack(block, w.packed, 0, r.Pairs(), scale, inner)
	p.add(block, first, count, w.stage)
}

// unfoldBins writes to full, n bins, the spectrum of a real signal whose bins 0 to
// n/2 are half.
func unfoldBins(full, half []float32) {
	n, bins := len(full)/16, len(half)/16
	copy(full, half)
	for k := 1; k < n-bins+1; k++ {
		mirror := full[(n-k)*16:][:16]
		for l := range 8 {
			re, im := half[k*16+l], half[k*16+8+l]
			mirror[l], mirror[8+l] = re, -im
		}
	}
}

// foldBins is the transpose of unfoldBins.
func foldBins(half, full []float32) {
	n, bins := len(full)/16, len(half)/16
	copy(half, full[:len(half)])
	for k := 1; k < n-bins+1; k++ {
		to, mirror := half[k*16:][:16], full[(n-k)*16:][:16]
		for l := range 8 {
			to[l] += mirror[l]
			to[8+l] -= mirror[8+l]
		}
	}
}
