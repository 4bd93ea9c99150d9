package cpu

import "partials/device"

// operands are a run of the operands of a pointwise kernel: equally long, nil
// where the kernel has no such operand.
type operands struct {
	dst, a, b, c []float32
	f            device.Func
	alpha, beta  float64
}

// pointwise is a kernel of which number i of the result depends on numbers i of
// the operands only.
type pointwise struct {
	operands
	kernel func(operands)
}

// each runs the kernel over all numbers.
func (d *Device) each(kernel func(operands), o operands) {
	d.pointwise = pointwise{o, kernel}
	d.pool.For(chunks(len(o.dst), chunk), &d.pointwise)
}

// Do implements parallel.Task.
func (t *pointwise) Do(i, _ int) {
	from, to := i*chunk, min(len(t.dst), (i+1)*chunk)
	o := t.operands
	o.dst = o.dst[from:to]
	if o.a != nil {
		o.a = o.a[from:to]
	}
	if o.b != nil {
		o.b = o.b[from:to]
	}
	if o.c != nil {
		o.c = o.c[from:to]
	}
	t.kernel(o)
}
