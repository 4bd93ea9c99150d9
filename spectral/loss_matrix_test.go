package spectral

import (
	"math"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/tensor"
)

// A loss of bands that are neither mel nor chroma, which no option names.
func TestLossOfAnyBands(t *testing.T) {
	found := false
	for _, c := range golden.Cases(t, "losses2", "stft_loss") {
		if c.ID != "matrixstft" {
			continue
		}
		found = true
		o := LossOptions{WSC: 1, WLogMag: 1, LogFac: 1, Eps: 1e-8} // auraloss'
		s := DefaultSTFT(golden.Param[int](t, c, "n_fft"))
		s.Hop, s.WinLength = golden.Param[int](t, c, "hop_length"), golden.Param[int](t, c, "win_length")
		l, err := NewSTFTLoss(16000, []STFT{s}, o)
		if err != nil {
			t.Fatal(err)
		}
		fb := c.Array(t, "fb")
		l.resolutions[0].bands = NewFilterbank(fb.Shape[0], fb.Shape[1], fb.Data)
		dev := ref.NewChecked()
		tape := autograd.NewTape(dev, 0)
		pred := c.Array(t, "pred")
		x := tape.Watch(tape.Put64(tensor.Of(pred.Shape...), pred.Data))
		v := l.Apply(tape, x, tape.Put64(x.Shape, c.Array(t, "target").Data))
		if want := c.Scalar(t, "loss"); !(math.Abs(tape.Scalar(v)-want) <= 1e-11*want) {
			t.Errorf("value %v, want %v", tape.Scalar(v), want)
		}
		if err := tape.Backward(v); err != nil {
			t.Fatal(err)
		}
		g, _ := x.Grad()
		grad := make([]float64, g.Len())
		dev.Read64(grad, g)
		if e := golden.RelL2(grad, c.Array(t, "gpred").Data); !(e <= 1e-11) {
			t.Errorf("the gradient is off by %.2g", e)
		}
	}
	if !found {
		t.Error("no case matrixstft")
	}
}
