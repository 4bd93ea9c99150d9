package impltest

import (
	"slices"
	"testing"

	"partials/internal/impl"
)

func TestEachRunsEveryImplementationAndRestores(t *testing.T) {
	fast, other := false, false
	impl.Register("each", impl.AVX2, true, &fast)
	impl.Register("each", "absent", false, &other)
	impl.Select("each", impl.AVX2)
	var ran []string
	Each(t, "each", func(t *testing.T) {
		ran = append(ran, impl.Active("each"))
		if other {
			t.Error("an implementation that this machine lacks was switched on")
		}
	})
	if want := []string{impl.AVX2, impl.Generic}; !slices.Equal(ran, want) {
		t.Errorf("ran %v, want %v", ran, want)
	}
	if !fast {
		t.Error("Each left the implementation it found switched off")
	}
}

func TestMissing(t *testing.T) {
	generic, both := []string{impl.Generic}, []string{impl.AVX2, impl.Generic}
	for _, c := range []struct {
		names            []string
		assembly, strict bool
		bad              bool
	}{
		{nil, true, false, true},
		{generic, true, true, true},
		{generic, true, false, false},
		{generic, false, true, false},
		{both, true, true, false},
	} {
		if err := missing("p", c.names, c.assembly, c.strict); (err != nil) != c.bad {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}
