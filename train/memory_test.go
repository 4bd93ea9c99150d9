package train

import (
	"runtime"
	"testing"
)

// The limit is most of a machine's memory on Linux, and none elsewhere.
func TestMemoryLimit(t *testing.T) {
	limit := memoryLimit()
	if runtime.GOOS != "linux" {
		if limit != 0 {
			t.Errorf("%d bytes", limit)
		}
		return
	}
	if limit < 1<<26 || limit > 1<<46 {
		t.Errorf("%d bytes are no machine's memory", limit)
	}
}

// A step that asks for more memory than there is says what to do.
func TestOutOfMemoryIsASentence(t *testing.T) {
	if memoryLimit() == 0 || memoryLimit() > 1<<36 {
		t.Skip("this machine's memory is too large to ask for more, or unknown")
	}
	r := recipeOf(t, "batch=8192", "segment=8192", "model.channels=64", "model.layers=64", "model.dilation_growth=1")
	_, err := Check(r, Options{Threads: 1})
	wantError(t, err, "out of memory: ", "a smaller batch or segment needs less")
}
