package fft

// leafGeneric transforms blocks of radix neighbouring rows of src into the same
// rows of dst, which may be src. re and im are the places of the parts in a row.
func leafGeneric(radix int, dst, src []float32, re, im, blocks int) {
	var x [8]point
	for b := range blocks {
		loadPoints(x[:radix], src[16*b*radix:], re, im, 1)
		butterfly(radix, &x)
		storePoints(dst[16*b*radix:], x[:radix], re, im, 1)
	}
}

// splitGeneric is a pass of a decimation in frequency: butterflies of rows that
// lie srcApart from each other in src, to rows dstApart from each other in dst,
// then the twiddles, radix-1 pairs for each of count butterflies. Rows from some
// of the radix on are not read: they stand for zeros. dst may be src, with the
// same distances. More blocks of radix*count rows follow one another.
func splitGeneric(radix, some int, dst []float32, dstApart int, src []float32, srcApart, re, im, count, blocks int, tw []float32) {
	var x [8]point
	for b := range blocks {
		to, from := dst[16*b*radix*dstApart:], src[16*b*radix*srcApart:]
		for j := range count {
			loadPoints(x[:some], from[16*j:], re, im, srcApart)
			clear(x[some:])
			butterfly(radix, &x)
			twist(x[1:radix], tw[2*j*(radix-1):])
			storePoints(to[16*j:], x[:radix], re, im, dstApart)
		}
	}
}

// joinGeneric is a pass of a decimation in time, the transpose of splitGeneric:
// the twiddles, then the butterflies. Only some of the radix rows are written.
func joinGeneric(radix, some int, dst []float32, dstApart int, src []float32, srcApart, re, im, count, blocks int, tw []float32) {
	var x [8]point
	for b := range blocks {
		to, from := dst[16*b*radix*dstApart:], src[16*b*radix*srcApart:]
		for j := range count {
			loadPoints(x[:radix], from[16*j:], re, im, srcApart)
			twist(x[1:radix], tw[2*j*(radix-1):])
			butterfly(radix, &x)
			storePoints(to[16*j:], x[:some], re, im, dstApart)
		}
	}
}

// twist multiplies points by the pairs of tw.
func twist(x []point, tw []float32) {
	for q := range x {
		p, w := &x[q], complex(tw[2*q], tw[2*q+1])
		for l := range 8 {
			p.set(l, p.at(l)*w)
		}
	}
}

// loadPoints reads x from rows of z that lie apart from each other.
func loadPoints(x []point, z []float32, re, im, apart int) {
	for q := range x {
		row := z[q*apart*16:][:16]
		x[q].re, x[q].im = [8]float32(row[re:]), [8]float32(row[im:])
	}
}

// storePoints writes x to rows of z that lie apart from each other.
func storePoints(z []float32, x []point, re, im, apart int) {
	for q := range x {
		row := z[q*apart*16:][:16]
		*(*[8]float32)(row[re:]) = x[q].re
		*(*[8]float32)(row[im:]) = x[q].im
	}
}

// unpackGeneric makes of the spectrum z of the even and odd samples of a real
// signal, as one complex signal of m points, the bins of the signal's own. Of
// each of count pairs k and m-k, places has the bytes at which their rows begin
// in z. With a = z[k], b = conj(z[m-k]) and the pair w of tw,
//
//	low[i]          = inner * ((a+b) + w*(a-b))
//	high[count-1-i] = inner * conj((a+b) - w*(a-b))
//
// Bins 0 and m are left to the caller.
func unpackGeneric(low, high, z []float32, places []int32, count int, tw []float32, inner float32) {
	for i := range count {
		untangle((*[16]float32)(low[16*i:]), (*[16]float32)(high[16*(count-1-i):]),
			(*[16]float32)(z[places[2*i]/4:]), (*[16]float32)(z[places[2*i+1]/4:]), tw[2*i], tw[2*i+1], inner)
	}
}

// packGeneric is the other way round, and with conjugate pairs: rows of low and
// high become rows of z.
func packGeneric(z, low, high []float32, places []int32, count int, tw []float32, inner float32) {
	for i := range count {
		untangle((*[16]float32)(z[places[2*i]/4:]), (*[16]float32)(z[places[2*i+1]/4:]),
			(*[16]float32)(low[16*i:]), (*[16]float32)(high[16*(count-1-i):]), tw[2*i], tw[2*i+1], inner)
	}
}

func untangle(low, high, a, b *[16]float32, wr, wi, inner float32) {
	for l := range 8 {
		ar, ai, br, bi := a[l], a[8+l], b[l], b[8+l]
		sr, si := inner*(ar+br), inner*(ai-bi)
		dr, di := inner*(ar-br), inner*(ai+bi)
		tr, ti := dr*wr-di*wi, dr*wi+di*wr
		low[l], low[8+l] = sr+tr, si+ti
		high[l], high[8+l] = sr-tr, ti-si
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

// bands are count stretches of n elements, which lie x floats apart in a signal
// (and its window) and dst floats apart in a block of lanes.
type bands struct{ count, n, x, dst int }

// single is one band.
func single(n int) bands { return bands{count: 1, n: n} }

// last is where the last band begins, for bands that far apart.
func (b bands) last(apart int) int { return (b.count - 1) * apart }

// loadLanesGeneric copies, in each band, n elements of each of count rows of x,
// which start pitch elements apart, to the lanes of dst, whose rows are width
// floats apart. Lanes from count on become zero.
func loadLanesGeneric(dst []float32, width int, x []float32, pitch, count int, b bands, window []float32) {
	for band := range b.count {
		x := x[band*b.x:]
		for t := range b.n {
			row := (*[8]float32)(dst[band*b.dst+t*width:])
			for l := range count {
				row[l] = x[l*pitch+t]
			}
			clear(row[count:])
			if window != nil {
				for l := range count {
					row[l] *= window[band*b.x+t]
				}
			}
		}
	}
}

// storeLanesGeneric copies, in each band from the last to the first, n elements
// of each of the first count lanes of src to the rows of x, in lane order.
func storeLanesGeneric(x []float32, pitch, count int, b bands, src []float32, width int) {
	for band := b.count - 1; band >= 0; band-- {
		for l := range count {
			row := x[band*b.x+l*pitch:][:b.n]
			for t := range row {
				row[t] = src[band*b.dst+t*width+l]
			}
		}
	}
}

// addLanesGeneric adds, in each band from the last to the first, n elements of
// each of the first count lanes of src, times the window, to the rows of x, in
// lane order. Products are rounded before they are added, here and in assembly.
func addLanesGeneric(x []float32, pitch, count int, b bands, src []float32, width int, window []float32) {
	for band := b.count - 1; band >= 0; band-- {
		for l := range count {
			row := x[band*b.x+l*pitch:][:b.n]
			for t := range row {
				v := src[band*b.dst+t*width+l]
				if window != nil {
					v = float32(window[band*b.x+t] * v)
				}
				row[t] += v
			}
		}
	}
}
