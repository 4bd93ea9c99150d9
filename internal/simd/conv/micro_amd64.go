//go:build amd64 && !purego

package conv

//go:generate go run -C ../_asm ./conv -out ../conv/kernels_amd64.s -stubs ../conv/kernels_amd64.go -pkg conv

import "partials/internal/impl"

var useAVX2 bool

func init() { impl.Register(pkg, impl.AVX2, impl.HasAVX2(), &useAVX2) }

// masks holds the mask of m lanes at masks[8-m].
var masks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// micro24 is microGeneric on 24 samples, or its AVX2 twin with fused multiply-adds.
func micro24(a []float32, off []int, b []float32, t int, start *[rows]float32, c []float32, stride int, add bool) {
	if !useAVX2 {
		microGeneric(a, off, b, t, start, c, stride, wide, add)
		return
	}
	_ = c[(rows-1)*stride+wide-1]
	micro4x24AVX2(len(off), &a[0], &off[0], &b[0], t, &start[0], &c[0], stride, add)
}

// micro8 is microGeneric on m samples, 1 <= m <= 8, or its AVX2 twin.
func micro8(a []float32, off []int, b []float32, t int, start *[rows]float32, c []float32, stride, m int, add bool) {
	if !useAVX2 {
		microGeneric(a, off, b, t, start, c, stride, m, add)
		return
	}
	_ = c[(rows-1)*stride+m-1]
	micro4x8AVX2(len(off), &a[0], &off[0], &b[0], t, &start[0], &c[0], stride, add, &masks[narrow-m])
}

// dots is dotsGeneric, or its AVX2 twin with fused multiply-adds.
func dots(n int, dy []float32, a *[rows]int, x []float32, b *[cols]int, sum *[rows * cols]float32) {
	if !useAVX2 {
		dotsGeneric(n, dy, a, x, b, sum)
		return
	}
	dots4x3AVX2(n, &dy[0], &a[0], &x[0], &b[0], &sum[0], &masks[narrow-n%narrow])
}
