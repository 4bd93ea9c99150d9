package datasets

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Corpora are recognised by their folders, and the log says as what.
func TestRecognisedCorpora(t *testing.T) {
	speech := func(k int) []float32 { return white(3000, 0.1, k) }
	for _, c := range []struct {
		kind  string
		files func(dir string)
		train string // folder that clean examples come from
	}{
		{"VoiceBank-DEMAND", func(dir string) {
			for k := range 3 {
				for _, set := range []string{"train", "test"} {
					clean := white(3000, 0.1, 10*k)
					noisy := append([]float32(nil), clean...)
					addScaled([][]float32{noisy}, [][]float32{white(3000, 0.05, 100+k)}, 1)
					save(t, dir, fmt.Sprintf("clean_%sset_28spk_wav/p%d.wav", set, k), 1000, clean)
					save(t, dir, fmt.Sprintf("noisy_%sset_28spk_wav/p%d.wav", set, k), 1000, noisy)
				}
			}
		}, "clean_trainset_28spk_wav"},
		{"DNS", func(dir string) {
			for k := range 3 {
				save(t, dir, fmt.Sprintf("datasets_fullband/clean_fullband/a/%d.wav", k), 1000, speech(k))
				save(t, dir, fmt.Sprintf("datasets_fullband/noise_fullband/%d.wav", k), 1000, speech(100+k))
				save(t, dir, fmt.Sprintf("datasets_fullband/impulse_responses/%d.wav", k), 1000, speech(200+k))
			}
		}, "a"},
		{"plain folders", func(dir string) {
			for k := range 3 {
				save(t, dir, fmt.Sprintf("Speech/%d.wav", k), 1000, speech(k))
				save(t, dir, fmt.Sprintf("noises/%d.wav", k), 1000, speech(100+k))
			}
		}, "Speech"},
	} {
		dir := t.TempDir()
		c.files(dir)
		cut := Cut{Segment: 500}
		d, log := open(t, fmt.Sprintf("kind: mix\nroot: %s\nclean: {validation: 0}\nnoise: {validation: 0}\nsnr: [150, 150]", dir))
		if err := d.Cut(cut); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(log.String(), "recognised "+c.kind) {
			t.Errorf("the log is %q, want %q in it", log, c.kind)
		}
		in, target, files := fill(t, d, cut, 0, 0)
		if r := ratio(in[0], target[0]); r < 100 || filepath.Base(filepath.Dir(files[0])) != c.train {
			t.Errorf("%s: an example of %q at %.1f dB", c.kind, files, r)
		}
	}
	dir := t.TempDir()
	save(t, dir, "music/1.wav", 1000, speech(1))
	_, err := load(t, "kind: mix\nroot: "+dir).Open(Env{})
	wantError(t, err, "root: "+dir+" is not recognised", "the folders music", "clean... and noise...")
}

// The noise in noisy recordings is what they have more than their clean twins,
// and a test set is validated on as it is.
func TestTwinsGiveTheirDifference(t *testing.T) {
	dir := t.TempDir()
	noises := map[int][]float32{}
	for k := range 3 {
		clean, noise := white(3000, 0.1, 10*k), make([]float32, 3000)
		for i := range noise {
			noise[i] = 0.01 * float32(k+1)
		}
		noises[k] = noise
		noisy := append([]float32(nil), clean...)
		addScaled([][]float32{noisy}, [][]float32{noise}, 1)
		for _, set := range []string{"train", "test"} {
			save(t, dir, fmt.Sprintf("clean_%sset_wav/p%d.wav", set, k), 1000, clean)
			save(t, dir, fmt.Sprintf("noisy_%sset_wav/p%d.wav", set, k), 1000, noisy)
		}
	}
	c := Cut{Segment: 500}
	d, log := open(t, fmt.Sprintf("kind: mix\nroot: %s\nclean: {validation: 0}\nnoise: {validation: 0}\nnoise_only: 1\nlevel: [-20, -20]", dir))
	if err := d.Cut(c); err != nil {
		t.Fatal(err)
	}
	in, _, files := fill(t, d, c, 0, 0)
	if got := in[0][0] - in[0][499]; got > 1e-5 || got < -1e-5 || len(files) != 2 {
		t.Errorf("the noise of %q is not the constant difference: %v", files, in[0][:4])
	}
	if !strings.Contains(log.String(), "their difference is the noise") {
		t.Errorf("the log is %q", log)
	}
	if n := len(d.Excerpts()); n != 3 {
		t.Fatalf("%d excerpts, want the 3 of the test set", n)
	}
	for _, x := range d.Excerpts() {
		in, target := planes(nil, 1, 3000), planes(nil, 1, 3000)
		if err := x.Read(in, target, 0); err != nil {
			t.Fatal(err)
		}
		var k int
		if _, err := fmt.Sscanf(x.Name(), "p%d.wav", &k); err != nil {
			t.Fatal(err)
		}
		if got := in[0][7] - target[0][7]; got-noises[k][7] > 1e-6 || noises[k][7]-got > 1e-6 {
			t.Errorf("%s has %v more than its clean twin, want %v", x.Name(), got, noises[k][7])
		}
	}
}

// A written mix reads back bit for bit, lies in the same folder for the same
// mix, and in another for another.
func TestWrittenMix(t *testing.T) {
	yaml, dir := mixFiles(t)
	yaml += "excerpts: 4\nexcerpt: 1s\nvalidation_snr: [0, 9]\n"
	d, _ := open(t, yaml)
	first, err := WriteExcerpts(dir+"/mixes", d)
	if err != nil {
		t.Fatal(err)
	}
	again, err := WriteExcerpts(dir+"/mixes", d)
	if err != nil || again != first {
		t.Fatalf("%s, %v: not the folder of before, %s", again, err, first)
	}
	other, _ := open(t, yaml+"level: [-40, -30]\n")
	if moved, err := WriteExcerpts(dir+"/mixes", other); err != nil || moved == first {
		t.Errorf("another mix is written to %s, %v", moved, err)
	}
	if entries, _ := os.ReadDir(dir + "/mixes"); len(entries) != 2 {
		t.Errorf("%d entries, want the two mixes", len(entries))
	}
	back, _ := open(t, strings.ReplaceAll(yaml, "validation: 0.5", "validation: 0")+"validation_mix: "+first)
	if a, b := len(d.Excerpts()), len(back.Excerpts()); a != b || a < 3 {
		t.Fatalf("%d excerpts were written, %d are read", a, b)
	}
	for i, x := range d.Excerpts() {
		y := back.Excerpts()[i]
		if x.Name() != y.Name() || x.Frames() != y.Frames() || fmt.Sprint(TagsOf(x)) != fmt.Sprint(TagsOf(y)) || len(TagsOf(x)) != 2 {
			t.Errorf("%s %d %v reads back as %s %d %v", x.Name(), x.Frames(), TagsOf(x), y.Name(), y.Frames(), TagsOf(y))
		}
		var sounds [2][2][][]float32
		for k, e := range []Excerpt{x, y} {
			in, target := planes(nil, 1, 1010), planes(nil, 1, 1010)
			if err := e.Read(in, target, -7); err != nil {
				t.Fatal(err)
			}
			sounds[k] = [2][][]float32{in, target}
		}
		if !equal(sounds[0][0][0], sounds[1][0][0]) || !equal(sounds[0][1][0], sounds[1][1][0]) {
			t.Errorf("excerpt %d reads back with other bits", i)
		}
	}
	if files := back.Files(); len(files) != len(d.Files())+8 {
		t.Errorf("%d files for the manifest, want the mix's 8 more than %d", len(files), len(d.Files()))
	}
	var list Written
	text, err := os.ReadFile(first + "/list.json")
	if err != nil || json.Unmarshal(text, &list) != nil || list.Rate != 1000 || len(list.Excerpts[0].Input.SHA256) != 64 {
		t.Errorf("the list is %s, %v", text, err)
	}
	for text, want := range map[string]string{
		`{"excerpts": [{"input": {"file": "../x.wav"}}]}`: "outside of the folder",
		`{"excerpts": []}`: "at least one excerpt",
		`[]`:               "list.json",
	} {
		if err := os.WriteFile(first+"/list.json", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := load(t, yaml+"validation_mix: "+first).Open(Env{})
		wantError(t, err, "validation_mix", want)
	}
}
