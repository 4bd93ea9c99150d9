package fft

// bluestein is the complex transform of eight lanes for any length: with
// k*t = (k*k + t*t - (k-t)*(k-t))/2 a transform is a convolution with a chirp,
// done by smooth transforms of at least 2n-1 points. (L. Bluestein, "A linear
// filtering approach to the computation of discrete Fourier transform", 1970.)
type bluestein struct {
	n      int
	conv   *smooth
	chirp  []float32 // n pairs: exp(-pi*i*k*k/n)
	filter []float32 // pairs, row by row of conv's: the spectrum of the conjugate chirp, over its length
}

func newBluestein(n int) *bluestein {
	size := convolutionSize(2*n - 1)
	b := &bluestein{n: n, conv: newSmooth(size)}
	response := make([]complex128, size)
	for k, w := range chirp(n) {
		b.chirp = appendPair(b.chirp, w)
		c := complex(real(w), -imag(w)) / complex(float64(size), 0)
		response[k] = c
		response[(size-k)%size] = c
	}
	spectrum := make([]complex128, size)
	newPlan(size).forward(spectrum, response)
	b.filter = make([]float32, b.conv.blockLen()/8)
	for k, v := range spectrum {
		row := b.conv.place[k] / 64
		b.filter[2*row], b.filter[2*row+1] = float32(real(v)), float32(imag(v))
	}
	return b
}

// convolutionSize returns the smallest 8 * 2^a 3^b 5^c that is at least n.
func convolutionSize(n int) int {
	best := 8
	for best < n {
		best *= 2
	}
	for fives := 8; fives < best; fives *= 5 {
		for threes := fives; threes < best; threes *= 3 {
			for size := threes; size < best; size *= 2 {
				if size >= n {
					best = size
				}
			}
		}
	}
	return best
}

func (b *bluestein) scratchLen() int { return 16*b.conv.n + b.conv.blockLen() }

// transform computes the transform of src in dst. re and im are the places of
// the parts in a row: exchanged, they make it the inverse.
func (b *bluestein) transform(dst, src, scratch []float32, re, im int) {
	n, size := b.n*16, b.conv.n*16
	x, z := scratch[:size], scratch[size:][:b.conv.blockLen()]
	mulRows(x[:n], src, re, im, b.chirp)
	clear(x[n:])
	b.conv.forward(z, x, re, im)
	mulRows(z, z, re, im, b.filter)
	b.conv.inverse(x, z, im, re)
	mulRows(dst, x[:n], re, im, b.chirp)
}
