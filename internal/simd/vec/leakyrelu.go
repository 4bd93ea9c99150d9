package vec

// LeakyReLU computes
//
//	for i := range dst {
//		if x[i] > 0 { dst[i] = x[i] } else { dst[i] = slope * x[i] }
//	}
func LeakyReLU(dst, x []float32, slope float32) {
	same2("LeakyReLU", len(dst), len(x))
	k := broadcast(slope)
	for i := elementwise(opLeakyReLU, dst, x, x, &k[0]); i < len(dst); i++ {
		if x[i] > 0 {
			dst[i] = x[i]
		} else {
			dst[i] = slope * x[i]
		}
	}
}

// LeakyReLUGrad adds the gradient of LeakyReLU, given its input x:
//
//	for i := range dx {
//		if x[i] > 0 { dx[i] += dy[i] } else { dx[i] += float32(slope * dy[i]) }
//	}
func LeakyReLUGrad(dx, x, dy []float32, slope float32) {
	same3("LeakyReLUGrad", len(dx), len(x), len(dy))
	k := broadcast(slope)
	for i := elementwise(opLeakyReLUGrad, dx, x, dy, &k[0]); i < len(dx); i++ {
		if x[i] > 0 {
			dx[i] += dy[i]
		} else {
			dx[i] += float32(slope * dy[i])
		}
	}
}
