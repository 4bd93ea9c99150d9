package spectral

import (
	"fmt"
	"math"

	"partials/internal/fft"
)

// Spectrogram returns the levels [frames][bins] of x in dB for people to look
// at: Hann windows of nFFT samples, one every hop samples from sample 0 on,
// with zeros outside x. A full-scale sine reaches 0 dB; silence is -Inf. For
// gradients there is Analysis.
func Spectrogram(x []float32, nFFT, hop int) [][]float32 {
	if nFFT < 1 || hop < 1 {
		panic(fmt.Sprintf("spectral.Spectrogram: n_fft %d and hop %d; both must be at least 1", nFFT, hop))
	}
	window := Window{Kind: Hann}.Values(nFFT)
	sum := 0.0
	for _, w := range window {
		sum += w
	}
	plan := fft.NewPlan(nFFT)
	frame := make([]float64, nFFT)
	re, im := make([]float64, plan.Bins()), make([]float64, plan.Bins())
	var levels [][]float32
	for start := 0; start < len(x); start += hop {
		for i := range frame {
			frame[i] = 0
			if at := start + i - nFFT/2; at >= 0 && at < len(x) {
				frame[i] = window[i] * float64(x[at])
			}
		}
		plan.RFFT(re, im, frame)
		row := make([]float32, len(re))
		for k := range row {
			row[k] = float32(20 * math.Log10(2/sum*math.Hypot(re[k], im[k])))
		}
		levels = append(levels, row)
	}
	return levels
}

// HopFor returns the smallest hop, at least nFFT/4, at which a Spectrogram of n
// samples has at most frames frames: a picture of a long recording needs no
// more than it has columns.
func HopFor(n, nFFT, frames int) int {
	return max(nFFT/4, (n+frames-1)/frames, 1)
}
