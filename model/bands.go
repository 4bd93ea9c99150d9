package model

import (
	"fmt"

	"partials/spectral"
)

// bandsOf returns the filterbank from bins to n mel bands, (n, K), and the way
// back (K, n), which gives every bin the mean of the bands around it.
func bandsOf(n, rate, nFFT int) (bands, bins *spectral.Filterbank, err error) {
	if rate < 1 {
		return nil, nil, fmt.Errorf("bands need the sample rate, which is %d Hz", rate)
	}
	bands, err = spectral.Mel{NMels: n, Norm: spectral.UnitPeak}.Filterbank(rate, nFFT)
	if err != nil {
		return nil, nil, err
	}
	k := bands.Bins
	w := bands.Weights()
	back := make([]float64, k*n)
	nearest := 0 // the last band that a bin below had a part in
	for bin := range k {
		sum := 0.0
		for band := range n {
			sum += w[band*k+bin]
		}
		if sum == 0 { // between triangles, or outside of all
			back[bin*n+nearest] = 1
			continue
		}
		for band := range n {
			if v := w[band*k+bin]; v > 0 {
				back[bin*n+band] = v / sum
				nearest = band
			}
		}
	}
	return bands, spectral.NewFilterbank(k, n, back), nil
}
