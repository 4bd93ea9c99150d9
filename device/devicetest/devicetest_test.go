package devicetest

import (
	"reflect"
	"slices"
	"testing"

	"partials/device"
)

// A kernel without a case would pass on every device.
func TestEveryKernelHasCases(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range cases() {
		tried[c.kernel] = true
	}
	other := []string{"Name", "Describe", "Close", "NewArena", "Alloc", "Write", "Write64", "Read", "Read64"} // see transfer
	contract := reflect.TypeFor[device.Device]()
	for i := range contract.NumMethod() {
		if name := contract.Method(i).Name; !tried[name] && !slices.Contains(other, name) {
			t.Errorf("no case calls %s", name)
		}
	}
}

func TestEveryFunctionHasADomain(t *testing.T) {
	for f, row := range device.Funcs {
		if !slices.ContainsFunc(domains, func(o domain) bool { return o.f == device.Func(f) }) {
			t.Errorf("%s has no domain", row.Name)
		}
	}
	for f := range device.Phase + 1 {
		if !slices.ContainsFunc(polars, func(p polar) bool { return p.f == f }) {
			t.Errorf("polar function %d is not tried", f)
		}
	}
}
