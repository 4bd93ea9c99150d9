package device

import "partials/tensor"

// Linear is matrix products.
type Linear interface {
	// MatMul is dst[b] = op(x[b]) op(y[b]) for each b of the batch.
	MatMul(dst, x, y tensor.Tensor, p Product)
	// MatMulGrad is dst[b] += op(x[b]) op(y[b]). Where SharedDst is set every
	// batch entry adds into the same dst, in order of b.
	MatMulGrad(dst, x, y tensor.Tensor, p Product)
}

// Product describes a batch of products of row-major matrices:
// dst (M, N) = op(x) (M, K) times op(y) (K, N), where op transposes if asked:
// a transposed x is stored (K, M), a transposed y (N, K). A shared operand has
// no batch axis: the same matrix serves every entry.
type Product struct {
	Batch            int
	M, N, K          int
	TransX, TransY   bool
	SharedX, SharedY bool
	SharedDst        bool // MatMulGrad only: the batch is summed
}
