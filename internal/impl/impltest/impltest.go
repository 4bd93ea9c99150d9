// Package impltest runs a test once per implementation of a kernel package.
package impltest

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"partials/internal/impl"
)

// Strict is the environment variable that makes a missing implementation an
// error: CI sets it to 1, so that a runner without AVX2 cannot pass for one that tested it.
const Strict = "PARTIALS_STRICT"

// Each runs f as one subtest per implementation of pkg that this machine can
// run, with that implementation switched on, and restores the choice after.
// With PARTIALS_STRICT=1 it fails where the build has assembly but the AVX2
// implementation cannot run. f must not call t.Parallel: the switch is global.
func Each(t *testing.T, pkg string, f func(t *testing.T)) {
	t.Helper()
	names := impl.Names(pkg)
	if err := missing(pkg, names, impl.Assembly, os.Getenv(Strict) == "1"); err != nil {
		t.Error(err)
	}
	before := impl.Active(pkg)
	defer impl.Select(pkg, before)
	for _, name := range names {
		impl.Select(pkg, name)
		t.Run(name, f)
	}
}

// Bench is Each for benchmarks.
func Bench(b *testing.B, pkg string, f func(b *testing.B)) {
	before := impl.Active(pkg)
	defer impl.Select(pkg, before)
	for _, name := range impl.Names(pkg) {
		impl.Select(pkg, name)
		b.Run(name, f)
	}
}

func missing(pkg string, names []string, assembly, strict bool) error {
	if len(names) == 0 {
		return fmt.Errorf("impltest: package %q has registered no implementation", pkg)
	}
	if strict && assembly && !slices.Contains(names, impl.AVX2) {
		return fmt.Errorf("impltest: %s=1, but %s can run only %v here: this CPU lacks AVX2 or FMA", Strict, pkg, names)
	}
	return nil
}
