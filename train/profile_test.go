package train

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
)

// A profiled run leaves both profiles, gzipped protocol buffers as pprof reads
// them, and says how to look at them; the names of our functions are in them.
func TestProfile(t *testing.T) {
	o := optionsOf(t)
	var console bytes.Buffer
	o.Profile, o.Log = true, slog.New(slog.NewTextHandler(&console, nil))
	res, err := Start(context.Background(), recipeOf(t, "steps=2"), o)
	if err != nil {
		t.Fatal(err)
	}
	for name, holds := range map[string]string{cpuProfile: "cpu", heapProfile: "inuse_space"} {
		z, err := gzip.NewReader(strings.NewReader(read(t, res.Dir.path(name))))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		data, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(data, []byte(holds)) {
			t.Errorf("%s does not have %q: %v", name, holds, err)
		}
	}
	if !strings.Contains(console.String(), "go tool pprof -http=localhost:8080 "+res.Dir.path(cpuProfile)) {
		t.Errorf("logged:\n%s", &console)
	}
	// One that cannot begin ends its profile: the next can begin one.
	r := recipeOf(t, "data.input=none.wav")
	if _, err := Start(context.Background(), r, o); err == nil {
		t.Error("a run without data began")
	}
	o.Profile = true
	if _, err := Resume(context.Background(), res.Dir, []string{"steps=3"}, o); err != nil {
		t.Error(err)
	}
}
