package devices

import (
	"slices"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for _, name := range []string{"cpu", "ref"} {
		d, note, err := Open(name, Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if d.Name() != name || !strings.HasPrefix(note, name+": ") || !strings.Contains(note, d.Describe()) {
			t.Errorf("Open(%q) is %q, %q", name, d.Name(), note)
		}
		if err := d.Close(); err != nil {
			t.Errorf("Close of %s: %v", name, err)
		}
	}
}

func TestOpenUnknownListsTheKnown(t *testing.T) {
	_, _, err := Open("gpu", Options{})
	if err == nil || err.Error() != `unknown device "gpu"; known are auto, cuda, cpu, ref` {
		t.Errorf("Open(gpu): %v", err)
	}
}

func TestReferenceComputesInFloat64(t *testing.T) {
	d := Reference()
	if d.Name() != "ref" {
		t.Errorf("Reference() is %q", d.Name())
	}
}

func TestList(t *testing.T) {
	var names []string
	for _, i := range List() {
		names = append(names, i.Name)
		if i.Name != "cuda" && !i.Available || i.Detail == "" || strings.Contains(i.Detail, "\n") {
			t.Errorf("%+v", i)
		}
	}
	if want := []string{"cuda", "cpu", "ref"}; !slices.Equal(names, want) {
		t.Errorf("List() has %q, want %q", names, want)
	}
}
