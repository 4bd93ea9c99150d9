package workload

import (
	"math"
	"testing"
)

// Every workload runs at a small size, and computes the same at one thread and
// at two.
func TestRuns(t *testing.T) {
	for _, w := range All() {
		t.Run(w.Name, func(t *testing.T) {
			small := w.Sized(3, 4200)
			if w.Points() > 0 && w.Name[0] == 'a' {
				small = w.Sized(11, 0)
			}
			var results [2]Tensors
			for i := range results {
				j, err := small.Open(i + 1)
				if err != nil {
					t.Fatal(err)
				}
				inputs := j.Inputs()
				if len(inputs) == 0 {
					t.Error("no inputs")
				}
				j.Run()
				results[i] = j.Results()
				if f := j.FLOPs(); !(f > 0) || math.IsInf(f, 0) {
					t.Errorf("FLOPs = %v", f)
				}
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}
			for name, a := range results[0] {
				if b := results[1][name]; string(a.Data) != string(b.Data) {
					t.Errorf("%s depends on the number of threads", name)
				}
				if name == "y" && zero(a.Data) {
					t.Error("the result is all zeros")
				}
			}
		})
	}
}

func zero(b []byte) bool {
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}

func TestGet(t *testing.T) {
	if _, err := Get("z/none"); err == nil {
		t.Error("a workload that does not exist was found")
	}
	w, err := Get("b/stft/1024")
	if err != nil || w.Points() != 1024 || w.Kind() != "stft" || w.Samples() != 16*65536 {
		t.Errorf("Get = %+v, %v", w, err)
	}
}
