//go:build !amd64 || purego

package fft

import "partials/internal/impl"

func init() { impl.Register(pkg, impl.Generic, true, nil) }

func leaf(radix int, dst, src []float32, re, im, stride int, leaves []int32) {
	leafGeneric(radix, dst, src, re, im, stride, leaves)
}

func pass(radix int, z []float32, re, im int, tw []float32) { passGeneric(radix, z, re, im, tw) }

func mirror(dst, src []float32, m int, tw []float32, inner float32) {
	mirrorGeneric(dst, src, m, tw, inner)
}

func mulRows(dst, src []float32, re, im int, tw []float32) { mulRowsGeneric(dst, src, re, im, tw) }

func loadLanes(dst []float32, width int, x []float32, pitch, count, n int, window []float32) {
	loadLanesGeneric(dst, width, x, pitch, count, n, window)
}

func storeLanes(x []float32, pitch, count, n int, src []float32, width int) {
	storeLanesGeneric(x, pitch, count, n, src, width)
}

func addLanes(x []float32, pitch, count, n int, src []float32, width int, window []float32) {
	addLanesGeneric(x, pitch, count, n, src, width, window)
}
