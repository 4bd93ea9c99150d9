package train

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partials/formats/safetensors"
)

// prepared is a session of the tiny recipe at step 0.
func prepared(t testing.TB, overrides ...string) *session {
	t.Helper()
	s, err := openSession(recipeOf(t, overrides...), Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

// What is saved is read back: all of it, so that saving again gives the same
// bytes.
func TestCheckpointRoundTrip(t *testing.T) {
	alone(t)
	for name, overrides := range variants {
		t.Run(name, func(t *testing.T) {
			o := optionsOf(t)
			dir := undisturbed(t, recipeOf(t, append(overrides, "steps=2")...), o)
			s := prepared(t, append(overrides, "steps=2")...)
			again := filepath.Join(t.TempDir(), "again")
			if err := s.save(again); err != nil {
				t.Fatal(err)
			}
			if read(t, again) == read(t, dir.path(lastFile)) {
				t.Fatal("two steps change nothing")
			}
			if err := s.restore(dir.path(lastFile)); err != nil {
				t.Fatal(err)
			}
			if err := s.save(again); err != nil {
				t.Fatal(err)
			}
			if read(t, again) != read(t, dir.path(lastFile)) {
				t.Error("what is read back is not what was saved")
			}
		})
	}
}

// A checkpoint that is broken, or of another recipe, is refused with a reason.
func TestBrokenCheckpoints(t *testing.T) {
	dir := undisturbed(t, recipeOf(t, "steps=1", "ema=0.9"), optionsOf(t))
	good := read(t, dir.path(lastFile))
	edited := func(edit func(f *safetensors.File)) string {
		f, err := safetensors.Decode([]byte(good))
		if err != nil {
			t.Fatal(err)
		}
		edit(f)
		b, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const weight = "head.weight"
	saying := func(progress string) string {
		return edited(func(f *safetensors.File) { f.Metadata["progress"] = progress })
	}
	for _, c := range []struct {
		what, file string
		want       []string
		weights    bool // are unusable too
	}{
		{"empty", "", []string{"reading the checkpoint ", "too few"}, true},
		{"garbage", strings.Repeat("garbage", 99), []string{"reading the checkpoint "}, true},
		{"cut short", good[:len(good)-1], []string{"reading the checkpoint "}, true},
		{"no weight", edited(func(f *safetensors.File) { delete(f.Tensors, weight); delete(f.Tensors, "ema."+weight) }), []string{`it has no tensor "` + weight + `"`}, true},
		{"no average", edited(func(f *safetensors.File) { delete(f.Tensors, "ema."+weight) }), []string{"does not belong to this recipe", `it has no tensor "ema.` + weight + `"`}, false},
		{"a weight too many", edited(func(f *safetensors.File) { f.Tensors["tail"] = safetensors.FromFloat32s(nil, []float32{1}) }),
			[]string{"the model has no parameter called tail"}, true},
		{"an average too many", edited(func(f *safetensors.File) { f.Tensors["ema.tail"] = safetensors.FromFloat32s(nil, []float32{1}) }),
			[]string{"the model has no parameter called ema.tail"}, true},
		{"a weight of another shape", edited(func(f *safetensors.File) {
			f.Tensors["ema."+weight] = safetensors.FromFloat32s([]int{2}, []float32{1, 2})
		}), []string{`its tensor "ema.` + weight + `" is [2], wanted [1 4 1]`}, true},
		{"a weight of another type", edited(func(f *safetensors.File) {
			f.Tensors["ema."+weight] = safetensors.Tensor{DType: "F8_E4M3", Shape: []int{1, 4, 1}, Data: make([]byte, 4)}
		}), []string{"ema." + weight}, true},
		{"no state", edited(func(f *safetensors.File) {
			for name := range f.Tensors {
				if strings.HasPrefix(name, "optim.") {
					delete(f.Tensors, name)
				}
			}
		}), []string{`it has no tensor "optim.`}, false},
		{"no progress", edited(func(f *safetensors.File) { f.Metadata = nil }), []string{"is no checkpoint of a run: it does not say how far the run was"}, false},
		{"progress of text", saying("soon"), []string{"its progress is unreadable: "}, false},
		{"progress of another type", saying(`{"step": "x"}`), []string{"its progress is unreadable: "}, false},
		{"a negative step", saying(`{"step": -1}`), []string{"step -1, validated at 0, best at 0, 0 without improvement cannot be"}, false},
		{"a validation to come", saying(`{"step": 3, "validated": 4}`), []string{"cannot be"}, false},
		{"a best to come", saying(`{"step": 3, "validated": 2, "best_step": 3}`), []string{"cannot be"}, false},
		{"a schedule that watches", saying(`{"step": 1, "schedule": [1, 2, 3, 4]}`), []string{"does not belong to this recipe: ", "watches validation"}, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.safetensors")
			write(t, path, c.file)
			s := prepared(t, "steps=2", "ema=0.9")
			wantError(t, s.restore(path), append(c.want, path)...)
			if err := loadWeights(s.dev, s.params, path); (err != nil) != c.weights {
				t.Errorf("as weights: %v", err)
			}
		})
	}
}

// Weights of the float64 device are kept in float64.
func TestCheckpointPrecision(t *testing.T) {
	for device, want := range map[string]safetensors.DType{"cpu": safetensors.F32, "ref": safetensors.F64} {
		s := prepared(t, "device="+device)
		path := filepath.Join(t.TempDir(), "x")
		if err := s.save(path); err != nil {
			t.Fatal(err)
		}
		f, err := readTensors(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range f.Tensors {
			if x.DType != want {
				t.Errorf("%s: %s is %s", device, name, x.DType)
			}
		}
	}
}

// A write that fails leaves the old file, and nothing beside it.
func TestWriteAtomically(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, text := range []string{"old", "", "new"} {
		if err := writeAtomically(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != text {
			t.Errorf("%q was written and %q is there", text, got)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "folder", "x"), "")
	if err := writeAtomically(filepath.Join(dir, "folder"), []byte("x")); err == nil { // the rename fails
		t.Error("a folder was written over")
	}
	if err := writeAtomically(filepath.Join(dir, "none", "x"), nil); err == nil {
		t.Error("a file was written into a folder that is not there")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestNumbersInJSON(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), 0.1, 1e300, 5e-324, -1.0 / 3, math.NaN(), math.Inf(1), math.Inf(-1)} {
		var y Number
		text := jsonOf(Number(x))
		if err := json.Unmarshal([]byte(text), &y); err != nil || math.Float64bits(float64(y)) != math.Float64bits(x) && x == x || math.IsNaN(x) != math.IsNaN(float64(y)) {
			t.Errorf("%v becomes %s and %v, %v", x, text, y, err)
		}
	}
	var y Number
	for _, text := range []string{`"Inf"`, `"x"`, `true`, `[]`} {
		if err := json.Unmarshal([]byte(text), &y); err == nil {
			t.Errorf("%s is %v", text, y)
		}
	}
}

// Whatever stands in metrics.jsonl, it is read or refused, and what is read can
// be cut and drawn.
func FuzzMetrics(f *testing.F) {
	f.Add(`{"step":1,"loss":0.5,"terms":{"esr":1,"x":"NaN"},"lr":0.1,"grad_norm":"+Inf"}`+"\n"+`{"step":1,"valid":{"esr":0.2}}`+"\n"+`{"step":2`, 1, 1)
	f.Add("{}\nnull\n[]\n", 0, 0)
	f.Add("\n\x00\x00\n", 3, 0)
	f.Fuzz(func(t *testing.T, text string, step, validated int) {
		dir := Dir(t.TempDir())
		write(t, dir.path(metricsFile), text)
		records, err := ReadMetrics(dir)
		drawCurves(records, Recipe{Validation: Validation{Metric: "esr"}}, length{unit: 1})
		at := place{step, validated}
		if cutLines(dir.path(metricsFile), at) != nil {
			return
		}
		if kept := read(t, dir.path(metricsFile)); !strings.HasPrefix(text, kept) || kept != "" && !strings.HasSuffix(kept, "\n") {
			t.Errorf("%q was cut to %q", text, kept)
		}
		after, errAfter := ReadMetrics(dir)
		if errAfter != nil {
			t.Errorf("after the cut: %v", errAfter)
		}
		for i, r := range after {
			if !at.covers(r) || err == nil && jsonOf(r) != jsonOf(records[i]) {
				t.Errorf("%q was cut at %v to %v", text, at, after)
			}
		}
	})
}

// Whatever stands in a checkpoint, it is read or refused.
func FuzzCheckpoint(f *testing.F) {
	s := prepared(f, "model.channels=1", "model.layers=1")
	path := filepath.Join(f.TempDir(), "x")
	if err := s.save(path); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(read(f, path)))
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, '{', '}'})
	f.Fuzz(func(t *testing.T, data []byte) {
		write(t, path, string(data))
		if err := s.restore(path); err == nil && s.prog.check() != nil {
			t.Errorf("restored to %+v", s.prog)
		}
		_ = loadWeights(s.dev, s.params, path)
	})
}
