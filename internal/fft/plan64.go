package fft

import (
	"fmt"
	"sync"
)

// Plan holds the tables of the float64 transforms of one length n: the
// reference by which the float32 transforms are measured. It is immutable
// and safe for concurrent use; working memory comes from a pool.
//
// Lengths 2^a 3^b 5^c are mixed-radix, any other length goes through
// Bluestein's algorithm (L. Bluestein, "A linear filtering approach to the
// computation of discrete Fourier transform", 1970): every n is O(n log n).
type Plan struct {
	n       int
	radices []int        // outermost first; empty for n = 1
	roots   []complex128 // roots[k] = exp(-2*pi*i*k/n)
	chirp   []complex128 // Bluestein only
	filter  []complex128 // Bluestein only: spectrum of the conjugate chirp, over its length
	conv    *Plan        // Bluestein only: the plan of len(filter)
	half    *Plan        // even n only: the plan of n/2, for the real transforms
	scratch sync.Pool    // of *[]complex128
}

var plans sync.Map // int -> *Plan

// NewPlan returns the plan for transforms of n >= 1 points. Plans are cached
// by n.
func NewPlan(n int) *Plan {
	if n < 1 {
		panic(fmt.Sprintf("fft.NewPlan: length %d, need at least 1", n))
	}
	if p, ok := plans.Load(n); ok {
		return p.(*Plan)
	}
	p, _ := plans.LoadOrStore(n, newPlan(n))
	return p.(*Plan)
}

func newPlan(n int) *Plan {
	p := &Plan{n: n}
	p.roots = make([]complex128, n)
	for k := range p.roots {
		p.roots[k] = root(k, n)
	}
	rest := n
	for _, radix := range []int{5, 3, 4, 2} {
		for rest%radix == 0 {
			p.radices = append(p.radices, radix)
			rest /= radix
		}
	}
	work := n // complex numbers of scratch
	if rest > 1 {
		size := 1
		for size < 2*n-1 {
			size *= 2
		}
		p.conv = NewPlan(size)
		p.chirp = chirp(n)
		b := make([]complex128, size)
		for k, w := range p.chirp {
			c := complex(real(w), -imag(w)) / complex(float64(size), 0)
			b[k] = c
			b[(size-k)%size] = c
		}
		p.filter = make([]complex128, size)
		p.conv.forward(p.filter, b)
		work += 2 * size
	}
	if n%2 == 0 {
		p.half = NewPlan(n / 2)
	}
	work += n
	p.scratch.New = func() any {
		s := make([]complex128, work)
		return &s
	}
	return p
}

// Len returns n, the number of points of the transform.
func (p *Plan) Len() int { return p.n }

// Bins returns n/2+1, the number of bins of a real signal's spectrum.
func (p *Plan) Bins() int { return p.n/2 + 1 }

// Forward computes dst[k] = sum over t of src[t]*exp(-2*pi*i*k*t/n). Both
// slices have n elements and must not overlap.
func (p *Plan) Forward(dst, src []complex128) {
	p.checkComplex("Forward", dst, src)
	p.forward(dst, src)
}

// Inverse computes dst[t] = sum over k of src[k]*exp(+2*pi*i*k*t/n): the
// inverse transform times n. Both slices have n elements and must not overlap.
func (p *Plan) Inverse(dst, src []complex128) {
	p.checkComplex("Inverse", dst, src)
	p.inverse(dst, src)
}

// RFFT computes bins 0..n/2 of the transform of the real signal x (n
// samples): re[k]+i*im[k] = sum over t of x[t]*exp(-2*pi*i*k*t/n). re and im
// have n/2+1 elements.
func (p *Plan) RFFT(re, im, x []float64) {
	p.checkReal("RFFT", re, im, x)
	buf := p.scratch.Get().(*[]complex128)
	defer p.scratch.Put(buf)
	if p.half == nil {
		in, out := (*buf)[:p.n], (*buf)[p.n:2*p.n]
		for t, v := range x {
			in[t] = complex(v, 0)
		}
		p.forward(out, in)
		for k := range re {
			re[k], im[k] = real(out[k]), imag(out[k])
		}
		im[0] = 0
		return
	}
	// z[t] = x[2t] + i*x[2t+1]; its spectrum holds those of the even and odd samples.
	m := p.n / 2
	in, z := (*buf)[:m], (*buf)[m:2*m]
	for t := range in {
		in[t] = complex(x[2*t], x[2*t+1])
	}
	p.half.forward(z, in)
	for k := 0; k <= m; k++ {
		a, b := z[k%m], z[(m-k)%m]
		b = complex(real(b), -imag(b))
		even, odd := (a+b)/2, (a-b)*complex(0, -0.5)
		v := even + odd*p.roots[k]
		re[k], im[k] = real(v), imag(v)
	}
}

// IRFFT computes the real signal x (n samples) whose spectrum is (re, im),
// times n. As in pocketfft and PyTorch, the imaginary parts of bin 0 and, for
// even n, of bin n/2 are ignored. re and im have n/2+1 elements.
func (p *Plan) IRFFT(x, re, im []float64) {
	p.checkReal("IRFFT", re, im, x)
	buf := p.scratch.Get().(*[]complex128)
	defer p.scratch.Put(buf)
	if p.half == nil {
		in, out := (*buf)[:p.n], (*buf)[p.n:2*p.n]
		in[0] = complex(re[0], 0)
		for k := 1; k < len(re); k++ {
			in[k], in[p.n-k] = complex(re[k], im[k]), complex(re[k], -im[k])
		}
		p.inverse(out, in)
		for t := range x {
			x[t] = real(out[t])
		}
		return
	}
	m := p.n / 2
	in, z := (*buf)[:m], (*buf)[m:2*m]
	in[0] = complex(re[0]+re[m], re[0]-re[m])
	for k := 1; k < m; k++ {
		a, b := complex(re[k], im[k]), complex(re[m-k], -im[m-k])
		w := complex(real(p.roots[k]), -imag(p.roots[k]))
		in[k] = a + b + complex(0, 1)*w*(a-b)
	}
	p.half.inverse(z, in)
	for t, v := range z {
		x[2*t], x[2*t+1] = real(v), imag(v)
	}
}

// inverse is forward with the real and imaginary parts exchanged on both sides.
func (p *Plan) inverse(dst, src []complex128) {
	buf := p.scratch.Get().(*[]complex128)
	in := (*buf)[:p.n]
	for t, v := range src {
		in[t] = complex(imag(v), real(v))
	}
	p.forward(dst, in)
	for k, v := range dst {
		dst[k] = complex(imag(v), real(v))
	}
	p.scratch.Put(buf)
}

func (p *Plan) forward(dst, src []complex128) {
	switch {
	case p.conv != nil:
		p.bluestein(dst, src)
	case p.n == 1:
		dst[0] = src[0]
	default:
		p.block(dst, src, 0, 1)
	}
}

// block transforms the points src[0], src[stride], ... into dst, by decimation
// in time: the radix-th part of the points each, then one pass of butterflies.
func (p *Plan) block(dst, src []complex128, level, stride int) {
	radix := p.radices[level]
	m := len(dst) / radix
	for q := range radix {
		if m == 1 {
			dst[q] = src[q*stride]
		} else {
			p.block(dst[q*m:(q+1)*m], src[q*stride:], level+1, stride*radix)
		}
	}
	switch radix {
	case 2:
		p.pass2(dst, m, stride)
	case 3:
		p.pass3(dst, m, stride)
	case 4:
		p.pass4(dst, m, stride)
	case 5:
		p.pass5(dst, m, stride)
	}
}

// In a pass over a block of length L = n/stride, twiddle q of butterfly j is
// exp(-2*pi*i*q*j/L) = roots[q*j*stride].

func (p *Plan) pass2(z []complex128, m, stride int) {
	for j := range m {
		a, b := z[j], z[j+m]*p.roots[j*stride]
		z[j], z[j+m] = a+b, a-b
	}
}

func (p *Plan) pass3(z []complex128, m, stride int) {
	for j := range m {
		a, b, c := z[j], z[j+m]*p.roots[j*stride], z[j+2*m]*p.roots[2*j*stride]
		t, d := b+c, b-c
		e := a - t/2
		r := complex(sin60*imag(d), -sin60*real(d))
		z[j], z[j+m], z[j+2*m] = a+t, e+r, e-r
	}
}

func (p *Plan) pass4(z []complex128, m, stride int) {
	for j := range m {
		a, b := z[j], z[j+m]*p.roots[j*stride]
		c, d := z[j+2*m]*p.roots[2*j*stride], z[j+3*m]*p.roots[3*j*stride]
		s, t, u, v := a+c, a-c, b+d, b-d
		v = complex(imag(v), -real(v))
		z[j], z[j+m], z[j+2*m], z[j+3*m] = s+u, t+v, s-u, t-v
	}
}

func (p *Plan) pass5(z []complex128, m, stride int) {
	for j := range m {
		a, b := z[j], z[j+m]*p.roots[j*stride]
		c, d := z[j+2*m]*p.roots[2*j*stride], z[j+3*m]*p.roots[3*j*stride]
		e := z[j+4*m] * p.roots[4*j*stride]
		t1, t2, d1, d2 := b+e, c+d, b-e, c-d
		m1 := a + complex(cos72*real(t1)+cos144*real(t2), cos72*imag(t1)+cos144*imag(t2))
		m2 := a + complex(cos144*real(t1)+cos72*real(t2), cos144*imag(t1)+cos72*imag(t2))
		r1 := complex(sin72*imag(d1)+sin144*imag(d2), -sin72*real(d1)-sin144*real(d2))
		r2 := complex(sin144*imag(d1)-sin72*imag(d2), -sin144*real(d1)+sin72*real(d2))
		z[j], z[j+m], z[j+2*m], z[j+3*m], z[j+4*m] = a+t1+t2, m1+r1, m2+r2, m2-r2, m1-r1
	}
}

// bluestein writes k*t as (k*k + t*t - (k-t)*(k-t))/2: a transform is then a
// convolution with a chirp, done at a length that the passes can do.
func (p *Plan) bluestein(dst, src []complex128) {
	size := len(p.filter)
	buf := p.scratch.Get().(*[]complex128)
	a, b := (*buf)[:size], (*buf)[size:2*size]
	for t, v := range src {
		a[t] = v * p.chirp[t]
	}
	clear(a[p.n:])
	p.conv.forward(b, a)
	for k, f := range p.filter {
		b[k] *= f
	}
	p.conv.inverse(a, b)
	for k := range dst {
		dst[k] = a[k] * p.chirp[k]
	}
	p.scratch.Put(buf)
}

func (p *Plan) checkComplex(op string, dst, src []complex128) {
	if len(dst) != p.n || len(src) != p.n {
		panic(fmt.Sprintf("fft.Plan.%s: dst has %d and src %d elements, the plan %d", op, len(dst), len(src), p.n))
	}
	if &dst[0] == &src[0] {
		panic(fmt.Sprintf("fft.Plan.%s: dst and src are the same memory", op))
	}
}

func (p *Plan) checkReal(op string, re, im, x []float64) {
	if len(re) != p.Bins() || len(im) != p.Bins() || len(x) != p.n {
		panic(fmt.Sprintf("fft.Plan.%s: re has %d, im %d and x %d elements, the plan %d bins and %d points",
			op, len(re), len(im), len(x), p.Bins(), p.n))
	}
}
