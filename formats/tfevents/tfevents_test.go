package tfevents

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"partials/formats/tfevents/tfeventstest"
)

// must fails the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, dir string, from int) *Writer {
	t.Helper()
	w, err := Create(dir, from)
	must(t, err)
	return w
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 3, 2))))
	return b.Bytes()
}

// TensorBoard reads all kinds of values, and those of a resumed run once.
func TestTensorBoardReads(t *testing.T) {
	tfeventstest.Python(t)
	dir := t.TempDir()
	w := create(t, dir, 1)
	img, err := Image("pictures/a", picture(t))
	must(t, err)
	must(t, w.Write(0, HParams([]Setting{{"optim.lr", "0.001"}, {"model.kind", "lstm"}}, []string{"valid/esr"})...))
	must(t, w.Write(0, Text("recipe", "# hello")))
	for step := 1; step <= 4; step++ {
		must(t, w.Write(step, Scalar("train/loss", 1/float64(step)), Scalar("train/lr", 0.5)))
	}
	must(t, w.Write(4, Histogram("weights/a", []float64{-1, 0, 0.5, 2, math.NaN()}), Histogram("weights/same", []float64{3, 3}), Histogram("weights/none", nil),
		img, Audio("audio/output", []byte("RIFF...."), 8000, 1, 4)))
	must(t, w.Close())
	// The run is killed in the middle of a record and goes on from step 2.
	path := files(t, dir)[0]
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.Write([]byte{200, 0, 0, 0, 0})
	must(t, err)
	must(t, f.Close())
	w = create(t, dir, 3)
	for step := 3; step <= 5; step++ {
		must(t, w.Write(step, Scalar("train/loss", 10*float64(step))))
	}
	must(t, w.Write(5, HParamsEnd(true)))
	must(t, w.Close())

	got := tfeventstest.Read(t, dir)
	same := func(what string, got, want any) {
		t.Helper()
		a, err := json.Marshal(got)
		must(t, err)
		b, err := json.Marshal(want)
		must(t, err)
		if string(a) != string(b) {
			t.Errorf("%s: TensorBoard reads %s, want %s", what, a, b)
		}
	}
	same("scalars", got.Scalars, map[string]any{
		"train/loss": [][]any{{1, 1}, {2, 0.5}, {3, 30}, {4, 40}, {5, 50}}, "train/lr": [][]any{{1, 0.5}, {2, 0.5}},
	})
	same("texts", got.Texts, map[string]any{"recipe": [][]any{{0, "# hello"}}})
	same("hparams", got.HParams.Values, map[string]any{"optim.lr": 0.001, "model.kind": "lstm"})
	same("metrics", got.HParams.Metrics, []string{"valid/esr"})
	same("types", got.HParams.Infos, map[string]int{"model.kind": 1, "optim.lr": 3})
	if got.HParams.Status != 1 {
		t.Errorf("the run's status is %d", got.HParams.Status)
	}
	// Those of step 4, which the run came back behind, are taken back.
	for tag, list := range got.Histograms {
		if len(list) != 0 {
			t.Errorf("a histogram of %s: %v", tag, list)
		}
	}
	for tag, list := range got.Images {
		if len(list) != 0 {
			t.Errorf("a picture of %s: %v", tag, list)
		}
	}
	w = create(t, dir, 6)
	must(t, w.Write(6, Histogram("weights/a", []float64{-1, 0, 0.5, 2, math.NaN()}), Histogram("weights/same", []float64{3, 3}), Histogram("weights/none", nil),
		img, Audio("audio/output", []byte("RIFF...."), 8000, 1, 4)))
	must(t, w.Close())
	got = tfeventstest.Read(t, dir)
	same("histograms", got.Histograms, map[string]any{"weights/a": [][]any{{6, 4, 4}}, "weights/same": [][]any{{6, 2, 2}}, "weights/none": [][]any{{6, 0, 0}}})
	same("images", got.Images, map[string]any{"pictures/a": [][]any{{6, 3, 2, "89504e47"}}})
	same("audio", got.Audio, map[string]any{"audio/output": [][]any{{6, 8000, 4, "RIFF"}}})
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	must(t, err)
	slices.Sort(list)
	return list
}

// Files that were begun in one second come in order.
func TestFilesComeInOrder(t *testing.T) {
	dir := t.TempDir()
	var sizes []int
	for from := range 3 {
		w := create(t, dir, from)
		for range 2 * from {
			must(t, w.Write(from, Scalar("a", 1)))
		}
		must(t, w.Close())
	}
	for _, path := range files(t, dir) {
		data, err := os.ReadFile(path)
		must(t, err)
		sizes = append(sizes, len(data))
	}
	if len(sizes) != 3 || !slices.IsSorted(sizes) {
		t.Errorf("sizes %v", sizes)
	}
}

// The checksum is that of RFC 3720's test vectors, masked as in TFRecord.
func TestMaskedChecksum(t *testing.T) {
	unmask := func(c uint32) uint32 { c -= 0xa282ead8; return c>>17 | c<<15 }
	ascending := make([]byte, 32)
	for i := range ascending {
		ascending[i] = byte(i)
	}
	for want, data := range map[uint32][]byte{0x8a9136aa: make([]byte, 32), 0x62a8ab43: bytes.Repeat([]byte{0xff}, 32), 0x46dd794e: ascending} {
		if got := unmask(masked(data)); got != want {
			t.Errorf("%#x, want %#x", got, want)
		}
	}
	// TensorBoard's own masked_crc32c of the length 24.
	if got := masked(binary.LittleEndian.AppendUint64(nil, 24)); got != 0x224b7fa3 {
		t.Errorf("the length 24 has %#x", got)
	}
}

func TestHistogramCounts(t *testing.T) {
	v := Histogram("a", []float64{0, 1, 1, 60, 59.99, math.Inf(1)})
	w := Histogram("a", []float64{0, 1, 1, 60, 59.99})
	if !reflect.DeepEqual(v, w) {
		t.Error("an infinity changes the histogram")
	}
}

func TestImageRefuses(t *testing.T) {
	if _, err := Image("a", []byte("no picture")); err == nil {
		t.Error("no error")
	}
}
