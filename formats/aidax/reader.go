package aidax

import "math"

// Reader plays a file in float64, with plain loops, from a state of zeros.
type Reader struct {
	f    *File
	h, c []float64
	x    []float64
}

// NewReader returns a reader at the start of a signal.
func NewReader(f *File) *Reader {
	return &Reader{f: f, h: make([]float64, f.Hidden), c: make([]float64, f.Hidden), x: make([]float64, f.Inputs)}
}

// Process plays the next samples, with the knobs where they stand.
func (r *Reader) Process(dst, src []float32, knobs ...float32) {
	for i := range r.x[1:] {
		r.x[i+1] = 0
		if i < len(knobs) {
			r.x[i+1] = float64(knobs[i])
		}
	}
	for t, v := range src {
		r.x[0] = float64(v)
		if r.f.Cell == LSTM {
			r.lstm()
		} else {
			r.gru()
		}
		y := float64(r.f.Offset)
		for i, h := range r.h {
			y += h * float64(r.f.Dense[i][0])
		}
		if r.f.Skip {
			y += r.x[0]
		}
		dst[t] = float32(y)
	}
}

// gate is bias k, and column k of the kernel's rows times x.
func gate(rows [][]float32, x []float64, k int, bias float32) float64 {
	sum := float64(bias)
	for i, v := range x {
		sum += v * float64(rows[i][k])
	}
	return sum
}

// lstm takes a step: gates i, f, g, o.
func (r *Reader) lstm() {
	n := r.f.Hidden
	z := make([]float64, 4*n)
	for k := range z {
		z[k] = gate(r.f.Kernel, r.x, k, r.f.Bias[0][k]) + gate(r.f.Recur, r.h, k, 0)
	}
	for i := range n {
		r.c[i] = sigmoid(z[n+i])*r.c[i] + sigmoid(z[i])*math.Tanh(z[2*n+i])
		r.h[i] = sigmoid(z[3*n+i]) * math.Tanh(r.c[i])
	}
}

// gru takes a step: gates z, r, n, the reset after the product.
func (r *Reader) gru() {
	n := r.f.Hidden
	in, state := make([]float64, 3*n), make([]float64, 3*n)
	for k := range in {
		in[k] = gate(r.f.Kernel, r.x, k, r.f.Bias[0][k])
		state[k] = gate(r.f.Recur, r.h, k, r.f.Bias[1][k])
	}
	for i := range n {
		update, reset := sigmoid(in[i]+state[i]), sigmoid(in[n+i]+state[n+i])
		candidate := math.Tanh(in[2*n+i] + reset*state[2*n+i])
		r.h[i] = update*r.h[i] + (1-update)*candidate
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Check plays the self-test and returns the largest difference from what the
// file says of it.
func (f *File) Check() float64 {
	y := make([]float32, len(f.Test.Input))
	NewReader(f).Process(y, f.Test.Input)
	most := 0.0
	for i, v := range y {
		most = math.Max(most, math.Abs(float64(v)-float64(f.Test.Output[i])))
	}
	return most
}
