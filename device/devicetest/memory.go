package devicetest

import (
	"fmt"
	"math"
	"testing"

	"partials/device"
	"partials/tensor"
)

// lengths go past every vector width.
var lengths = []int{0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 1009}

// transfer checks the ways into and out of the device.
func transfer(t *testing.T, d device.Device) {
	arena := d.NewArena(1 << 20)
	for _, n := range lengths {
		if got := read(d, tensor.New(tensor.Of(n), d.Alloc(n))); firstDifference(got, make([]float64, n)) >= 0 {
			t.Errorf("Alloc(%d) is not zeros", n)
		}
		x := tensor.New(tensor.Of(n+5), arena.Alloc(n+5))
		d.Fill(x, guard)
		want := random(fmt.Sprint("transfer", n), n)
		part := x.Part(2, tensor.Of(n))

		d.Write64(part, want)
		all := read(d, x)
		if firstDifference(all[2:2+n], want) >= 0 || all[0] != guard || all[1] != guard || all[2+n] != guard {
			t.Errorf("Write64, Read64 of %d numbers: %v", n, all)
		}

		d.Fill(x, guard)
		single := make([]float32, n)
		for i, v := range want {
			single[i] = float32(v)
		}
		d.Write(part, single)
		all = read(d, x)
		if firstDifference(all[2:2+n], want) >= 0 || all[0] != guard || all[1] != guard || all[2+n] != guard {
			t.Errorf("Write of %d numbers: %v", n, all)
		}
		back := make([]float32, n)
		d.Read(back, part)
		for i, v := range back {
			if v != single[i] {
				t.Fatalf("Read of %d numbers: %g at %d, want %g", n, v, i, single[i])
			}
		}
		if message := panicked(func() { d.Write64(part, make([]float64, n+1)) }); message == "" {
			t.Errorf("Write64 of %d numbers into %d did not panic", n+1, n)
		}
		arena.Reset()
	}
	// Reading rounds to the nearest float32.
	x := tensor.New(tensor.Of(3), arena.Alloc(3))
	d.Write64(x, []float64{1 + 0x1p-24 + 0x1p-40, math.Inf(-1), math.NaN()})
	back := make([]float32, 3)
	d.Read(back, x)
	if back[0] != 1+0x1p-23 || !math.IsInf(float64(back[1]), -1) || back[2] == back[2] {
		t.Errorf("rounding: %v", back)
	}
	outOfMemory(t, d)
}

func outOfMemory(t *testing.T, d device.Device) {
	defer func() {
		if _, ok := recover().(*tensor.OutOfMemory); !ok {
			t.Error("an arena of 4 KiB held 2048 numbers")
		}
	}()
	d.NewArena(4 << 10).Alloc(2048)
}

func read(d device.Device, x tensor.Tensor) []float64 {
	y := make([]float64, x.Len())
	d.Read64(y, x)
	return y
}

func memoryCases() []testcase {
	var cases []testcase
	for _, n := range lengths {
		cases = append(cases, testcase{kernel: "Fill", name: fmt.Sprint(n), args: []argument{out(n)},
			call: func(d device.Device, a []tensor.Tensor) { d.Fill(a[0], -1.5) }})
	}
	for _, m := range []device.Runs{
		{Len: 5, Count: 7, DstStride: 5},                             // the same run again
		{Len: 8, Count: 9, DstStride: 8, SrcStride: 3, SrcOff: 2},    // overlapping: frames
		{Len: 1, Count: 65, DstStride: 2, DstOff: 1, SrcStride: 0},   // one number
		{Len: 17, Count: 3, DstStride: 40, SrcStride: 16, SrcOff: 1}, // overlapping in one number
	} {
		args := []argument{{role: sum, shape: tensor.Of(150), loose: true}, {shape: tensor.Of(80), loose: true}}
		name := fmt.Sprintf("overlapping %+v", m)
		cases = append(cases,
			testcase{kernel: "Move", name: name, args: args, call: func(d device.Device, a []tensor.Tensor) { d.Move(a[0], a[1], m) }},
			testcase{kernel: "MoveGrad", name: name, args: args, call: func(d device.Device, a []tensor.Tensor) { d.MoveGrad(a[0], a[1], m) }})
	}
	return cases
}

func memoryOperators() []operator {
	var list []operator
	for _, n := range lengths {
		list = append(list, operator{kernel: "Copy", transpose: "AddScaled", name: fmt.Sprint(n), x: tensor.Of(n), y: tensor.Of(n),
			forward:  func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.Copy(dst, src) },
			backward: func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.AddScaled(dst, 1, src) }})
	}
	for _, r := range []struct {
		dst, src int
		runs     device.Runs
	}{
		{5, 5, device.Runs{Len: 5, Count: 1}},
		{7, 20, device.Runs{Len: 7, Count: 1, SrcOff: 13}},                                        // slice
		{33, 5, device.Runs{Len: 5, Count: 1, DstOff: 3}},                                         // pad
		{3 * 17, 3 * 9, device.Runs{Len: 9, Count: 3, DstOff: 8, DstStride: 17, SrcStride: 9}},    // join
		{65 * 2, 65 * 3, device.Runs{Len: 1, Count: 65, DstOff: 1, DstStride: 2, SrcStride: 3}},   // interleave
		{1009 * 3, 1009 * 3, device.Runs{Len: 1009, Count: 3, DstStride: 1009, SrcStride: 1009}},  // contiguous
		{4 * 31, 4 * 40, device.Runs{Len: 31, Count: 4, SrcOff: 9, DstStride: 31, SrcStride: 40}}, // trim
		{9, 9, device.Runs{Len: 0, Count: 3, DstStride: 3, SrcStride: 3}},
		{9, 9, device.Runs{Len: 3, Count: 0, DstOff: 4}},
	} {
		back := device.Runs{Len: r.runs.Len, Count: r.runs.Count,
			DstOff: r.runs.SrcOff, DstStride: r.runs.SrcStride, SrcOff: r.runs.DstOff, SrcStride: r.runs.DstStride}
		list = append(list, operator{kernel: "Move", transpose: "MoveGrad", name: fmt.Sprintf("%+v", r.runs),
			x: tensor.Of(r.src), y: tensor.Of(r.dst), partial: true,
			forward:  func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.Move(dst, src, r.runs) },
			backward: func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.MoveGrad(dst, src, back) }})
	}
	for _, a := range []device.Transposition{
		{Outer: 1, Rows: 1, Cols: 1, Inner: 1}, {Outer: 1, Rows: 2, Cols: 3, Inner: 1}, {Outer: 2, Rows: 7, Cols: 5, Inner: 1},
		{Outer: 3, Rows: 8, Cols: 17, Inner: 1}, {Outer: 1, Rows: 65, Cols: 33, Inner: 1}, {Outer: 2, Rows: 1, Cols: 127, Inner: 1},
		{Outer: 1, Rows: 1009, Cols: 2, Inner: 1}, {Outer: 2, Rows: 3, Cols: 5, Inner: 7}, {Outer: 1, Rows: 9, Cols: 2, Inner: 33},
		{Outer: 0, Rows: 3, Cols: 5, Inner: 7}, {Outer: 2, Rows: 0, Cols: 5, Inner: 1}, {Outer: 2, Rows: 3, Cols: 5, Inner: 0},
	} {
		back := a
		back.Rows, back.Cols = a.Cols, a.Rows
		list = append(list, operator{kernel: "Transpose", transpose: "TransposeGrad", name: fmt.Sprintf("%+v", a),
			x: tensor.Of(a.Outer, a.Rows, a.Cols, a.Inner), y: tensor.Of(a.Outer, a.Cols, a.Rows, a.Inner),
			forward:  func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.Transpose(dst, src, a) },
			backward: func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.TransposeGrad(dst, src, back) }})
	}
	return list
}
