package fft

import "fmt"

// LoadFrames fills a time block from count (1 to 8) frames of the signal x,
// frame l starting at x[l*hop]:
//
//	dst[t*8+l] = window[t] * x[l*hop+t]
//
// The frame length n is len(dst)/8. A nil window stands for ones. Lanes from
// count on are zero. With hop = n and no window, x is a row-major (count, n)
// matrix.
func LoadFrames(dst, x []float32, hop, count int, window []float32) {
	checkFrames("LoadFrames", dst, x, hop, count, window)
	loadLanes(dst, 8, x, hop, count, single(len(dst)/8), window)
}

// StoreFrames copies the first count frames of a time block to the signal x,
// frame l to x[l*hop:], in lane order: x[l*hop+t] = src[t*8+l].
func StoreFrames(x, src []float32, hop, count int) {
	checkFrames("StoreFrames", src, x, hop, count, nil)
	storeLanes(x, hop, count, single(len(src)/8), src, 8)
}

// AddFrames is overlap-add, and the transpose of LoadFrames: it adds the first
// count windowed frames of a time block to the signal x,
//
//	x[l*hop+t] += window[t] * src[t*8+l]
//
// Every sample of x receives its frames in lane order, so overlap-adding block
// after block gives the same bits however lanes and blocks are cut. A nil
// window stands for ones.
func AddFrames(x, src []float32, hop, count int, window []float32) {
	checkFrames("AddFrames", src, x, hop, count, window)
	addLanes(x, hop, count, single(len(src)/8), src, 8, window)
}

// LoadSpectrum fills a spectrum block from the row-major planes re and im, each
// (count, bins) with bins = len(dst)/16 and count 1 to 8. Lanes from count on
// are zero.
func LoadSpectrum(dst, re, im []float32, count int) {
	bins := checkSpectrum("LoadSpectrum", dst, re, im, count)
	loadLanes(dst, 16, re, bins, count, single(bins), nil)
	loadLanes(dst[8:], 16, im, bins, count, single(bins), nil)
}

// StoreSpectrum copies the first count spectra of a block to the row-major
// planes re and im, each (count, bins) with bins = len(src)/16.
func StoreSpectrum(re, im, src []float32, count int) {
	bins := checkSpectrum("StoreSpectrum", src, re, im, count)
	storeLanes(re, bins, count, single(bins), src, 16)
	storeLanes(im, bins, count, single(bins), src[8:], 16)
}

// AddSpectrum adds the first count spectra of a block to the row-major planes
// re and im, each (count, bins) with bins = len(src)/16.
func AddSpectrum(re, im, src []float32, count int) {
	bins := checkSpectrum("AddSpectrum", src, re, im, count)
	addLanes(re, bins, count, single(bins), src, 16, nil)
	addLanes(im, bins, count, single(bins), src[8:], 16, nil)
}

func checkFrames(op string, block, x []float32, hop, count int, window []float32) {
	n := len(block) / 8
	if n < 1 || len(block)%8 != 0 || hop < 0 || count < 1 || count > 8 || len(x) < (count-1)*hop+n ||
		window != nil && len(window) != n {
		panic(fmt.Sprintf("fft.%s: time block of %d floats, signal of %d, hop %d, %d frames, window of %d",
			op, len(block), len(x), hop, count, len(window)))
	}
}

func checkSpectrum(op string, block, re, im []float32, count int) int {
	bins := len(block) / 16
	if bins < 1 || len(block)%16 != 0 || count < 1 || count > 8 || len(re) < count*bins || len(im) < count*bins {
		panic(fmt.Sprintf("fft.%s: spectrum block of %d floats, planes of %d and %d, %d frames",
			op, len(block), len(re), len(im), count))
	}
	return bins
}
