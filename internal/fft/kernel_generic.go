package fft

// leafGeneric transforms, for each b, the radix rows of src that start at
// leaves[b] and lie stride rows apart, into rows b*radix... of dst. re and im
// are the places of the parts in a row.
func leafGeneric(radix int, dst, src []float32, re, im, stride int, leaves []int32) {
	var x [8]point
	for b, start := range leaves {
		for q := range radix {
			row := src[(int(start)+q*stride)*16:][:16]
			x[q].re, x[q].im = [8]float32(row[re:]), [8]float32(row[im:])
		}
		butterfly(radix, &x)
		storePoints(dst[b*radix*16:], x[:radix], re, im, 1)
	}
}

// passGeneric joins, in place, the radix transforms that z holds one after the
// other, m rows each, to one of radix*m rows. tw has radix-1 pairs for each of
// the m butterflies.
func passGeneric(radix int, z []float32, re, im int, tw []float32) {
	m := len(z) / 16 / radix
	var x [8]point
	for j := range m {
		for q := range radix {
			row := z[(j+q*m)*16:][:16]
			p := &x[q]
			p.re, p.im = [8]float32(row[re:]), [8]float32(row[im:])
			if q == 0 {
				continue
			}
			w := complex(tw[0], tw[1])
			tw = tw[2:]
			for l := range 8 {
				p.set(l, p.at(l)*w)
			}
		}
		butterfly(radix, &x)
		storePoints(z[j*16:], x[:radix], re, im, m)
	}
}

// storePoints writes x to rows of z that lie stride apart.
func storePoints(z []float32, x []point, re, im, stride int) {
	for q := range x {
		row := z[q*stride*16:][:16]
		*(*[8]float32)(row[re:]) = x[q].re
		*(*[8]float32)(row[im:]) = x[q].im
	}
}

// mirrorGeneric passes between the spectrum of a real signal of 2m samples and
// that of its even and odd samples as one complex signal of m points. For
// k = 1..m/2, with a = src[k], b = conj(src[m-k]) and w the k-th pair of tw,
//
//	dst[k]   = inner * ((a+b) + w*(a-b))
//	dst[m-k] = inner * conj((a+b) - w*(a-b))
//
// Row 0 (and m) is left to the caller. dst may be src.
func mirrorGeneric(dst, src []float32, m int, tw []float32, inner float32) {
	for k := 1; k <= m/2; k++ {
		wr, wi := tw[2*k-2], tw[2*k-1]
		a, b := (*[16]float32)(src[k*16:]), (*[16]float32)(src[(m-k)*16:])
		low, high := (*[16]float32)(dst[k*16:]), (*[16]float32)(dst[(m-k)*16:])
		for l := range 8 {
			ar, ai, br, bi := a[l], a[8+l], b[l], b[8+l]
			sr, si := inner*(ar+br), inner*(ai-bi)
			dr, di := inner*(ar-br), inner*(ai+bi)
			tr, ti := dr*wr-di*wi, dr*wi+di*wr
			low[l], low[8+l] = sr+tr, si+ti
			high[l], high[8+l] = sr-tr, ti-si
		}
	}
}

// mulRowsGeneric multiplies row k of src by the k-th pair of tw into dst, which
// may be src. re and im are the places of the parts in a row.
func mulRowsGeneric(dst, src []float32, re, im int, tw []float32) {
	for k := range len(tw) / 2 {
		wr, wi := tw[2*k], tw[2*k+1]
		a, b := (*[16]float32)(src[k*16:]), (*[16]float32)(dst[k*16:])
		for l := range 8 {
			ar, ai := a[re+l], a[im+l]
			b[re+l], b[im+l] = ar*wr-ai*wi, ar*wi+ai*wr
		}
	}
}

// loadLanesGeneric copies n elements of each of count rows of x, which start
// pitch elements apart, to the lanes of dst, whose rows are width floats apart.
// Lanes from count on become zero.
func loadLanesGeneric(dst []float32, width int, x []float32, pitch, count, n int, window []float32) {
	for t := range n {
		row := (*[8]float32)(dst[t*width:])
		for l := range count {
			row[l] = x[l*pitch+t]
		}
		clear(row[count:])
		if window != nil {
			for l := range count {
				row[l] *= window[t]
			}
		}
	}
}

// storeLanesGeneric copies n elements of each of the first count lanes of src
// to the rows of x, in lane order.
func storeLanesGeneric(x []float32, pitch, count, n int, src []float32, width int) {
	for l := range count {
		row := x[l*pitch : l*pitch+n]
		for t := range row {
			row[t] = src[t*width+l]
		}
	}
}

// addLanesGeneric adds n elements of each of the first count lanes of src,
// times the window, to the rows of x, in lane order. Products are rounded
// before they are added, here and in assembly.
func addLanesGeneric(x []float32, pitch, count, n int, src []float32, width int, window []float32) {
	for l := range count {
		row := x[l*pitch : l*pitch+n]
		if window == nil {
			for t := range row {
				row[t] += src[t*width+l]
			}
			continue
		}
		for t := range row {
			row[t] += float32(window[t] * src[t*width+l])
		}
	}
}
