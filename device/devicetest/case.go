package devicetest

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"partials/device"
	"partials/tensor"
)

// testcase is one call of one kernel.
type testcase struct {
	kernel string // the method of device.Device
	name   string // what is special about this call
	args   []argument
	call   func(d device.Device, a []tensor.Tensor)
	// floor, if above 0, makes errors relative to max(|want|, floor), number by
	// number; else they are relative to the largest number of the tensor, or 1.
	floor float64
}

func (c *testcase) String() string { return c.kernel + " " + c.name }

type role uint8

const (
	input  role = iota // read only
	output             // overwritten: starts as NaN
	sum                // added to or updated in place: starts with numbers
)

// argument is a tensor of a call.
type argument struct {
	role   role
	shape  tensor.Shape
	values []float64 // nil for random numbers
	loose  bool      // the kernel does not fix its shape
}

func in(dims ...int) argument  { return argument{role: input, shape: tensor.Of(dims...)} }
func out(dims ...int) argument { return argument{role: output, shape: tensor.Of(dims...)} }
func add(dims ...int) argument { return argument{role: sum, shape: tensor.Of(dims...)} }

// of gives the argument its numbers.
func (a argument) of(values []float64) argument {
	a.values = values
	return a
}

// data returns the numbers every argument starts with. They depend on the
// case's name only and are float32, so that every device gets the same ones.
func (c *testcase) data() [][]float64 {
	data := make([][]float64, len(c.args))
	for i, a := range c.args {
		switch {
		case a.role == output:
			data[i] = repeated(a.shape.Len(), math.NaN())
		case a.values != nil:
			data[i] = rounded(a.values)
		default:
			data[i] = random(fmt.Sprint(c, i), a.shape.Len())
		}
	}
	return data
}

// random returns n normal numbers keyed by name.
func random(name string, n int) []float64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return rounded(x)
}

func rounded(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(float32(v))
	}
	return y
}

func repeated(n int, v float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// guard stands around every tensor and must stay.
const (
	guard      = 12345.5
	guardWidth = 19
)

// bed is a device and the memory that cases run in, one after the other.
type bed struct {
	d     device.Device
	arena tensor.Arena
}

func newBed(d device.Device) bed { return bed{d, d.NewArena(0)} }

// place puts the arguments of c in memory, off numbers into their buffers and
// with guards around them.
func (b bed) place(c *testcase, data [][]float64, off int) []tensor.Tensor {
	b.arena.Reset()
	var args []tensor.Tensor
	for i, a := range c.args {
		whole := repeated(off+len(data[i])+guardWidth, guard)
		copy(whole[off:], data[i])
		all := tensor.New(tensor.Of(len(whole)), b.arena.Alloc(len(whole)))
		b.d.Write64(all, whole)
		args = append(args, all.Part(off, a.shape))
	}
	return args
}

// run runs c on data, off numbers into the buffers. It returns what the
// arguments hold afterwards, and reports damage to what the kernel had to
// leave alone.
func (b bed) run(t *testing.T, c *testcase, data [][]float64, off int) [][]float64 {
	t.Helper()
	args := b.place(c, data, off)
	c.call(b.d, args)
	results := make([][]float64, len(args))
	for i, a := range args {
		n := a.Len()
		whole := read(b.d, tensor.New(tensor.Of(off+n+guardWidth), a.Buf))
		for j, v := range whole {
			if (j < off || j >= off+n) && v != guard {
				t.Errorf("%v: wrote outside argument %d %v, at %d", c, i, a.Shape, j-off)
				break
			}
		}
		results[i] = whole[off : off+n]
		if c.args[i].role == input {
			if j := firstDifference(results[i], data[i]); j >= 0 {
				t.Errorf("%v: changed input %d %v at %d", c, i, a.Shape, j)
			}
		}
	}
	return results
}

// firstDifference returns the first index where a and b differ in a bit, or -1.
func firstDifference(a, b []float64) int {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return i
		}
	}
	return -1
}

// compare reports the worst number of got that is further from want than tol.
func (c *testcase) compare(t *testing.T, got, want [][]float64, tol float64) {
	t.Helper()
	for i, a := range c.args {
		if a.role == input {
			continue
		}
		largest := 1.0
		for _, v := range want[i] {
			if v := math.Abs(v); v > largest && !math.IsInf(v, 0) {
				largest = v
			}
		}
		worst, at := tol, -1
		for j, w := range want[i] {
			scale := largest
			if c.floor > 0 {
				scale = max(math.Abs(w), c.floor)
			}
			if e := distance(got[i][j], w) / scale; e > worst {
				worst, at = e, j
			}
		}
		if at >= 0 {
			t.Errorf("%v: argument %d %v at %d is %g, want %g: error %.2g, allowed %.2g",
				c, i, a.shape, at, got[i][at], want[i][at], worst, tol)
		}
	}
}

// distance is |got - want|, 0 where both are NaN or the same infinity.
func distance(got, want float64) float64 {
	if got == want || math.IsNaN(got) && math.IsNaN(want) {
		return 0
	}
	if e := math.Abs(got - want); !math.IsNaN(e) {
		return e
	}
	return math.Inf(1)
}
