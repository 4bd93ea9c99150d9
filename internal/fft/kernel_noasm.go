//go:build !amd64 || purego

package fft

import "partials/internal/impl"

func init() { impl.Register(pkg, impl.Generic, true, nil) }

func leaf(radix int, dst, src []float32, re, im, blocks int) {
	leafGeneric(radix, dst, src, re, im, blocks)
}

func split(radix, some int, dst []float32, dstApart int, src []float32, srcApart, re, im, count, blocks int, tw []float32) {
	splitGeneric(radix, some, dst, dstApart, src, srcApart, re, im, count, blocks, tw)
}

func join(radix, some int, dst []float32, dstApart int, src []float32, srcApart, re, im, count, blocks int, tw []float32) {
	joinGeneric(radix, some, dst, dstApart, src, srcApart, re, im, count, blocks, tw)
}

func unpack(low, high, z []float32, places []int32, count int, tw []float32, inner float32) {
	unpackGeneric(low, high, z, places, count, tw, inner)
}

func pack(z, low, high []float32, places []int32, count int, tw []float32, inner float32) {
	packGeneric(z, low, high, places, count, tw, inner)
}

func mulRows(dst, src []float32, re, im int, tw []float32) { mulRowsGeneric(dst, src, re, im, tw) }

func loadLanes(dst []float32, width int, x []float32, pitch, count int, b bands, window []float32) {
	loadLanesGeneric(dst, width, x, pitch, count, b, window)
}

func storeLanes(x []float32, pitch, count int, b bands, src []float32, width int) {
	storeLanesGeneric(x, pitch, count, b, src, width)
}

func addLanes(x []float32, pitch, count int, b bands, src []float32, width int, window []float32) {
	addLanesGeneric(x, pitch, count, b, src, width, window)
}
