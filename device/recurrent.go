package device

import "partials/tensor"

// Recurrent runs one recurrent layer over a whole sequence. Signals are
// (B, T, channels), states (B, H). Weights are PyTorch's: wi (G*H, In),
// wh (G*H, H), and two biases bi, bh (G*H), with G gates: LSTM i, f, g, o;
// GRU r, z, n.
//
// Sequence.Gates keeps the activated gates for the gradient, Sequence.Cells
// the cell states of an LSTM or, for a GRU, Wh_n h + bh_n, the term that the
// reset gate multiplies.
type Recurrent interface {
	// Recur computes y (B, T, H), the hidden states. The initial states may be
	// absent (zeros); C0 is for LSTM only.
	Recur(r Cell, s Sequence, y tensor.Tensor, w RecurrentWeights, x tensor.Tensor)
	// RecurGrad adds the gradients of x, the initial states and the weights
	// that are not absent in dx, ds and dw. Nothing else may be absent but dhT,
	// dcT and what was absent in Recur. ds.H0, ds.C0 are the gradients of
	// the initial states. dy is the gradient of y; dhT and dcT (B, H), which
	// may be absent, those of the last states.
	RecurGrad(r Cell, dx tensor.Tensor, ds InitialState, dw RecurrentWeights, dy, dhT, dcT tensor.Tensor,
		s Sequence, y tensor.Tensor, w RecurrentWeights, x tensor.Tensor)
}

// Gated recurrent cells.
const (
	LSTM Kind = iota // Hochreiter and Schmidhuber 1997, with forget gate
	GRU              // Cho et al. 2014, reset after the product as in cuDNN and PyTorch
)

// Kind is a kind of recurrent cell.
type Kind uint8

// Gates is the number of gate blocks in the cell's weights.
func (k Kind) Gates() int {
	if k == GRU {
		return 3
	}
	return 4
}

// String is "LSTM" or "GRU".
func (k Kind) String() string {
	if k == GRU {
		return "GRU"
	}
	return "LSTM"
}

// Cell says how a recurrent layer runs.
type Cell struct {
	Kind Kind
	// Detach, if above 0, cuts the gradient through the state before every
	// sample whose index is a positive multiple of it: truncated
	// backpropagation through time.
	Detach int
}

// InitialState is the state before the first sample, (B, H) each.
type InitialState struct{ H0, C0 tensor.Tensor }

// Sequence is what one run reads and leaves besides its output.
type Sequence struct {
	InitialState
	Gates tensor.Tensor // (B, T, G*H), written by Recur
	Cells tensor.Tensor // (B, T, H), written by Recur: LSTM c, GRU Wh_n h + bh_n
}

// RecurrentWeights are one layer's weights, or their gradients.
type RecurrentWeights struct{ Wi, Wh, Bi, Bh tensor.Tensor }
