// Package devicetest is the suite that every device must pass. It calls every
// kernel over awkward sizes and holds the results against device/ref, and it
// checks what must be true whatever the reference says: that a gradient is the
// transpose of its kernel, that outputs are overwritten or added to as their
// names promise, that nothing outside an output changes, and that two runs
// give the same bits.
package devicetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partials/device"
	"partials/device/ref"
	"partials/tensor"
)

// Tolerances say what a device promises.
type Tolerances struct {
	// Kernel bounds the errors of kernels relative to the largest number of
	// the result (or 1): the inputs are normal numbers.
	Kernel float64
	// Func bounds the errors of elementwise functions relative to each result.
	Func float64
	// ZeroAlloc says that a repeated call takes nothing from Go's heap.
	ZeroAlloc bool
}

// Run holds the devices that open returns against the definition. It closes
// them.
func Run(t *testing.T, open func() device.Device, tol Tolerances) {
	d := open()
	defer shut(t, d)
	b, definition := newBed(d), newBed(ref.NewChecked())
	t.Run("Transfer", func(t *testing.T) { transfer(t, d) })
	each(t, func(t *testing.T, c *testcase) { agree(t, b, definition, c, tol) })
	t.Run("Mistakes", func(t *testing.T) { mistakes(t, b) })
	t.Run("Adjoints", func(t *testing.T) {
		for _, o := range operators() {
			o.adjoint(t, b, tol.Kernel)
		}
	})
	t.Run("RealBins", func(t *testing.T) { realBins(t, b) })
	t.Run("Detach", func(t *testing.T) { detach(t, b, tol.Kernel) })
	t.Run("CenteredRMSprop", func(t *testing.T) { centered(t, b) })
}

// SameBits checks that two devices give the same bits in every kernel: one
// device with different numbers of threads.
func SameBits(t *testing.T, open, openOther func() device.Device) {
	d, other := open(), openOther()
	defer shut(t, d)
	defer shut(t, other)
	b, otherBed := newBed(d), newBed(other)
	each(t, func(t *testing.T, c *testcase) {
		data := c.data()
		got, want := b.run(t, c, data, 0), otherBed.run(t, c, data, 0)
		for i := range got {
			if j := firstDifference(got[i], want[i]); j >= 0 {
				t.Errorf("%v: argument %d at %d is %g on one device and %g on the other", c, i, j, got[i][j], want[i][j])
			}
		}
	})
}

// each runs check for every case, one subtest for each kernel.
func each(t *testing.T, check func(t *testing.T, c *testcase)) {
	byKernel := map[string][]*testcase{}
	var kernels []string
	for _, c := range cases() {
		if byKernel[c.kernel] == nil {
			kernels = append(kernels, c.kernel)
		}
		byKernel[c.kernel] = append(byKernel[c.kernel], &c)
	}
	for _, kernel := range kernels {
		t.Run(kernel, func(t *testing.T) {
			for _, c := range byKernel[kernel] {
				check(t, c)
			}
		})
	}
}

// cases lists the calls of every kernel: those of the linear operators and
// their transposes, and all others.
func cases() []testcase {
	all := slices.Concat(memoryCases(), elementwiseCases(), convolutionCases(), recurrentCases(), fourierCases(), updateCases())
	for _, o := range operators() {
		all = append(all, o.cases()...)
	}
	return all
}

func operators() []operator {
	return slices.Concat(memoryOperators(), elementwiseOperators(), linearOperators(), convolutionOperators(),
		fourierOperators(), framingOperators())
}

// agree checks one call: against ref, at another place in memory, a second
// time, and for allocations.
func agree(t *testing.T, b, definition bed, c *testcase, tol Tolerances) {
	t.Helper()
	allowed := tol.Kernel
	if c.floor > 0 {
		allowed = tol.Func
	}
	data := c.data()
	want := definition.run(t, c, data, 0)
	got := b.run(t, c, data, 0)
	c.compare(t, got, want, allowed)
	c.compare(t, b.run(t, c, data, 3), want, allowed)

	again := b.run(t, c, data, 0)
	for i := range got {
		if j := firstDifference(got[i], again[i]); j >= 0 {
			t.Errorf("%v: argument %d at %d is %g and then %g", c, i, j, got[i][j], again[i][j])
		}
	}
	if strings.HasSuffix(c.kernel, "Grad") || c.kernel == "AddScaled" {
		c.adds(t, b, data, got, allowed)
	}
	if tol.ZeroAlloc {
		args := b.place(c, data, 0)
		if n := testing.AllocsPerRun(1, func() { c.call(b.d, args) }); n > 0 {
			t.Errorf("%v: a repeated call allocates %v times", c, n)
		}
	}
}

// adds checks that what the kernel adds does not depend on what was there: got
// is what it made of data, and from zeros it must make that less data.
func (c *testcase) adds(t *testing.T, b bed, data, got [][]float64, tol float64) {
	t.Helper()
	zeros, want := slices.Clone(data), slices.Clone(got)
	for i, a := range c.args {
		if a.role == sum {
			zeros[i] = make([]float64, len(data[i]))
			want[i] = minus(got[i], data[i])
		}
	}
	alone := b.run(t, c, zeros, 0)
	for i, a := range c.args {
		if e := norm(minus(alone[i], want[i])); a.role == sum && !(e <= tol*(norm(got[i])+norm(data[i]))) {
			t.Errorf("%v: argument %d: what it adds to numbers and to zeros differs by %g", c, i, e)
		}
	}
}

// mistakes checks that every kernel refuses an argument that is too long, with
// a panic that names the kernel.
func mistakes(t *testing.T, b bed) {
	d := b.d
	x := tensor.New(tensor.Of(20), d.Alloc(20))
	for _, m := range []device.Runs{
		{Len: 5, Count: 4, DstStride: 5, SrcStride: 6}, {Len: 5, Count: 4, DstStride: 6, SrcStride: 1},
		{Len: 5, Count: 2, DstStride: 4, SrcStride: 5}, {Len: 5, Count: 1, SrcOff: -1}, {Len: 5, Count: 1, DstOff: 16},
		{Len: 2, Count: 3, DstOff: 19, DstStride: -2}, {Len: -1, Count: 1}, {Len: 1, Count: -1},
	} {
		other := tensor.New(tensor.Of(20), d.Alloc(20))
		for kernel, move := range map[string]func(dst, src tensor.Tensor, m device.Runs){"Move": d.Move, "MoveGrad": d.MoveGrad} {
			if message := panicked(func() { move(x, other, m) }); !strings.Contains(message, kernel+":") {
				t.Errorf("%s %+v of 20 numbers: want a panic that names the kernel, got %q", kernel, m, message)
			}
		}
	}
	tried := map[string]bool{}
	for _, c := range cases() {
		if tried[c.kernel] || slices.ContainsFunc(c.args, func(a argument) bool { return a.shape.Len() == 0 }) {
			continue
		}
		tried[c.kernel] = true
		for i, a := range c.args {
			if a.loose || len(c.args) == 1 {
				continue
			}
			args := b.place(&c, c.data(), 0)
			long := a.shape.With(-1, a.shape.Dim(-1)+1)
			args[i] = tensor.New(long, b.arena.Alloc(long.Len()))
			if message := panicked(func() { c.call(d, args) }); !strings.Contains(message, c.kernel+":") {
				t.Errorf("%v with argument %d as %v: want a panic that names the kernel, got %q", &c, i, long, message)
			}
		}
	}
}

// panicked returns what f panics with.
func panicked(f func()) (message string) {
	defer func() {
		if r := recover(); r != nil {
			message = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

func shut(t *testing.T, d device.Device) {
	if err := d.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}
