package tensor

import (
	"math"
	"strings"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

func TestShape(t *testing.T) {
	s := Of(2, 3, 5)
	if s.Len() != 30 || s.Rank() != 3 || s.Dim(-1) != 5 || s.Dim(0) != 2 {
		t.Fatalf("%v: len %d rank %d", s, s.Len(), s.Rank())
	}
	if s != Of(2, 3, 5) || s == Of(2, 15) || s == Of(2, 3, 5, 1) {
		t.Error("shapes compare by rank and dims")
	}
	if got := s.With(-1, 7); got != Of(2, 3, 7) {
		t.Errorf("With(-1, 7) = %v", got)
	}
	if got := s.String(); got != "(2, 3, 5)" {
		t.Errorf("String() = %q", got)
	}
	if Of().Len() != 1 || Of(4, 0).Len() != 0 {
		t.Error("a scalar has one number, an empty axis none")
	}
	for name, f := range map[string]func(){
		"five axes": func() { Of(1, 1, 1, 1, 1) },
		"negative":  func() { Of(2, -1) },
		"axis 3":    func() { s.Dim(3) },
		"axis -4":   func() { s.Dim(-4) },
	} {
		if panics(f) == "" {
			t.Errorf("%s did not panic", name)
		}
	}
}

func TestViews(t *testing.T) {
	x := New(Of(2, 3), NewHost[float64](6))
	copy(Slice[float64](x), []float64{0, 1, 2, 3, 4, 5})
	if got := Slice[float64](x.Row(1)); got[0] != 3 || len(got) != 3 {
		t.Errorf("Row(1) = %v", got)
	}
	if got := Slice[float64](x.Row(1).Part(1, Of(2))); got[0] != 4 || len(got) != 2 {
		t.Errorf("Row(1).Part(1, 2) = %v", got)
	}
	for name, f := range map[string]func(){
		"view":  func() { x.View(Of(7)) },
		"row":   func() { x.Row(2) },
		"part":  func() { x.Part(5, Of(2)) },
		"short": func() { New(Of(7), x.Buf) },
		"type":  func() { Slice[float32](x) },
	} {
		if panics(f) == "" {
			t.Errorf("%s did not panic", name)
		}
	}
}

func TestSizeClassHoldsAndWastesAtMostAQuarter(t *testing.T) {
	lastClass, lastSize := -1, 0
	for n := 0; n < 1<<16; n++ {
		class, size := sizeClass(n)
		if size < n || n > 16 && size > n+n/4+1 {
			t.Fatalf("sizeClass(%d) = %d", n, size)
		}
		if class != lastClass && (class != lastClass+1 || size <= lastSize) {
			t.Fatalf("sizeClass(%d) jumps from class %d to %d", n, lastClass, class)
		}
		lastClass, lastSize = class, size
	}
}

func TestArenaNeverHandsOutOverlappingMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := NewHostArena[float32](0)
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			var live []*Host[float32]
			for i := range rapid.IntRange(0, 30).Draw(t, "calls") {
				if len(live) > 0 && rapid.Bool().Draw(t, "release") {
					k := rapid.IntRange(0, len(live)-1).Draw(t, "which")
					a.Release(live[k])
					live = append(live[:k], live[k+1:]...)
					continue
				}
				b := a.Alloc(rapid.IntRange(0, 200).Draw(t, "n")).(*Host[float32])
				for j := range b.Data() {
					b.Data()[j] = float32(i)
				}
				live = append(live, b)
				for _, x := range live {
					for _, v := range x.Data() {
						if v != x.Data()[0] {
							t.Fatal("two live buffers share memory")
						}
					}
				}
				if len(b.Data()) > 0 && uintptr(unsafe.Pointer(&b.Data()[0]))%64 != 0 {
					t.Fatal("a buffer does not start on a cache line")
				}
			}
			a.Reset()
			if a.Usage().Live != 0 {
				t.Fatalf("%d bytes live after Reset", a.Usage().Live)
			}
		}
	})
}

func TestArenaReusesMemory(t *testing.T) {
	a := NewHostArena[float32](0)
	step := func() {
		x := a.Alloc(1000)
		a.Alloc(17)
		a.Release(x)
		a.Alloc(1001) // the same class as 1000
		a.Reset()
	}
	step()
	before := a.Usage()
	if n := testing.AllocsPerRun(10, step); n != 0 {
		t.Errorf("a repeated step allocates %v times", n)
	}
	if after := a.Usage(); after != before {
		t.Errorf("usage went from %+v to %+v", before, after)
	}
	if want := int64(1024+20) * 4; before.HighWater != want {
		t.Errorf("high water %d, want %d", before.HighWater, want)
	}
}

func TestArenaCap(t *testing.T) {
	a := NewHostArena[float64](1000)
	a.Alloc(64)
	defer func() {
		e, ok := recover().(*OutOfMemory)
		if !ok || e.Wanted != 512 || e.Live != 512 || e.Cap != 1000 {
			t.Errorf("recovered %+v", e)
		}
	}()
	a.Alloc(64)
}

func TestCheckedArenaCatchesStaleUse(t *testing.T) {
	a := NewCheckedHostArena[float64](0)
	x := New(Of(3), a.Alloc(3))
	for _, v := range Slice[float64](x) {
		if !math.IsNaN(v) {
			t.Fatal("checked memory does not start as NaN")
		}
	}
	y := New(Of(3), a.Alloc(3))
	a.Release(y.Buf)
	if msg := panics(func() { Slice[float64](y) }); !strings.Contains(msg, "took it back") {
		t.Errorf("use after Release: %q", msg)
	}
	if msg := panics(func() { a.Release(y.Buf) }); !strings.Contains(msg, "not a live buffer") {
		t.Errorf("second Release: %q", msg)
	}
	a.Reset()
	if msg := panics(func() { Slice[float64](x) }); !strings.Contains(msg, "took it back") {
		t.Errorf("use after Reset: %q", msg)
	}
}

func panics(f func()) (msg string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case string:
			msg = r
		default:
			msg = "panic"
		}
	}()
	f()
	return ""
}
