//go:build amd64 && !purego

package gemm

//go:generate go run -C ../_asm ./gemm -out ../gemm/kernels_amd64.s -stubs ../gemm/kernels_amd64.go -pkg gemm

import "partials/internal/impl"

var useAVX2 bool

func init() { impl.Register(pkg, impl.AVX2, impl.HasAVX2(), &useAVX2) }

// micro is microGeneric, or its AVX2 twin with fused multiply-adds. k is at least 1.
func micro(k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
	if !useAVX2 {
		microGeneric(k, a, b, ldb, c, ldc, add)
		return
	}
	// What the assembly touches, so that a mistake panics here.
	_, _, _ = a[k*mr-1], b[(k-1)*ldb+nr-1], c[(mr-1)*ldc+nr-1]
	micro6x16AVX2(k, &a[0], &b[0], ldb, &c[0], ldc, add)
}
