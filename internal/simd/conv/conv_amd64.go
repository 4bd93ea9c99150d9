//go:build amd64 && !purego

package conv

//go:generate go run -C ../_asm ./conv -out ../conv/kernels_amd64.s -stubs ../conv/kernels_amd64.go -pkg conv

import "partials/internal/impl"

var useAVX2 bool

func init() { impl.Register(pkg, impl.AVX2, impl.HasAVX2(), &useAVX2) }

// masks holds the mask of m lanes at masks[8-m].
var masks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// widths are how many samples the tiles have, by their rows.
var widths = [group + 1]int{1: 80, 2: 48, 3: 24, 4: 24}

// run is runGeneric, or its AVX2 twin with fused multiply-adds.
func (p *product) run(n int) {
	if !useAVX2 {
		p.runGeneric(n)
		return
	}
	terms, step := len(p.off), 4*p.step*p.rows
	a, off, b, start := &p.a[0], &p.off[0], &p.b[0], &p.start[0]
	_ = p.c[(p.rows*p.blocks-1)*p.stride+n-1]
	c, was := p.c, p.was
	if was != nil {
		_ = was[(p.rows*p.blocks-1)*p.stride+n-1]
	}
	u := 0
	if strips := n / widths[p.rows]; strips > 0 {
		switch c, was := &c[0], first(was, 0); p.rows {
		case 1:
			product1x80AVX2(terms, 1, strips, a, step, off, b, p.t, start, c, was, p.stride)
		case 2:
			product2x48AVX2(terms, 1, strips, a, step, off, b, p.t, start, c, was, p.stride)
		case 3:
			product3x24AVX2(terms, 1, strips, a, step, off, b, p.t, start, c, was, p.stride)
		case 4:
			product4x24AVX2(terms, p.blocks, strips, a, step, off, b, p.t, start, c, was, p.stride)
		}
		u = strips * widths[p.rows]
	}
	for ; u < n; u += lanes {
		mask := &masks[lanes-min(lanes, n-u)]
		switch c, was := &c[u], first(was, u); p.rows {
		case 1:
			product1AVX2(terms, 1, 1, a, step, off, b, p.t+u, start, c, was, p.stride, mask)
		case 2:
			product2AVX2(terms, 1, 1, a, step, off, b, p.t+u, start, c, was, p.stride, mask)
		case 3:
			product3AVX2(terms, 1, 1, a, step, off, b, p.t+u, start, c, was, p.stride, mask)
		case 4:
			product4AVX2(terms, p.blocks, 1, a, step, off, b, p.t+u, start, c, was, p.stride, mask)
		}
	}
}

// first is where x[i:] starts, or nil where there is no x.
func first(x []float32, i int) *float32 {
	if x == nil {
		return nil
	}
	return &x[i]
}

// inner is innerGeneric, or its AVX2 twin with fused multiply-adds.
func inner(n, rows, blocks, tiles int, a, b [][]float32, to []float32) {
	if !useAVX2 {
		innerGeneric(n, rows, blocks, tiles, a, b, to)
		return
	}
	_ = to[rows*blocks*tiles*across[rows]*lanes-1]
	mask := &masks[lanes-n%lanes]
	switch a, b, to := &a[0], &b[0], &to[0]; rows {
	case 1:
		inner1x8AVX2(n, a, 1, b, tiles, to, mask)
	case 2:
		inner2x6AVX2(n, a, 1, b, tiles, to, mask)
	case 3:
		inner3x4AVX2(n, a, 1, b, tiles, to, mask)
	case 4:
		inner4x3AVX2(n, a, blocks, b, tiles, to, mask)
	}
}

// fold is foldGeneric, or its AVX2 twin.
func fold(from, sums []float32) {
	if !useAVX2 {
		foldGeneric(from, sums)
		return
	}
	_ = from[len(sums)*lanes-1]
	foldAVX2(len(sums)/8, &from[0], &sums[0])
}
