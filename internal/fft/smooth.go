package fft

// smooth is the complex transform of eight lanes for lengths 2^a 3^b 5^c 7^d,
// mixed radix. Time is in natural order and the spectrum in the order that the
// passes leave it in, which place tells: nothing is ever reordered for its own
// sake. forward is a decimation in frequency, inverse the transpose, a
// decimation in time; both work in place on sub-blocks that halve and halve, so
// that what the caches hold is worked through before the next is fetched.
type smooth struct {
	n      int
	levels []level // outermost first; none where one butterfly is all
	last   int     // the radix of the innermost butterflies, on neighbouring rows
	place  []int32 // for each bin the byte at which its row begins
}

// level splits blocks of radix*apart rows into radix blocks of m rows, apart
// rows from each other.
type level struct {
	radix, m, apart int
	twiddles        []float32 // m rows of radix-1 pairs (re, im)
}

// cached is how many rows a level-1 cache holds beside twiddles and all else.
const cached = 256

// radices factors n into butterfly sizes, outermost first, or reports that n
// has a prime factor over 7. Eights come first: the fewest passes over what no
// cache holds.
func radices(n int) ([]int, bool) {
	var r []int
	twos := 0
	for ; n%2 == 0; n /= 2 {
		twos++
	}
	for ; twos >= 5 || twos == 3; twos -= 3 {
		r = append(r, 8)
	}
	for ; twos >= 2; twos -= 2 {
		r = append(r, 4)
	}
	if twos == 1 {
		r = append(r, 2)
	}
	for _, odd := range []int{7, 5, 3} {
		for ; n%odd == 0; n /= odd {
			r = append(r, odd)
		}
	}
	if n > 1 {
		return nil, false
	}
	if len(r) == 0 {
		r = append(r, 1)
	}
	return r, true
}

// newSmooth returns nil where n is not smooth.
func newSmooth(n int) *smooth {
	r, ok := radices(n)
	if !ok {
		return nil
	}
	s := &smooth{n: n, last: r[len(r)-1]}
	length := n
	for _, radix := range r[:len(r)-1] {
		m := length / radix
		l := level{radix: radix, m: m, apart: m}
		if len(s.levels) == 0 {
			l.apart += 4 // or blocks a power of two apart would share few places of a cache
		}
		for j := range m {
			for q := 1; q < radix; q++ {
				l.twiddles = appendPair(l.twiddles, root(j*q, length))
			}
		}
		s.levels = append(s.levels, l)
		length = m
	}
	// Bin k is in block k mod radix of the first level, there bin k/radix.
	s.place = make([]int32, n)
	for k := range s.place {
		row, bin := 0, k
		for _, l := range s.levels {
			row += bin % l.radix * l.apart
			bin /= l.radix
		}
		s.place[k] = int32(64 * (row + bin))
	}
	return s
}

func appendPair(s []float32, v complex128) []float32 {
	return append(s, float32(real(v)), float32(imag(v)))
}

// blockLen is the length of a block with the spectrum.
func (s *smooth) blockLen() int {
	if len(s.levels) == 0 {
		return 16 * s.n
	}
	return 16 * s.levels[0].radix * s.levels[0].apart
}

// forward computes the transform of the n rows of src in z. re and im are the
// places of the parts in a row: 0 and 8.
func (s *smooth) forward(z, src []float32, re, im int) {
	if len(s.levels) == 0 {
		leaf(s.last, z[:16*s.n], src[:16*s.n], re, im, 1)
		return
	}
	l := &s.levels[0]
	split(l.radix, l.radix, z, l.apart, src, l.m, re, im, l.m, 1, l.twiddles)
	s.forwardRest(z, re, im)
}

// forwardRest is forward without the first pass.
func (s *smooth) forwardRest(z []float32, re, im int) {
	l := &s.levels[0]
	for q := range l.radix {
		s.down(1, z[16*q*l.apart:][:16*l.m], re, im)
	}
}

// down transforms one block of a level in place, pass by pass where it is
// cached.
func (s *smooth) down(i int, z []float32, re, im int) {
	if i < len(s.levels) && len(z) > 16*cached {
		l := &s.levels[i]
		split(l.radix, l.radix, z, l.m, z, l.m, re, im, l.m, 1, l.twiddles)
		for q := range l.radix {
			s.down(i+1, z[16*q*l.m:][:16*l.m], re, im)
		}
		return
	}
	for blocks := 1; i < len(s.levels); i++ {
		l := &s.levels[i]
		split(l.radix, l.radix, z, l.m, z, l.m, re, im, l.m, blocks, l.twiddles)
		blocks *= l.radix
	}
	leaf(s.last, z, z, re, im, len(z)/16/s.last)
}

// inverse computes in the n rows of dst the transpose of forward: the transform
// of what z holds, from the order in which forward leaves it. It spoils z. With
// re and im exchanged, 8 and 0, it is the inverse transform.
func (s *smooth) inverse(dst, z []float32, re, im int) {
	if len(s.levels) == 0 {
		leaf(s.last, dst[:16*s.n], z[:16*s.n], re, im, 1)
		return
	}
	s.inverseRest(z, re, im)
	l := &s.levels[0]
	join(l.radix, l.radix, dst, l.m, z, l.apart, re, im, l.m, 1, l.twiddles)
}

// inverseRest is inverse without the last pass.
func (s *smooth) inverseRest(z []float32, re, im int) {
	l := &s.levels[0]
	for q := range l.radix {
		s.up(1, z[16*q*l.apart:][:16*l.m], re, im)
	}
}

// up is the transpose of down.
func (s *smooth) up(i int, z []float32, re, im int) {
	if i < len(s.levels) && len(z) > 16*cached {
		l := &s.levels[i]
		for q := range l.radix {
			s.up(i+1, z[16*q*l.m:][:16*l.m], re, im)
		}
		join(l.radix, l.radix, z, l.m, z, l.m, re, im, l.m, 1, l.twiddles)
		return
	}
	leaf(s.last, z, z, re, im, len(z)/16/s.last)
	for from := len(s.levels) - 1; from >= i; from-- {
		l := &s.levels[from]
		join(l.radix, l.radix, z, l.m, z, l.m, re, im, l.m, len(z)/16/(l.radix*l.m), l.twiddles)
	}
}
