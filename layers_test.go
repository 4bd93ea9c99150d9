package partials

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// layers is the table of docs/design.md: a package may import packages of
// lower layers only. A trailing /* stands for every package below a folder.
var layers = []struct {
	level    int
	packages []string
}{
	{11, []string{"bench", "bench/peers"}},
	{10, []string{"cmd/train", "examples/*", "bench/workload"}},
	{9, []string{"sweep"}},
	{8, []string{"train"}},
	{7, []string{"formats/*"}},
	{6, []string{"model", "loss", "optim", "datasets", "capture"}},
	{5, []string{"spectral", "metric"}},
	{4, []string{"ops", "device/devices", "autograd/gradcheck", "device/devicetest"}},
	{3, []string{"autograd", "device/cpu", "device/ref", "audio"}},
	{2, []string{"device", "graph", "internal/fft", "internal/simd/gemm", "internal/simd/conv", "internal/simd/rnn"}},
	{1, []string{"tensor", "plots", "configs", "internal/config", "internal/simd/vec", "datasets/embedded"}},
	{0, []string{"internal/impl", "internal/mlflow", "internal/parallel", "internal/rng"}},
}

// testOnly are packages that only tests import; they may look anywhere.
var testOnly = map[string]bool{
	"internal/golden":               true,
	"internal/impl/impltest":        true,
	"internal/mlflow/mlflowtest":    true,
	"formats/nam/namtest":           true,
	"formats/onnx/onnxtest":         true,
	"formats/tfevents/tfeventstest": true,
}

func level(pkg string) (int, bool) {
	for _, l := range layers {
		for _, p := range l.packages {
			if ok, _ := path.Match(p, pkg); ok {
				return l.level, true
			}
		}
	}
	return 0, false
}

func TestImportsGoDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkg, ours := strings.CutPrefix(p.ImportPath, "partials/")
		if !ours || testOnly[pkg] {
			continue
		}
		from, ok := level(pkg)
		if !ok {
			t.Errorf("%s has no place in the table of layers", pkg)
			continue
		}
		for _, imported := range p.Imports {
			dep, ours := strings.CutPrefix(imported, "partials/")
			if !ours {
				continue
			}
			if testOnly[dep] {
				t.Errorf("%s imports %s, which is for tests", pkg, dep)
			} else if to, ok := level(dep); ok && to >= from {
				t.Errorf("%s (layer %d) imports %s (layer %d)", pkg, from, dep, to)
			}
			concrete := strings.HasPrefix(dep, "device/") && dep != "device/devices" && dep != "device/devicetest"
			reference := pkg == "device/devicetest" && dep == "device/ref"
			if concrete && pkg != "device/devices" && !reference {
				t.Errorf("%s imports %s: only device/devices knows concrete devices, and device/devicetest the reference", pkg, dep)
			}
		}
	}
}
