package cpu

import (
	"math"

	"partials/device"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// SGD implements device.Update.
func (d *Device) SGD(p, g, momentum tensor.Tensor, o device.SGD) {
	device.CheckSameLen("SGD", p, g)
	device.CheckOptional("SGD", p, momentum)
	d.sgd = sgd{numbers(p), numbers(g), numbers(momentum), o}
	d.pool.For(chunks(p.Len(), chunk), &d.sgd)
}

// sgd is one step of SGD. It computes in float64, as the other updates do: a
// step is small beside the weight that it is added to.
type sgd struct {
	p, g, momentum []float32
	device.SGD
}

// Do implements parallel.Task.
func (t *sgd) Do(i, _ int) {
	from, to := i*chunk, min(len(t.p), (i+1)*chunk)
	for i := from; i < to; i++ {
		p := float64(t.p[i]) * (1 - t.Shrink)
		step := float64(t.g[i]) + float64(t.L2*p)
		if t.momentum != nil {
			g := step
			step = float64(t.Momentum*float64(t.momentum[i])) + g
			t.momentum[i] = float32(step)
			if t.Nesterov {
				step = g + float64(t.Momentum*step)
			}
		}
		t.p[i] = float32(p - float64(t.LR*step))
	}
}

// Adam implements device.Update.
func (d *Device) Adam(p, g, m, v tensor.Tensor, o device.Adam) {
	device.CheckSameLen("Adam", p, g, m, v)
	d.adam = adam{numbers(p), numbers(g), numbers(m), numbers(v), o}
	d.pool.For(chunks(p.Len(), chunk), &d.adam)
}

// adam is one step of Adam, AdamW or RAdam.
type adam struct {
	p, g, m, v []float32
	device.Adam
}

// Do implements parallel.Task.
func (t *adam) Do(i, _ int) {
	from, to := i*chunk, min(len(t.p), (i+1)*chunk)
	for i := from; i < to; i++ {
		p := float64(t.p[i]) * (1 - t.Shrink)
		g := float64(t.g[i]) + float64(t.L2*p)
		m := float64(t.m[i])
		m += float64((1 - t.Beta1) * (g - m))
		v := float64(t.Beta2*float64(t.v[i])) + float64((1-t.Beta2)*g*g)
		t.m[i], t.v[i] = float32(m), float32(v)
		step := t.Step * m
		if !t.Unadapted {
			step /= float64(math.Sqrt(v)*t.Root) + t.Eps
		}
		t.p[i] = float32(p - step)
	}
}

// RMSprop implements device.Update.
func (d *Device) RMSprop(p, g, v, mean, momentum tensor.Tensor, o device.RMSprop) {
	device.CheckSameLen("RMSprop", p, g, v)
	device.CheckOptional("RMSprop", p, mean, momentum)
	d.rmsprop = rmsprop{numbers(p), numbers(g), numbers(v), numbers(mean), numbers(momentum), o}
	d.pool.For(chunks(p.Len(), chunk), &d.rmsprop)
}

// rmsprop is one step of RMSprop.
type rmsprop struct {
	p, g, v, mean, momentum []float32
	device.RMSprop
}

// Do implements parallel.Task.
func (t *rmsprop) Do(i, _ int) {
	from, to := i*chunk, min(len(t.p), (i+1)*chunk)
	for i := from; i < to; i++ {
		p := float64(t.p[i]) * (1 - t.Shrink)
		g := float64(t.g[i]) + float64(t.L2*p)
		v := float64(t.Alpha*float64(t.v[i])) + float64((1-t.Alpha)*g*g)
		t.v[i] = float32(v)
		if t.mean != nil {
			mean := float64(t.mean[i])
			mean += float64((1 - t.Alpha) * (g - mean))
			t.mean[i] = float32(mean)
			v = max(v-float64(mean*mean), 0)
		}
		step := g / (math.Sqrt(v) + t.Eps)
		if t.momentum != nil {
			step += float64(t.Momentum * float64(t.momentum[i]))
			t.momentum[i] = float32(step)
		}
		t.p[i] = float32(p - float64(t.LR*step))
	}
}

// Blend implements device.Update.
func (d *Device) Blend(dst, x tensor.Tensor, alpha float64) {
	device.CheckSameLen("Blend", dst, x)
	d.each(func(o operands) {
		for i, v := range o.a {
			at := float64(o.dst[i])
			o.dst[i] = float32(at + float64(o.alpha*(float64(v)-at)))
		}
	}, operands{dst: numbers(dst), a: numbers(x), alpha: alpha})
}

// Clamp implements device.Update.
func (d *Device) Clamp(x tensor.Tensor, bound float64) {
	device.CheckSameLen("Clamp", x)
	d.each(func(o operands) {
		bound := float32(o.alpha)
		for i, v := range o.dst {
			if v > bound {
				o.dst[i] = bound
			} else if v < -bound {
				o.dst[i] = -bound
			}
		}
	}, operands{dst: numbers(x), alpha: bound})
}

// SumSquares implements device.Update.
func (d *Device) SumSquares(dst, x tensor.Tensor) {
	device.CheckScalar("SumSquares", dst, x)
	n := chunks(x.Len(), chunk)
	t := &d.squares
	*t = squares{numbers(x), grow(t.partials, n)}
	d.pool.For(n, t)
	d.fold64.run(d, numbers(dst), t.partials, n, 1, false)
}

// squares is the sums of squares of chunks of x.
type squares struct {
	x        []float32
	partials []float64
}

// Do implements parallel.Task.
func (t *squares) Do(i, _ int) {
	t.partials[i] = vec.SumSquares(t.x[i*chunk : min(len(t.x), (i+1)*chunk)])
}
