package fft

// smooth is the complex transform of eight lanes for lengths 2^a 3^b 5^c 7^d:
// a mixed-radix decimation in time. The leaves read their points from src in
// digit-reversed order and write dst; the passes above them work in place, one
// block after the other while it is in the cache.
type smooth struct {
	n        int
	radices  []int       // outermost first; the last one is that of the leaves
	twiddles [][]float32 // per pass: n/stride/radix rows of radix-1 pairs (re, im)
	leaves   []int32     // the first source row of each leaf
}

// radices factors n into butterfly sizes, outermost first, or reports that n
// has a prime factor over 7.
func radices(n int) ([]int, bool) {
	var r []int
	for _, odd := range []int{7, 5, 3} {
		for ; n%odd == 0; n /= odd {
			r = append(r, odd)
		}
	}
	twos := 0
	for ; n%2 == 0; n /= 2 {
		twos++
	}
	if n > 1 {
		return nil, false
	}
	// Eights, after as many fours as bring the number of twos to a multiple of three.
	for ; twos%3 != 0; twos -= 2 {
		if twos == 1 {
			r = append(r, 2)
			twos = 0
			break
		}
		r = append(r, 4)
	}
	for ; twos > 0; twos -= 3 {
		r = append(r, 8)
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
	s := &smooth{n: n, radices: r}
	length := n
	last := len(r) - 1
	for _, radix := range r[:last] {
		m := length / radix
		tw := make([]float32, 0, m*(radix-1)*2)
		for j := range m {
			for q := 1; q < radix; q++ {
				tw = appendPair(tw, root(j*q, length))
			}
		}
		s.twiddles = append(s.twiddles, tw)
		length = m
	}
	// Leaf b has the digits d0, d1, ... with d0 the most significant; its first
	// row has the same digits with d0 the least significant.
	s.leaves = []int32{0}
	weight := 1
	for _, radix := range r[:last] {
		next := make([]int32, 0, len(s.leaves)*radix)
		for _, row := range s.leaves {
			for d := range radix {
				next = append(next, row+int32(d*weight))
			}
		}
		s.leaves = next
		weight *= radix
	}
	return s
}

func appendPair(s []float32, v complex128) []float32 {
	return append(s, float32(real(v)), float32(imag(v)))
}

// transform computes the transform of the n rows of src into dst. re and im
// are the places of the parts in a row: 0 and 8 for the forward transform;
// exchanged, the same passes compute the inverse.
func (s *smooth) transform(dst, src []float32, re, im int) {
	s.block(dst[:s.n*16], src[:s.n*16], s.leaves, 0, re, im)
}

func (s *smooth) block(dst, src []float32, leaves []int32, level, re, im int) {
	radix := s.radices[level]
	last := len(s.radices) - 1
	if level == last {
		leaf(radix, dst, src, re, im, s.n/radix, leaves)
		return
	}
	if level == last-1 {
		s.block(dst, src, leaves, last, re, im)
	} else {
		part, sub := len(dst)/radix, len(leaves)/radix
		for q := range radix {
			s.block(dst[q*part:(q+1)*part], src, leaves[q*sub:(q+1)*sub], level+1, re, im)
		}
	}
	pass(radix, dst, re, im, s.twiddles[level])
}
