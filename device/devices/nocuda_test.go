//go:build !cuda

package devices

import (
	"strings"
	"testing"
)

func TestWithoutCUDA(t *testing.T) {
	if _, _, err := Open("cuda", Options{}); err == nil || !strings.Contains(err.Error(), "not supported by this build") {
		t.Errorf("Open(cuda): %v", err)
	}
	d, note, err := Open(Auto, Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if d.Name() != "cpu" || note != "cpu: "+d.Describe()+" (no CUDA in this build)" {
		t.Errorf("Open(auto) is %q, %q", d.Name(), note)
	}
	for _, i := range List() {
		if i.Name == "cuda" && (i.Available || !strings.Contains(i.Detail, "not supported by this build")) {
			t.Errorf("%+v", i)
		}
	}
}
