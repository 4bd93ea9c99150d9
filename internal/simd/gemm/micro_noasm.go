//go:build !amd64 || purego

package gemm

import "partials/internal/impl"

func init() { impl.Register(pkg, impl.Generic, true, nil) }

func micro(k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
	microGeneric(k, a, b, ldb, c, ldc, add)
}
