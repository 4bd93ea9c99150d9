package onnx

// products are the operators that multiply by weights.
var products = map[string]operator{
	"MatMul":        {least: 2, most: 2, run: matMul},
	"Conv":          {least: 2, most: 3, attrs: []string{"dilations", "group", "strides"}, run: conv},
	"ConvTranspose": {least: 2, most: 2, attrs: []string{"strides"}, run: convTranspose},
}

// matMul is (..., M, K) times (..., K, N), whose axes in front repeat each
// other.
func matMul(_ options, in []Array) []Array {
	a, b := in[0], in[1]
	if len(a.Dims) == 1 { // a row, and so is the result
		y := matMul(options{}, []Array{a.as([]int{1, a.Dims[0]}), b})[0]
		return []Array{y.as(y.Dims[1:])}
	}
	ra, rb := len(a.Dims), len(b.Dims)
	m, k, n := a.Dims[ra-2], a.Dims[ra-1], b.Dims[rb-1]
	if b.Dims[rb-2] != k {
		panic("inner extents differ")
	}
	batch := repeated(a.Dims[:ra-2], b.Dims[:rb-2])
	ia, ib := places(a.Dims[:ra-2], batch), places(b.Dims[:rb-2], batch)
	y := zeros(append(append([]int{}, batch...), m, n)...)
	for at := range ia {
		x, w, out := a.Values[ia[at]*m*k:], b.Values[ib[at]*k*n:], y.Values[at*m*n:]
		for i := range m {
			for l := range k {
				v := x[i*k+l]
				for j := range n {
					out[i*n+j] += v * w[l*n+j]
				}
			}
		}
	}
	return []Array{y}
}

// conv is x (B, In, T) with w (Out, In/group, K) and a bias (Out).
func conv(o options, in []Array) []Array {
	x, w := in[0], in[1]
	group, dilation, stride := o.number("group", 1), o.list("dilations", []int{1})[0], o.list("strides", []int{1})[0]
	batch, ins, t := x.Dims[0], x.Dims[1], x.Dims[2]
	outs, each, taps := w.Dims[0], w.Dims[1], w.Dims[2]
	if each*group != ins || outs%group != 0 {
		panic("channels and groups do not fit")
	}
	n := (t-dilation*(taps-1)-1)/stride + 1
	y := zeros(batch, outs, n)
	for b := range batch {
		for out := range outs {
			row := y.Values[(b*outs+out)*n:][:n]
			if len(in) > 2 {
				for i := range row {
					row[i] = in[2].Values[out]
				}
			}
			for i := range each {
				src := x.Values[(b*ins+out/(outs/group)*each+i)*t:][:t]
				for k := range taps {
					v := w.Values[(out*each+i)*taps+k]
					for j := range row {
						row[j] += v * src[j*stride+k*dilation]
					}
				}
			}
		}
	}
	return []Array{y}
}

// convTranspose is x (B, In, F) with w (In, 1, K): each number of x adds its
// kernel to the output, stride apart.
func convTranspose(o options, in []Array) []Array {
	x, w := in[0], in[1]
	stride := o.list("strides", []int{1})[0]
	batch, ins, frames, taps := x.Dims[0], x.Dims[1], x.Dims[2], w.Dims[2]
	if w.Dims[0] != ins || w.Dims[1] != 1 {
		panic("channels do not fit")
	}
	n := (frames-1)*stride + taps
	y := zeros(batch, 1, n)
	for b := range batch {
		for i := range ins {
			for f := range frames {
				v := x.Values[(b*ins+i)*frames+f]
				for k := range taps {
					y.Values[b*n+f*stride+k] += v * w.Values[i*taps+k]
				}
			}
		}
	}
	return []Array{y}
}
