//go:build !amd64 || purego

package conv

import "partials/internal/impl"

func init() { impl.Register(pkg, impl.Generic, true, nil) }

func micro24(a []float32, off []int, b []float32, t int, start *[rows]float32, c []float32, stride int, add bool) {
	microGeneric(a, off, b, t, start, c, stride, wide, add)
}

func micro8(a []float32, off []int, b []float32, t int, start *[rows]float32, c []float32, stride, m int, add bool) {
	microGeneric(a, off, b, t, start, c, stride, m, add)
}

func dots(n int, dy []float32, a *[rows]int, x []float32, b *[cols]int, sum *[rows * cols]float32) {
	dotsGeneric(n, dy, a, x, b, sum)
}
