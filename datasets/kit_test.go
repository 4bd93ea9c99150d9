package datasets

import (
	"bytes"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partials/audio"
	"partials/internal/config"
	"partials/internal/rng"
)

// recipe is a recipe of nothing but data.
type recipe struct {
	Data config.Section[Config] `yaml:"data"`
}

// load decodes the YAML of a data section.
func load(t *testing.T, yaml string) Config {
	t.Helper()
	r := recipe{Data: config.Of(Kinds, "pair")}
	if err := config.Load(&r, "test.yaml", []byte("data:\n  "+strings.ReplaceAll(strings.TrimSpace(yaml), "\n", "\n  ")), nil); err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	return r.Data.Value
}

// open opens a data section; warnings go to the buffer.
func open(t *testing.T, yaml string) (Dataset, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	d, err := load(t, yaml).Open(Env{Seed: 7, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	t.Cleanup(func() { d.Close() })
	return d, &log
}

// openCut opens a data section and cuts it.
func openCut(t *testing.T, yaml string, c Cut) Dataset {
	t.Helper()
	d, _ := open(t, yaml)
	if err := d.Cut(c); err != nil {
		t.Fatal(err)
	}
	return d
}

// fill returns example i of an epoch as planar channels.
func fill(t *testing.T, d Dataset, c Cut, epoch, i int) (in, target [][]float32, files []string) {
	t.Helper()
	cin, cout := d.Channels()
	x, y := make([]float32, cin*(c.Context+c.Segment)), make([]float32, cout*c.Segment)
	for k := range x {
		x[k] = float32(math.NaN()) // must be overwritten
	}
	for k := range y {
		y[k] = float32(math.NaN())
	}
	files, err := d.Fill(epoch, i, x, y)
	if err != nil {
		t.Fatal(err)
	}
	for k := range cin {
		in = append(in, x[k*(c.Context+c.Segment):(k+1)*(c.Context+c.Segment)])
	}
	for k := range cout {
		target = append(target, y[k*c.Segment:(k+1)*c.Segment])
	}
	return in, target, files
}

// ramp is x[t] = (t+1)/2^16: every sample says where it is, exactly.
func ramp(n int) []float32 {
	x := make([]float32, n)
	for t := range x {
		x[t] = float32(t+1) / (1 << 16)
	}
	return x
}

// place is where a sample of a ramp is.
func place(v float32) int { return int(math.Round(float64(v)*(1<<16))) - 1 }

// white is noise of a standard deviation.
func white(n int, deviation float64, key int) []float32 {
	r := rng.New(1, "test", key)
	x := make([]float32, n)
	for t := range x {
		x[t] = float32(deviation * r.Normal())
	}
	return x
}

// save writes a float WAV and returns its path.
func save(t *testing.T, dir, name string, rate int, channels ...[]float32) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := audio.WriteFile(path, &audio.Audio{Rate: rate, Channels: channels}, audio.Float32); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantError fails unless an error has all the parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("the error lacks %q:\n%v", p, err)
		}
	}
}

func equal(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}
