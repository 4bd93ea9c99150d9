package datasets

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"partials/audio"
	"partials/internal/config"
)

// The sounds inside the program are those of the list, and all are in it.
func TestEmbeddedFilesHaveTheListedHashes(t *testing.T) {
	list, err := OpenFile(EmbeddedPrefix + "SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var listed []string
	for s := bufio.NewScanner(list); s.Scan(); {
		want, name, _ := strings.Cut(s.Text(), "  ./")
		if filepath.Ext(name) != ".wav" {
			continue
		}
		f, err := OpenFile(EmbeddedPrefix + name)
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		f.Close()
		if err != nil || n != f.Size() {
			t.Errorf("%s: read %d of %d bytes: %v", name, n, f.Size(), err)
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%s has SHA-256 %s, listed is %s", name, got, want)
		}
		listed = append(listed, EmbeddedPrefix+name)
	}
	slices.Sort(listed)
	if inside := embeddedSounds(); !slices.Equal(inside, listed) || len(inside) != 20 {
		t.Errorf("inside are %d: %q\nlisted are %d: %q", len(inside), inside, len(listed), listed)
	}
}

func TestOpenAudio(t *testing.T) {
	r, err := OpenAudio("embedded:amp/input.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if i := r.Info(); i.Rate != 44100 || i.Channels != 1 || i.Frames != 176400 {
		t.Errorf("amp/input.wav is %+v", i)
	}
	a, err := audio.ReadAll(r)
	if err != nil || a.Frames() != 176400 {
		t.Errorf("read %d frames: %v", a.Frames(), err)
	}
	_, err = OpenAudio("embedded:amp/inputs.wav")
	wantError(t, err, "embedded:amp/inputs.wav", "embedded:amp/input.wav")
	_, err = OpenAudio("embedded:../x")
	wantError(t, err, "no such sound inside the program")
	_, err = OpenFile(t.TempDir())
	wantError(t, err, "not a regular file")
	_, err = OpenFile(filepath.Join(t.TempDir(), "missing.wav"))
	wantError(t, err, "missing.wav")
}

func TestAbsoluteMakesEveryPathAbsolute(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	c := load(t, `
kind: pair
input: [a.wav, "embedded:amp/input.wav", /x/b.wav]
target: [sub/a.wav, "*.wav", c.wav]
validation_input: [v.wav]
validation_target: [w.wav]
augment: [{kind: ir, files: [ir.wav]}]`)
	p := c.Absolute(dir).(Pair)
	for _, x := range [][2]any{
		{p.Input, []string{at("a.wav"), "embedded:amp/input.wav", "/x/b.wav"}},
		{p.Target, []string{at("sub/a.wav"), at("*.wav"), at("c.wav")}},
		{p.ValidationInput, []string{at("v.wav")}},
		{p.ValidationTarget, []string{at("w.wav")}},
		{p.Augment.Items[0].Value.(ImpulseResponse).Files, []string{at("ir.wav")}},
		{c.(Pair).Input[0], "a.wav"}, // the original is as it was
		{c.(Pair).Augment.Items[0].Value.(ImpulseResponse).Files[0], "ir.wav"},
	} {
		if !reflect.DeepEqual(x[0], x[1]) {
			t.Errorf("got %q, want %q", x[0], x[1])
		}
	}
	m := load(t, "kind: mix\nclean: {root: c}\nnoise: {root: 'embedded:noise'}").Absolute(dir).(Mix)
	if m.Clean.Root != at("c") || m.Noise.Root != "embedded:noise" {
		t.Errorf("roots are %s and %s", m.Clean.Root, m.Noise.Root)
	}
	f := load(t, "kind: folder\nroot: f\ndegrade: [{kind: ir, files: [ir.wav]}]").Absolute(dir).(Folder)
	if f.Root != at("f") || f.Degrade.Items[0].Value.(ImpulseResponse).Files[0] != at("ir.wav") {
		t.Errorf("paths are %s and %s", f.Root, f.Degrade.Items[0].Value)
	}
}

// What train writes as config.yaml must load again and mean the same.
func TestConfigsSurviveMarshal(t *testing.T) {
	for _, yaml := range []string{
		"kind: pair\ninput: [a.wav]\ntarget: [b.wav]\nvalidation: {start: -9s, stop: 0}\naugment: [gain, {kind: shift, on: input}]",
		"kind: folder\nroot: x\ndegrade: [noise, polarity]",
		"kind: mix\nclean: {root: c, validation: 0.3}\nnoise: {root: n}\nexcerpt: 3s",
	} {
		r := recipe{Data: config.Of(Kinds, "pair")}
		if err := config.Load(&r, "a.yaml", []byte("data:\n  "+strings.ReplaceAll(yaml, "\n", "\n  ")), nil); err != nil {
			t.Fatal(err)
		}
		r.Data.Value = r.Data.Value.Absolute("/somewhere")
		first, err := config.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again := recipe{Data: config.Of(Kinds, "pair")}
		if err := config.Load(&again, "b.yaml", first, nil); err != nil {
			t.Fatal(err)
		}
		second, err := config.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(second) {
			t.Errorf("written:\n%s\nread and written again:\n%s", first, second)
		}
	}
}

// Every key has a doc, so that a commented recipe explains itself.
func TestEveryFieldHasADoc(t *testing.T) {
	var check func(typ reflect.Type)
	check = func(typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Anonymous {
				check(f.Type)
				continue
			}
			if f.Tag.Get("yaml") == "" || f.Tag.Get("doc") == "" {
				t.Errorf("%s.%s has yaml %q and doc %q", typ, f.Name, f.Tag.Get("yaml"), f.Tag.Get("doc"))
			}
		}
	}
	for _, c := range Kinds() {
		check(reflect.TypeOf(c))
	}
	for _, c := range Effects() {
		check(reflect.TypeOf(c))
	}
	for _, c := range []any{Range{}, Tree{}} {
		check(reflect.TypeOf(c))
	}
}
