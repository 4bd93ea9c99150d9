package loss

import (
	"errors"
	"fmt"
	"math"

	"partials/autograd"
	"partials/device"
	"partials/internal/config"
	"partials/tensor"
)

// Balance makes every term of a sum pull at the prediction as hard as its weight
// says, whatever its scale: the gradient of a term at the prediction is divided
// by the moving average of its norm. EnCodec's loss balancer,
// https://arxiv.org/abs/2210.13438, section 3.4. The zero value balances nothing.
type Balance struct {
	Norm    float64 `yaml:"norm" doc:"norm of the balanced gradients of all terms together, of which each has its weight's share; 0 for no balance: weights are then factors of the terms"`
	EMA     float64 `yaml:"ema" doc:"decay of the moving averages of norms"`
	PerItem bool    `yaml:"per_item" doc:"average the norms of the items of a batch, in place of the norm of the batch"`
}

// Validate implements config.Validator.
func (b Balance) Validate() error {
	var errs []error
	if !(b.Norm >= 0) {
		errs = append(errs, config.Field("norm", b.Norm, "at least 0"))
	}
	if !(b.EMA >= 0 && b.EMA < 1) {
		errs = append(errs, config.Field("ema", b.EMA, "at least 0 and below 1"))
	}
	return errors.Join(errs...)
}

// meanNorm is the moving average of a gradient's norm: total/count.
type meanNorm struct {
	total, count float64
	items        []float64
}

// balanced hands the prediction on to one term and, on the way back, balances
// the term's gradient.
type balanced struct {
	Balance
	mean   *meanNorm
	weight float64 // that the gradient comes multiplied by
	share  float64 // of the weight in the sum of all
}

// String names the function in errors.
func (*balanced) String() string { return "loss.Balance" }

func (f *balanced) Forward(c *autograd.Call) tensor.Tensor { return c.In(0) }

// Backward adds share*norm * g / (mean norm of g).
func (f *balanced) Backward(c *autograd.Call, dy tensor.Tensor) {
	const eps = 1e-12 // EnCodec's
	f.mean.total = float64(f.EMA*f.mean.total) + f.norm(c, dy)/f.weight
	f.mean.count = float64(f.EMA*f.mean.count) + 1
	if dx, ok := c.Grad(0); ok {
		c.Device().AddScaled(dx, f.share*f.Norm/(eps+f.mean.total/f.mean.count)/f.weight, dy)
	}
}

// norm is the L2 norm of dy (B, ...), or the mean of those of its items.
func (f *balanced) norm(c *autograd.Call, dy tensor.Tensor) float64 {
	rows := dy.Dim(0)
	squares, sums := c.New(dy.Shape), c.New(tensor.Of(rows))
	c.Device().Map(device.Square, 0, squares, dy)
	c.Device().Sum(sums, squares, device.Axis{Outer: rows, N: dy.Len() / rows, Inner: 1})
	if len(f.mean.items) < rows {
		f.mean.items = make([]float64, rows)
	}
	items := f.mean.items[:rows]
	c.Read(items, sums)
	c.Release(squares)
	c.Release(sums)
	mean, all := 0.0, 0.0
	for _, v := range items {
		mean += math.Sqrt(v) / float64(rows)
		all += v
	}
	if f.PerItem {
		return mean
	}
	return math.Sqrt(all)
}

// balance is the prediction as term i sees it.
func (s *Sum) balance(t *autograd.Tape, i int, pred *autograd.Var) *autograd.Var {
	if s.balancing.Norm == 0 || s.weight[i] == 0 {
		return pred
	}
	return autograd.Apply(t, balanced{s.balancing, &s.norms[i], s.weight[i], s.weight[i] / s.weights}, autograd.In{pred})
}

// State is what a balance remembers from step to step; empty without one.
func (s *Sum) State() []float64 {
	if s.balancing.Norm == 0 {
		return nil
	}
	var state []float64
	for _, n := range s.norms {
		state = append(state, n.total, n.count)
	}
	return state
}

// Restore brings back what State gave.
func (s *Sum) Restore(state []float64) error {
	if want := len(s.State()); len(state) != want {
		return fmt.Errorf("the loss has a balance of %d numbers, and %d were saved", want, len(state))
	}
	for i := range len(state) / 2 {
		s.norms[i].total, s.norms[i].count = state[2*i], state[2*i+1]
	}
	return nil
}
