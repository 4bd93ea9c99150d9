//go:build amd64 && !purego

package fft

import "partials/internal/impl"

// useAVX2 switches the assembly on.
var useAVX2 bool

func init() { impl.Register(pkg, impl.AVX2, impl.HasAVX2(), &useAVX2) }

// Each function below checks, by slicing, that the memory which the assembly
// will touch lies within its arguments.

func leaf(radix int, dst, src []float32, re, im, stride int, leaves []int32) {
	if !useAVX2 || radix == 1 {
		leafGeneric(radix, dst, src, re, im, stride, leaves)
		return
	}
	dst, src = dst[:len(leaves)*radix*16], src[:radix*stride*16]
	dstRe, dstIm, srcRe, srcIm, first, count := &dst[re], &dst[im], &src[re], &src[im], &leaves[0], len(leaves)
	switch radix {
	case 2:
		leaf2(dstRe, dstIm, srcRe, srcIm, stride, first, count)
	case 3:
		leaf3(dstRe, dstIm, srcRe, srcIm, stride, first, count)
	case 4:
		leaf4(dstRe, dstIm, srcRe, srcIm, stride, first, count)
	case 5:
		leaf5(dstRe, dstIm, srcRe, srcIm, stride, first, count)
	case 7:
		leaf7(dstRe, dstIm, srcRe, srcIm, stride, first, count)
	case 8:
		leaf8(dstRe, dstIm, srcRe, srcIm, stride, first, count)
	}
}

func pass(radix int, z []float32, re, im int, tw []float32) {
	if !useAVX2 {
		passGeneric(radix, z, re, im, tw)
		return
	}
	m := len(z) / 16 / radix
	tw = tw[:m*(radix-1)*2]
	switch radix {
	case 2:
		pass2(&z[re], &z[im], m, &tw[0])
	case 3:
		pass3(&z[re], &z[im], m, &tw[0])
	case 4:
		pass4(&z[re], &z[im], m, &tw[0])
	case 5:
		pass5(&z[re], &z[im], m, &tw[0])
	case 7:
		pass7(&z[re], &z[im], m, &tw[0])
	case 8:
		pass8(&z[re], &z[im], m, &tw[0])
	}
}

func mirror(dst, src []float32, m int, tw []float32, inner float32) {
	if !useAVX2 || m < 2 {
		mirrorGeneric(dst, src, m, tw, inner)
		return
	}
	dst, src, tw = dst[:m*16], src[:m*16], tw[:m/2*2]
	mirrorAVX2(&dst[0], &src[0], m, m/2, &tw[0], inner)
}

func mulRows(dst, src []float32, re, im int, tw []float32) {
	if !useAVX2 {
		mulRowsGeneric(dst, src, re, im, tw)
		return
	}
	rows := len(tw) / 2
	dst, src = dst[:rows*16], src[:rows*16]
	mulRowsAVX2(&dst[re], &dst[im], &src[re], &src[im], &tw[0], rows)
}

func loadLanes(dst []float32, width int, x []float32, pitch, count, n int, window []float32) {
	quads := n / 4
	if !useAVX2 || quads == 0 {
		loadLanesGeneric(dst, width, x, pitch, count, n, window)
		return
	}
	_, _ = dst[(n-1)*width+7], x[(count-1)*pitch+n-1]
	var offsets [8]int // a missing lane reads lane 0, and the mask clears it
	var mask [8]uint32
	for l := range count {
		offsets[l], mask[l] = l*pitch, ^uint32(0)
	}
	done := quads * 4
	if window == nil {
		loadLanesAVX2(&dst[0], width, &x[0], &offsets, &mask, quads)
	} else {
		window = window[:n]
		loadWindowedAVX2(&dst[0], width, &x[0], &offsets, &mask, quads, &window[0])
		window = window[done:]
	}
	if done < n {
		loadLanesGeneric(dst[done*width:], width, x[done:], pitch, count, n-done, window)
	}
}

func storeLanes(x []float32, pitch, count, n int, src []float32, width int) {
	octets := n / 8
	if !useAVX2 || octets == 0 {
		storeLanesGeneric(x, pitch, count, n, src, width)
		return
	}
	_, _ = src[(n-1)*width+7], x[(count-1)*pitch+n-1]
	if done := octets * 8; done < n {
		storeLanesGeneric(x[done:], pitch, count, n-done, src[done*width:], width)
	}
	storeLanesAVX2(&x[0], pitch, count, octets, &src[0], width)
}

func addLanes(x []float32, pitch, count, n int, src []float32, width int, window []float32) {
	octets := n / 8
	if !useAVX2 || octets == 0 {
		addLanesGeneric(x, pitch, count, n, src, width, window)
		return
	}
	_, _ = src[(n-1)*width+7], x[(count-1)*pitch+n-1]
	done := octets * 8
	var rest []float32
	if window != nil {
		window = window[:n]
		rest = window[done:]
	}
	if done < n {
		addLanesGeneric(x[done:], pitch, count, n-done, src[done*width:], width, rest)
	}
	if window == nil {
		addLanesAVX2(&x[0], pitch, count, octets, &src[0], width)
	} else {
		addWindowedAVX2(&x[0], pitch, count, octets, &src[0], width, &window[0])
	}
}
