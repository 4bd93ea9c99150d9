package fft

import "fmt"

// The doors between a packed spectrum and plain row-major memory: planes re and
// im of (count, bins) with bins = n/2+1 and count 1 to 8. They go through strips
// of pairs that a level-1 cache holds.

// strip is how many pairs of bins are on their way at a time.
const strip = 32

type stripRows [2 * strip * 16]float32

// StorePlanes copies the first count spectra of z to the planes, times scale
// and, but for bins 0 and n/2, times inner.
func (p *Real) StorePlanes(re, im, z []float32, count int, scale, inner float32) {
	p.toPlanes(re, im, z, count, scale, inner, false)
}

// AddPlanes adds them.
func (p *Real) AddPlanes(re, im, z []float32, count int, scale, inner float32) {
	p.toPlanes(re, im, z, count, scale, inner, true)
}

func (p *Real) toPlanes(re, im, z []float32, count int, scale, inner float32, add bool) {
	p.checkPlanes("StorePlanes", re, im, z, count)
	var rows stripRows
	for from := 0; from < p.Pairs(); from += strip {
		to := min(p.Pairs(), from+strip)
		p.Unpack(rows[:], z, from, to, scale, inner)
		low, high, at := p.PairBins(from, to)
		for part, plane := range [2][]float32{re, im} {
			for _, s := range [2]struct {
				bins int
				to   []float32
				from []float32
			}{{low, plane[from:], rows[8*part:]}, {high, plane[at:], rows[16*low+8*part:]}} {
				switch {
				case s.bins == 0:
				case add:
					addLanes(s.to, p.Bins(), count, single(s.bins), s.from, 16, nil)
				default:
					storeLanes(s.to, p.Bins(), count, single(s.bins), s.from, 16)
				}
			}
		}
	}
}

// LoadPlanes packs spectra into the first count lanes of z, the others becoming
// silent, times scale and, but for bins 0 and n/2, times inner.
func (p *Real) LoadPlanes(z, re, im []float32, count int, scale, inner float32) {
	p.checkPlanes("LoadPlanes", re, im, z, count)
	var rows stripRows
	for from := 0; from < p.Pairs(); from += strip {
		to := min(p.Pairs(), from+strip)
		low, high, at := p.PairBins(from, to)
		for part, plane := range [2][]float32{re, im} {
			loadLanes(rows[8*part:], 16, plane[from:], p.Bins(), count, single(low), nil)
			if high > 0 {
				loadLanes(rows[16*low+8*part:], 16, plane[at:], p.Bins(), count, single(high), nil)
			}
		}
		p.Pack(z, rows[:], from, to, scale, inner)
	}
}

func (p *Real) checkPlanes(op string, re, im, z []float32, count int) {
	if n := count * p.Bins(); count < 1 || count > 8 || len(re) < n || len(im) < n || len(z) != p.PackedLen() {
		panic(fmt.Sprintf("fft.Real.%s: planes of %d and %d floats, packed spectrum of %d, want %d; %d frames",
			op, len(re), len(im), len(z), p.PackedLen(), count))
	}
}
