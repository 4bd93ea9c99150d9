package fft

// A packed spectrum is rows in the order in which the passes leave them. For
// even n it is that of the even and odd samples as one complex signal: bins k
// and n/2-k of the real signal come out of the same two rows.

// Pairs returns how many pairs of bins a packed spectrum is read and written by:
// pair k is bins k and n/2-k for even n, bin k alone for odd n.
func (p *Real) Pairs() int {
	if p.n%2 == 1 {
		return p.Bins()
	}
	return p.n/4 + 1
}

// PairBins returns the bins of the pairs [from, to): low bins from the first
// on, and after them high ones from bin at on, all in ascending order.
func (p *Real) PairBins(from, to int) (low, high, at int) {
	low = to - from
	if p.n%2 == 1 {
		return low, 0, 0
	}
	high, at = low, p.n/2-to+1
	if 4*(to-1) == p.n { // a bin that is its own partner
		high, at = low-1, at+1
	}
	return low, high, at
}

// Unpack writes the bins of the pairs [from, to) of a packed spectrum to rows
// of dst, low ones and then high ones as PairBins tells, times scale and, but
// for bins 0 and n/2, times inner.
func (p *Real) Unpack(dst, z []float32, from, to int, scale, inner float32) {
	low, high, _ := p.PairBins(from, to)
	dst = dst[:16*(low+high)]
	p.unpack(dst, dst[16*high:], z, from, to, scale, inner)
}

// unpack is Unpack with rows for the bins from from on and, for even n, for
// those from n/2-to+1 on. A bin that is its own partner has one row in both.
func (p *Real) unpack(low, high, z []float32, from, to int, scale, inner float32) {
	if p.n%2 == 1 {
		for k := from; k < to; k++ {
			copyRow(low[16*(k-from):], z[p.points.place(k):], scale*inner)
		}
		if from == 0 && to > 0 {
			copyRow(low, z, scale)
			clear(low[8:16])
		}
		return
	}
	if from == 0 && to > 0 {
		first, nyquist, bin0 := (*[16]float32)(low), (*[16]float32)(high[16*(to-1):]), (*[16]float32)(z)
		for l := range 8 {
			even, odd := bin0[l], bin0[8+l]
			first[l], first[8+l] = scale*(even+odd), 0
			nyquist[l], nyquist[8+l] = scale*(even-odd), 0
		}
		from, low = 1, low[16:]
	}
	if to > from {
		unpack(low, high, z, p.places[2*(from-1):], to-from, p.forward[2*(from-1):], scale*inner/2)
	}
}

func copyRow(dst, src []float32, scale float32) {
	dst = dst[:16]
	for i, v := range src[:16] {
		dst[i] = scale * v
	}
}

// Pack is Unpack the other way round: it writes the rows of z that the pairs
// [from, to) stand for, of a packed spectrum whose inverse is n times the real
// signal with those bins, times scale and, but for bins 0 and n/2, times inner.
// The imaginary parts of these two are ignored.
func (p *Real) Pack(z, src []float32, from, to int, scale, inner float32) {
	low, high, _ := p.PairBins(from, to)
	src = src[:16*(low+high)]
	p.pack(z, src, src[16*high:], from, to, scale, inner)
}

func (p *Real) pack(z, low, high []float32, from, to int, scale, inner float32) {
	if p.n%2 == 1 {
		for k := from; k < to; k++ {
			bin := low[16*(k-from):]
			if k == 0 {
				copyRow(z, bin, scale)
				clear(z[8:16])
				continue
			}
			copyRow(z[p.points.place(k):], bin, scale*inner)
			mirror := z[p.points.place(p.n-k):]
			copyRow(mirror, bin, scale*inner)
			for l := 8; l < 16; l++ {
				mirror[l] = -mirror[l]
			}
		}
		return
	}
	if from == 0 && to > 0 {
		first, nyquist, bin0 := (*[16]float32)(low), (*[16]float32)(high[16*(to-1):]), (*[16]float32)(z)
		for l := range 8 {
			bin0[l], bin0[8+l] = scale*(first[l]+nyquist[l]), scale*(first[l]-nyquist[l])
		}
		from, low = 1, low[16:]
	}
	if to > from {
		pack(z, low, high, p.places[2*(from-1):], to-from, p.inverse[2*(from-1):], scale*inner)
	}
}
