package gemm

// microGeneric computes, for i < 6 and j < 16,
//
//	sum := 0
//	for p := range k { sum += float32(a[p*6+i] * b[p*ldb+j]) }
//	c[i*ldc+j] = sum    // or += where add
//
// in tiles of 2 x 4, whose sums stay in registers.
func microGeneric(k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
	for i := 0; i < mr; i += 2 {
		for j := 0; j < nr; j += 4 {
			var s00, s01, s02, s03, s10, s11, s12, s13 float32
			for p := range k {
				x := (*[2]float32)(a[p*mr+i:])
				y := (*[4]float32)(b[p*ldb+j:])
				s00 += float32(x[0] * y[0])
				s01 += float32(x[0] * y[1])
				s02 += float32(x[0] * y[2])
				s03 += float32(x[0] * y[3])
				s10 += float32(x[1] * y[0])
				s11 += float32(x[1] * y[1])
				s12 += float32(x[1] * y[2])
				s13 += float32(x[1] * y[3])
			}
			c0 := (*[4]float32)(c[i*ldc+j:])
			c1 := (*[4]float32)(c[(i+1)*ldc+j:])
			if add {
				s00, s01, s02, s03 = c0[0]+s00, c0[1]+s01, c0[2]+s02, c0[3]+s03
				s10, s11, s12, s13 = c1[0]+s10, c1[1]+s11, c1[2]+s12, c1[3]+s13
			}
			c0[0], c0[1], c0[2], c0[3] = s00, s01, s02, s03
			c1[0], c1[1], c1[2], c1[3] = s10, s11, s12, s13
		}
	}
}
