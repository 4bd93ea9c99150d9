//go:build amd64 && !purego

package fft

import "partials/internal/impl"

// useAVX2 and useAVX512 switch the assembly on. AVX-512 brings 32 registers for
// the large butterflies; the operations and the bits are AVX2's.
var useAVX2, useAVX512 bool

func init() {
	impl.Register(pkg, impl.AVX2, impl.HasAVX2(), &useAVX2)
	impl.Register(pkg, impl.AVX512, impl.HasAVX512(), &useAVX512)
}

func assembly() bool { return useAVX2 || useAVX512 }

// passes are the kernels by radix and, for split and join, by how many rows are
// read or written.
type passes struct {
	leaf        [9]func(dstRe, dstIm, srcRe, srcIm *float32, blocks int)
	split, join [9][9]func(dstRe, dstIm *float32, dstApart int, srcRe, srcIm *float32, srcApart, count, blocks int, tw *float32)
}

var passesAVX2, passesAVX512 = func() (narrow, wide passes) {
	n, w := &narrow, &wide
	n.leaf[2], n.split[2][2], n.join[2][2] = leaf2AVX2, split2AVX2, join2AVX2
	n.leaf[3], n.split[3][3], n.join[3][3] = leaf3AVX2, split3AVX2, join3AVX2
	n.leaf[4], n.split[4][4], n.join[4][4] = leaf4AVX2, split4AVX2, join4AVX2
	n.leaf[5], n.split[5][5], n.join[5][5] = leaf5AVX2, split5AVX2, join5AVX2
	n.leaf[7], n.split[7][7], n.join[7][7] = leaf7AVX2, split7AVX2, join7AVX2
	n.leaf[8], n.split[8][8], n.join[8][8] = leaf8AVX2, split8AVX2, join8AVX2
	n.split[4][2], n.join[4][2] = split4of2AVX2, join4of2AVX2
	n.split[4][3], n.join[4][3] = split4of3AVX2, join4of3AVX2
	n.split[8][4], n.join[8][4] = split8of4AVX2, join8of4AVX2
	n.split[8][5], n.join[8][5] = split8of5AVX2, join8of5AVX2
	n.split[8][6], n.join[8][6] = split8of6AVX2, join8of6AVX2
	*w = *n
	w.leaf[7], w.split[7][7], w.join[7][7] = leaf7AVX512, split7AVX512, join7AVX512
	w.leaf[8], w.split[8][8], w.join[8][8] = leaf8AVX512, split8AVX512, join8AVX512
	w.split[8][4], w.join[8][4] = split8of4AVX512, join8of4AVX512
	w.split[8][5], w.join[8][5] = split8of5AVX512, join8of5AVX512
	w.split[8][6], w.join[8][6] = split8of6AVX512, join8of6AVX512
	return narrow, wide
}()

func kernels() *passes {
	if useAVX512 {
		return &passesAVX512
	}
	return &passesAVX2
}

// Each function below checks, by slicing, that the memory which the assembly
// will touch lies within its arguments.

func leaf(radix int, dst, src []float32, re, im, blocks int) {
	if !assembly() || radix == 1 {
		leafGeneric(radix, dst, src, re, im, blocks)
		return
	}
	dst, src = dst[:16*radix*blocks], src[:16*radix*blocks]
	kernels().leaf[radix](&dst[re], &dst[im], &src[re], &src[im], blocks)
}

func split(radix, some int, dst []float32, dstApart int, src []float32, srcApart, re, im, count, blocks int, tw []float32) {
	if !assembly() {
		splitGeneric(radix, some, dst, dstApart, src, srcApart, re, im, count, blocks, tw)
		return
	}
	dst, src, tw = dst[:reach(radix, radix, dstApart, count, blocks)], src[:reach(radix, some, srcApart, count, blocks)], tw[:2*count*(radix-1)]
	kernels().split[radix][some](&dst[re], &dst[im], dstApart, &src[re], &src[im], srcApart, count, blocks, &tw[0])
}

func join(radix, some int, dst []float32, dstApart int, src []float32, srcApart, re, im, count, blocks int, tw []float32) {
	if !assembly() {
		joinGeneric(radix, some, dst, dstApart, src, srcApart, re, im, count, blocks, tw)
		return
	}
	dst, src, tw = dst[:reach(radix, some, dstApart, count, blocks)], src[:reach(radix, radix, srcApart, count, blocks)], tw[:2*count*(radix-1)]
	kernels().join[radix][some](&dst[re], &dst[im], dstApart, &src[re], &src[im], srcApart, count, blocks, &tw[0])
}

// reach is the length of what a pass touches.
func reach(radix, some, apart, count, blocks int) int {
	return 16 * ((blocks-1)*radix*apart + (some-1)*apart + count)
}

func unpack(low, high, z []float32, places []int32, count int, tw []float32, inner float32) {
	if !assembly() {
		unpackGeneric(low, high, z, places, count, tw, inner)
		return
	}
	low, high, places, tw = low[:16*count], high[:16*count], places[:2*count], tw[:2*count]
	unpackAVX2(&low[0], &high[0], &z[0], &places[0], count, &tw[0], inner)
}

func pack(z, low, high []float32, places []int32, count int, tw []float32, inner float32) {
	if !assembly() {
		packGeneric(z, low, high, places, count, tw, inner)
		return
	}
	low, high, places, tw = low[:16*count], high[:16*count], places[:2*count], tw[:2*count]
	packAVX2(&low[0], &high[0], &z[0], &places[0], count, &tw[0], inner)
}

func mulRows(dst, src []float32, re, im int, tw []float32) {
	if !assembly() {
		mulRowsGeneric(dst, src, re, im, tw)
		return
	}
	rows := len(tw) / 2
	dst, src = dst[:rows*16], src[:rows*16]
	mulRowsAVX2(&dst[re], &dst[im], &src[re], &src[im], &tw[0], rows)
}

func loadLanes(dst []float32, width int, x []float32, pitch, count int, b bands, window []float32) {
	if !assembly() || b.n < 4 {
		loadLanesGeneric(dst, width, x, pitch, count, b, window)
		return
	}
	_, _ = dst[b.last(b.dst)+(b.n-1)*width+7], x[b.last(b.x)+(count-1)*pitch+b.n-1]
	var offsets [8]int // a missing lane reads lane 0, and the mask clears it
	var mask [8]uint32
	for l := range count {
		offsets[l], mask[l] = l*pitch, ^uint32(0)
	}
	load := func(from, quads int) {
		done := 4 * quads
		d, s, dstSkip, xSkip := &dst[from*width], &x[from], b.dst-done*width, b.x-done
		if window == nil {
			loadLanesAVX2(d, width, dstSkip, s, xSkip, &offsets, &mask, quads, b.count)
		} else {
			_ = window[b.last(b.x)+b.n-1]
			loadWindowedAVX2(d, width, dstSkip, s, xSkip, &offsets, &mask, quads, b.count, &window[from])
		}
	}
	load(0, b.n/4)
	if b.n%4 > 0 {
		load(b.n-4, 1) // some once more
	}
}

func storeLanes(x []float32, pitch, count int, b bands, src []float32, width int) {
	if !assembly() || b.n < 8 {
		storeLanesGeneric(x, pitch, count, b, src, width)
		return
	}
	_, _ = src[b.last(b.dst)+(b.n-1)*width+7], x[b.last(b.x)+(count-1)*pitch+b.n-1]
	store := func(from, octets int) {
		last := from + 8*(octets-1)
		storeLanesAVX2(&x[b.last(b.x)+last], b.x-8*octets, pitch, count, octets, b.count,
			&src[b.last(b.dst)+last*width], width, b.dst-8*octets*width)
	}
	if b.n%8 > 0 {
		store(b.n-8, 1)
	}
	store(0, b.n/8) // some once more
}

func addLanes(x []float32, pitch, count int, b bands, src []float32, width int, window []float32) {
	octets := b.n / 8
	if !assembly() || octets == 0 {
		addLanesGeneric(x, pitch, count, b, src, width, window)
		return
	}
	_, _ = src[b.last(b.dst)+(b.n-1)*width+7], x[b.last(b.x)+(count-1)*pitch+b.n-1]
	done := 8 * octets
	if done < b.n {
		rest := b
		rest.n -= done
		var w []float32
		if window != nil {
			w = window[done:]
		}
		addLanesGeneric(x[done:], pitch, count, rest, src[done*width:], width, w)
	}
	last := 8 * (octets - 1)
	to, from := &x[b.last(b.x)+last], &src[b.last(b.dst)+last*width]
	if window == nil {
		addLanesAVX2(to, b.x-done, pitch, count, octets, b.count, from, width, b.dst-done*width)
	} else {
		_ = window[b.last(b.x)+b.n-1]
		addWindowedAVX2(to, b.x-done, pitch, count, octets, b.count, from, width, b.dst-done*width, &window[b.last(b.x)+last])
	}
}
