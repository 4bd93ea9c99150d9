package impl

import (
	"slices"
	"strings"
	"testing"
)

// isolate gives a test an empty registry and puts the real one back.
func isolate(t *testing.T, asm bool) {
	oldAll, oldAsm := all, assembly
	all, assembly = nil, asm
	t.Cleanup(func() { all, assembly = oldAll, oldAsm })
}

func TestRegistry(t *testing.T) {
	isolate(t, true)
	var fft, gemm, rare bool
	Register("gemm", AVX2, false, &gemm)
	Register("fft", AVX2, true, &fft)
	Register("fft", "rare", false, &rare)
	Register("conv", Generic, true, nil)
	if !fft || gemm || rare {
		t.Fatalf("toggles fft=%v gemm=%v rare=%v, want only fft on", fft, gemm, rare)
	}
	if got, want := Describe(), "conv: generic, fft: avx2, gemm: generic"; got != want {
		t.Errorf("Describe() = %q, want %q", got, want)
	}
	if got := Names("fft"); !slices.Equal(got, []string{AVX2, Generic}) {
		t.Errorf("Names(fft) = %v", got)
	}
	if got := Names("conv"); !slices.Equal(got, []string{Generic}) {
		t.Errorf("Names(conv) = %v", got)
	}
	if got := Names("nobody"); len(got) != 0 {
		t.Errorf("Names(nobody) = %v", got)
	}
	Select("fft", Generic)
	if fft || Active("fft") != Generic {
		t.Error("Select(fft, generic) left AVX2 on")
	}
	if got := Describe(); got != Generic {
		t.Errorf("Describe() = %q where all run the generic kernels", got)
	}
	Select("fft", AVX2)
	if !fft || Active("fft") != AVX2 {
		t.Error("Select(fft, avx2) did not switch it on")
	}
}

// The last implementation that this machine can run is the one that is on.
func TestFastestIsOn(t *testing.T) {
	isolate(t, true)
	var narrow, wide, wider bool
	Register("fft", AVX2, true, &narrow)
	Register("fft", AVX512, true, &wide)
	Register("fft", "avx10", false, &wider)
	if narrow || !wide || wider || Active("fft") != AVX512 {
		t.Errorf("toggles %v %v %v, active %s", narrow, wide, wider, Active("fft"))
	}
}

func TestGenericChoiceTurnsAssemblyOff(t *testing.T) {
	isolate(t, false)
	on := true
	Register("fft", AVX2, true, &on)
	if on || Active("fft") != Generic {
		t.Error("assembly is on although the process chose generic kernels")
	}
	if !slices.Contains(Names("fft"), AVX2) {
		t.Error("a test must still reach the assembly that the process turned off")
	}
}

func TestMistakesPanic(t *testing.T) {
	isolate(t, true)
	var a bool
	Register("fft", AVX2, false, &a)
	for name, f := range map[string]func(){
		"registered twice": func() { Register("fft", AVX2, true, &a) },
		"has a toggle":     func() { Register("fft", "other", true, nil) },
		"only [generic]":   func() { Select("fft", AVX2) },
	} {
		func() {
			defer func() {
				if msg, _ := recover().(string); !strings.Contains(msg, name) {
					t.Errorf("want a panic with %q, got %q", name, msg)
				}
			}()
			f()
		}()
	}
}

func TestErrNamesTheVariable(t *testing.T) {
	for _, ok := range []string{"", "auto", Generic} {
		if err := check(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	if err := check("fastest"); err == nil || !strings.Contains(err.Error(), "PARTIALS_KERNELS=fastest") {
		t.Errorf("got %v", err)
	}
}
