// Package impl knows which implementations of the numeric kernels this binary
// has and which of them are switched on.
//
// A kernel package keeps one bool per assembly implementation, which its
// dispatch reads, and registers it here from an init function. Tests then run
// once per implementation (see impltest), and a run's manifest can say which
// kernels made its numbers. It follows Go's own crypto/internal/impl.
//
// The environment variable PARTIALS_KERNELS=generic turns all assembly off for
// the process. Nothing else needs to be set: the plain build takes the fastest
// kernels that the CPU has.
package impl

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/cpu"
)

// Generic is the name of the plain Go implementation that every kernel package has.
const Generic = "generic"

// AVX2 is the name of the amd64 implementation that needs AVX2 and FMA.
const AVX2 = "avx2"

// AVX512 is the name of the amd64 implementation that needs AVX-512 F, DQ, BW
// and VL, on vectors of any length. Where a package has it, it has AVX2 too.
const AVX512 = "avx512"

// Variable is the environment variable that chooses the kernels of a process.
const Variable = "PARTIALS_KERNELS"

type implementation struct {
	pkg, name string
	available bool
	toggle    *bool
}

var (
	mu       sync.Mutex
	all      []implementation
	chosen   = os.Getenv(Variable)
	assembly = chosen != Generic
)

// HasAVX2 reports whether this CPU and operating system run AVX2 and FMA code.
func HasAVX2() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }

// HasAVX512 reports whether this CPU and operating system run AVX-512 code.
func HasAVX512() bool {
	return HasAVX2() && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL
}

// Register records that pkg has the implementation name. available says whether
// this machine can run it; toggle is the switch that the package's dispatch
// reads, and Register sets it. A package registers its implementations fastest
// last: the last one that is available is on, the others are off. A build
// without assembly registers (pkg, Generic, true, nil). Call it from init;
// registering a name twice panics.
func Register(pkg, name string, available bool, toggle *bool) {
	mu.Lock()
	defer mu.Unlock()
	if (toggle == nil) != (name == Generic) {
		panic(fmt.Sprintf("impl: %s/%s: every implementation but generic has a toggle", pkg, name))
	}
	for _, x := range all {
		if x.pkg == pkg && x.name == name {
			panic(fmt.Sprintf("impl: %s/%s registered twice", pkg, name))
		}
	}
	if toggle != nil {
		*toggle = available && assembly
	}
	for _, x := range all {
		if x.pkg == pkg && x.toggle != nil && toggle != nil && *toggle {
			*x.toggle = false
		}
	}
	all = append(all, implementation{pkg, name, available, toggle})
}

// Packages lists the kernel packages of this binary in alphabetical order.
func Packages() []string {
	mu.Lock()
	defer mu.Unlock()
	var pkgs []string
	for _, x := range all {
		pkgs = append(pkgs, x.pkg)
	}
	slices.Sort(pkgs)
	return slices.Compact(pkgs)
}

// Names lists the implementations of pkg that this machine can run, in
// alphabetical order; Generic is always one of them. An unknown package has none.
func Names(pkg string) []string {
	mu.Lock()
	defer mu.Unlock()
	var names []string
	for _, x := range all {
		if x.pkg != pkg {
			continue
		}
		if len(names) == 0 {
			names = append(names, Generic)
		}
		if x.available && x.name != Generic {
			names = append(names, x.name)
		}
	}
	slices.Sort(names)
	return names
}

// Active names the implementation of pkg that is switched on.
func Active(pkg string) string {
	mu.Lock()
	defer mu.Unlock()
	for _, x := range all {
		if x.pkg == pkg && x.toggle != nil && *x.toggle {
			return x.name
		}
	}
	return Generic
}

// Describe says in one line what the packages run, for logs and manifests:
// "avx2" where all run that, else "conv: avx2, fft: avx512, gemm: generic".
func Describe() string {
	var parts, names []string
	for _, pkg := range Packages() {
		parts, names = append(parts, pkg+": "+Active(pkg)), append(names, Active(pkg))
	}
	if names = slices.Compact(names); len(names) == 1 {
		return names[0]
	}
	return strings.Join(parts, ", ")
}

// Select switches pkg to the implementation name. It panics where this machine
// cannot run it. Kernels must not be running meanwhile: it is for tests and
// benchmarks, a user sets PARTIALS_KERNELS.
func Select(pkg, name string) {
	if !slices.Contains(Names(pkg), name) {
		panic(fmt.Sprintf("impl: %s has no implementation %q here, only %v", pkg, name, Names(pkg)))
	}
	mu.Lock()
	defer mu.Unlock()
	for _, x := range all {
		if x.pkg == pkg && x.toggle != nil {
			*x.toggle = x.name == name
		}
	}
}

// Err reports a value of PARTIALS_KERNELS that means nothing. The program
// should stop on it before it computes anything.
func Err() error { return check(chosen) }

func check(value string) error {
	switch value {
	case "", "auto", Generic:
		return nil
	}
	return fmt.Errorf("%s=%s: unknown kernels; set it to %q for plain Go kernels, or to %q (or nothing) for the fastest ones",
		Variable, value, Generic, "auto")
}
