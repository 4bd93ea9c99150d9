package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"partials/audio"
	"partials/internal/rng"
)

func TestMain(m *testing.M) {
	if os.Getenv(killedEnv) != "" {
		os.Exit(trainToBeKilled())
	}
	if os.Getenv(heldEnv) != "" {
		os.Exit(holdUntilKilled())
	}
	dir, err := os.MkdirTemp("", "partials-train-test-*")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir) // hashes are cached there
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// underRace is true with the race detector, which makes numbers and pictures
// ten times slower.
var underRace bool

// alone skips a test of what one goroutine does where the race detector runs.
func alone(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("nothing here runs beside anything else")
	}
}

// tiny is a run of a second: a small model of the amplifier inside the program.
const tiny = `
name: tiny
seed: 3
steps: 9
batch: 2
segment: 512
data:
  kind: pair
  input: embedded:amp/input.wav
  target: embedded:amp/output.wav
  validation: {start: 1s, stop: 1.05s}
model: {kind: tcn, channels: 4, layers: 3, activation: tanh}
loss:
  - kind: esr
  - {kind: mrstft, n_fft: [64, 128], hop: [16, 32], win_length: [64, 128]}
optim: {kind: adam, lr: 5e-3}
validate: {every: 3, metric: esr}
`

// recipeOf is the tiny recipe with some values changed.
func recipeOf(t testing.TB, overrides ...string) Recipe {
	t.Helper()
	r, err := Options{}.parseRecipe("tiny.yaml", []byte(tiny), overrides)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// optionsOf are those of a run in a folder of the test's own.
func optionsOf(t testing.TB) Options { return Options{RunsDir: t.TempDir(), Threads: 1} }

// undisturbed makes a run of a recipe, all but its pictures, and returns its
// folder.
func undisturbed(t testing.TB, r Recipe, o Options) Dir {
	t.Helper()
	dir, err := trainOnly(context.Background(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// trainOnly is Start without pictures.
func trainOnly(ctx context.Context, r Recipe, o Options) (Dir, error) {
	run, err := startRun(r, o)
	if err != nil {
		return "", err
	}
	run.blind = true
	return run.dir, errors.Join(run.train(ctx, theEnd), run.man.save(run.dir), run.close())
}

// goOn is Resume without pictures.
func goOn(ctx context.Context, dir Dir, o Options, overrides ...string) error {
	run, err := resumeRun(dir, overrides, o)
	if err != nil {
		return err
	}
	run.blind = true
	return errors.Join(run.train(ctx, theEnd), run.man.save(dir), run.close())
}

// stopper is a Display that stops a run after a step, or after the validation
// that follows step -after.
type stopper struct {
	after  int
	cancel context.CancelFunc
}

func (d stopper) Begin(int, int, float64) {}
func (d stopper) Step(step int, _ float64) {
	if step == d.after {
		d.cancel()
	}
}
func (d stopper) Valid(step int, _ string, _ float64, _ bool) {
	if step == -d.after {
		d.cancel()
	}
}
func (d stopper) End() {}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// sameRun fails where two runs have not the same metrics and weights.
func sameRun(t testing.TB, what string, a, b Dir) {
	t.Helper()
	for _, name := range []string{metricsFile, lastFile, bestFile} {
		x, y := read(t, a.path(name)), read(t, b.path(name))
		if x != y {
			t.Errorf("%s: %s differs: %d and %d bytes", what, name, len(x), len(y))
			if name == metricsFile {
				t.Logf("%s\n%s", x, y)
			}
		}
	}
}

// copyRun copies a run's folder.
func copyRun(t testing.TB, dir Dir) Dir {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(string(dir))); err != nil {
		t.Fatal(err)
	}
	return Dir(to)
}

// save writes a float WAV and returns its path.
func saveWAV(t testing.TB, dir, name string, rate int, channels ...[]float32) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if _, err := audio.WriteFile(path, &audio.Audio{Rate: rate, Channels: channels}, audio.Float32); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantError fails unless an error has all the parts.
func wantError(t testing.TB, err error, parts ...string) {
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

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// noise is n samples of noise, quiet enough for any file.
func noise(n, key int) []float32 {
	r := rng.New(1, "test", key)
	x := make([]float32, n)
	for t := range x {
		x[t] = float32(0.1 * r.Normal())
	}
	return x
}
