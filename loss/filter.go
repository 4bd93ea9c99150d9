package loss

import (
	"partials/autograd"
	"partials/device"
	"partials/ops"
	"partials/tensor"
)

// filter is a FIR filter. Its taps come oldest sample first, so that the last
// one meets the newest:
//
//	y[n] = sum over k of taps[k] * x[n + k - left]
//
// where x is 0 outside. left and right are the samples of padding; without
// any, y begins at the first sample whose inputs all exist.
type filter struct {
	taps        []float64
	left, right int
}

// shrink is how many samples shorter the output is than the input.
func (f filter) shrink() int { return len(f.taps) - 1 - f.left - f.right }

// apply filters every row of x (B, C, T).
func (f filter) apply(t *autograd.Tape, x, taps *autograd.Var) *autograd.Var {
	y := folded(t, x)
	if f.left+f.right > 0 {
		y = ops.Pad(t, y, 2, f.left, f.right)
	}
	y = ops.Conv1D(t, y, taps, nil, device.Conv{Dilation: 1, Groups: 1})
	return ops.Reshape(t, y, tensor.Of(x.Dim(0), x.Dim(1), y.Dim(2)))
}

// filtered is a loss of both signals filtered.
type filtered struct {
	filter filter
	loss   Loss
}

// Draw implements Drawn for a Drawn loss.
func (l *filtered) Draw(step int) {
	if d, ok := l.loss.(Drawn); ok {
		d.Draw(step)
	}
}

// Apply implements Loss.
func (l *filtered) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	taps := t.Put64(tensor.Of(1, 1, len(l.filter.taps)), l.filter.taps)
	return l.loss.Apply(t, l.filter.apply(t, pred, taps), l.filter.apply(t, target, taps))
}
