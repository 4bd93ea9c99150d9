package onnx

import "slices"

// shapes are the operators that move numbers or sum them along axes.
var shapes = map[string]operator{
	"Concat": {least: 1, most: -1, attrs: []string{"axis"}, run: concat},
	"Expand": {least: 2, most: 2, run: func(_ options, in []Array) []Array {
		return []Array{pick(in[0], repeated(in[0].Dims, in[1].whole()))}
	}},
	"Pad": {least: 2, most: 3, attrs: []string{"mode"}, run: pad},
	"ReduceSum": {least: 1, most: 2, attrs: []string{"keepdims"}, run: func(o options, in []Array) []Array {
		axes := in[0].axes()
		if len(in) == 2 {
			axes = in[1].whole()
		}
		return []Array{reduce(in[0], axes, func(x float64) float64 { return x })}
	}},
	"ReduceSumSquare": {least: 1, most: 1, attrs: []string{"axes", "keepdims"}, run: func(o options, in []Array) []Array {
		return []Array{reduce(in[0], o.list("axes", in[0].axes()), func(x float64) float64 { return x * x })}
	}},
	"Reshape": {least: 2, most: 2, run: func(_ options, in []Array) []Array {
		dims := in[1].whole()
		if length(dims) != len(in[0].Values) {
			panic("the shape has another number of entries")
		}
		return []Array{in[0].as(dims)}
	}},
	"Shape": {least: 1, most: 1, run: func(_ options, in []Array) []Array {
		y := Array{Dims: []int{len(in[0].Dims)}, Whole: true}
		for _, d := range in[0].Dims {
			y.Values = append(y.Values, float64(d))
		}
		return []Array{y}
	}},
	"Slice": {least: 4, most: 4, run: func(_ options, in []Array) []Array {
		x := in[0]
		axis := x.axisOf(in[3].whole()[0])
		n := x.Dims[axis]
		at := func(a Array) int {
			i := a.whole()[0]
			if i < 0 {
				i += n
			}
			return min(max(i, 0), n)
		}
		return []Array{cut(x, axis, at(in[1]), at(in[2]))}
	}},
	"Split": {least: 2, most: 2, outputs: 2, attrs: []string{"axis"}, run: func(o options, in []Array) []Array {
		axis, sizes := o.number("axis", 0), in[1].whole()
		return []Array{cut(in[0], axis, 0, sizes[0]), cut(in[0], axis, sizes[0], sizes[0]+sizes[1])}
	}},
	"Squeeze": {least: 2, most: 2, run: func(_ options, in []Array) []Array {
		var dims []int
		for i, d := range in[0].Dims {
			if !slices.Contains(in[1].whole(), i) {
				dims = append(dims, d)
			} else if d != 1 {
				panic("an axis to be dropped is longer than 1")
			}
		}
		return []Array{in[0].as(dims)}
	}},
	"Unsqueeze": {least: 2, most: 2, run: func(_ options, in []Array) []Array {
		axes := in[1].whole()
		left := in[0].Dims
		var dims []int
		for i := range len(left) + len(axes) {
			if slices.Contains(axes, i) {
				dims = append(dims, 1)
			} else {
				dims, left = append(dims, left[0]), left[1:]
			}
		}
		return []Array{in[0].as(dims)}
	}},
	"Transpose": {least: 1, most: 1, attrs: []string{"perm"}, run: func(o options, in []Array) []Array {
		return []Array{transpose(in[0], o.list("perm", nil))}
	}},
}

func (a Array) axes() []int {
	axes := make([]int, len(a.Dims))
	for i := range axes {
		axes[i] = i
	}
	return axes
}

// as is a's numbers in another shape.
func (a Array) as(dims []int) Array { return Array{Dims: dims, Values: a.Values, Whole: a.Whole} }

// pick is x repeated to dims.
func pick(x Array, dims []int) Array {
	y := zeros(dims...)
	for i, at := range places(x.Dims, dims) {
		y.Values[i] = x.Values[at]
	}
	return y
}

func concat(o options, in []Array) []Array {
	axis := in[0].axisOf(o.number("axis", 0))
	dims := slices.Clone(in[0].Dims)
	dims[axis] = 0
	for _, x := range in {
		dims[axis] += x.Dims[axis]
	}
	y := Array{Dims: dims, Whole: in[0].Whole}
	outer, _, _ := y.around(axis)
	for o := range outer {
		for _, x := range in {
			_, n, inner := x.around(axis)
			y.Values = append(y.Values, x.Values[o*n*inner:(o+1)*n*inner]...)
		}
	}
	if len(y.Values) != length(dims) {
		panic("shapes differ in other axes than the one joined")
	}
	return []Array{y}
}

// cut is the entries from, to of an axis.
func cut(x Array, axis, from, to int) Array {
	to = max(from, to)
	y := Array{Dims: slices.Clone(x.Dims), Whole: x.Whole}
	y.Dims[axis] = to - from
	outer, n, inner := x.around(axis)
	for o := range outer {
		y.Values = append(y.Values, x.Values[(o*n+from)*inner:(o*n+to)*inner]...)
	}
	return y
}

func pad(o options, in []Array) []Array {
	x, pads := in[0], in[1].whole()
	for axis := range x.Dims {
		before, after := pads[axis], pads[len(x.Dims)+axis]
		if before == 0 && after == 0 {
			continue
		}
		outer, n, inner := x.around(axis)
		y := zeros(slices.Replace(slices.Clone(x.Dims), axis, axis+1, before+n+after)...)
		if len(in) > 2 {
			for i := range y.Values {
				y.Values[i] = in[2].Values[0]
			}
		}
		for i := range before + n + after {
			at := i - before
			switch mode := o.text("mode", "constant"); {
			case at >= 0 && at < n:
			case mode == "edge":
				at = min(max(at, 0), n-1)
			case mode == "reflect" && at < 0:
				at = -at
			case mode == "reflect":
				at = 2*(n-1) - at
			default:
				continue
			}
			for o := range outer {
				copy(y.Values[(o*(before+n+after)+i)*inner:][:inner], x.Values[(o*n+at)*inner:])
			}
		}
		x = y
	}
	return []Array{x}
}

// reduce sums f over axes and drops them.
func reduce(x Array, axes []int, f func(float64) float64) Array {
	kept := slices.Clone(x.Dims)
	var dims []int
	for i, d := range x.Dims {
		if slices.Contains(axes, i) {
			kept[i] = 1
		} else {
			dims = append(dims, d)
		}
	}
	y := zeros(dims...)
	for i, at := range places(kept, x.Dims) {
		y.Values[at] += f(x.Values[i])
	}
	return y
}

func transpose(x Array, perm []int) Array {
	dims := make([]int, len(perm))
	strides := make([]int, len(perm)) // in x, of the result's axes
	for i, p := range perm {
		dims[i] = x.Dims[p]
		strides[i] = length(x.Dims[p+1:])
	}
	index := []int{0}
	for i, d := range dims {
		next := make([]int, 0, len(index)*d)
		for _, at := range index {
			for k := range d {
				next = append(next, at+k*strides[i])
			}
		}
		index = next
	}
	y := zeros(dims...)
	for i, at := range index {
		y.Values[i] = x.Values[at]
	}
	return y
}
