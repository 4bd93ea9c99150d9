package conv

// microGeneric computes 4 rows by m samples, m <= 24: for r < 4 and u < m,
//
//	sum := start[r]
//	for q := range off { sum += float32(a[q*4+r] * b[off[q]+t+u]) }
//	c[r*stride+u] = sum    // or += where add
func microGeneric(a []float32, off []int, b []float32, t int, start *[rows]float32, c []float32, stride, m int, add bool) {
	for r := range rows {
		var sum [wide]float32
		acc := sum[:m]
		for u := range acc {
			acc[u] = start[r]
		}
		for q, o := range off {
			w := a[q*rows+r]
			for u, v := range b[o+t:][:len(acc)] {
				acc[u] += float32(w * v)
			}
		}
		to := c[r*stride:][:m]
		for u, v := range acc {
			if add {
				to[u] += v
			} else {
				to[u] = v
			}
		}
	}
}

// dotsGeneric computes, for r < 4 and c < 3,
//
//	for i := range n { lane[i%8] += float32(dy[a[r]+i] * x[b[c]+i]) }
//
// and folds the lanes into sum[r*3+c]: j with j+4, j+2, j+1.
func dotsGeneric(n int, dy []float32, a *[rows]int, x []float32, b *[cols]int, sum *[rows * cols]float32) {
	for r, from := range a {
		g := dy[from:][:n]
		for c, at := range b {
			v := x[at:][:n]
			var lane [lanes]float32
			for i, d := range g {
				lane[i%lanes] += float32(d * v[i])
			}
			for w := lanes / 2; w > 0; w /= 2 {
				for j := range w {
					lane[j] += lane[j+w]
				}
			}
			sum[r*cols+c] = lane[0]
		}
	}
}
