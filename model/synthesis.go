package model

// synthesisWindow is the window that, after an analysis with w, makes overlap-
// added frames add up to the signal: w over the sum of its squares, hop apart.
// https://doi.org/10.1109/TASSP.1984.1164317
func synthesisWindow(w []float64, hop int) []float64 {
	s := make([]float64, len(w))
	for i := range w {
		sum := 0.0
		for j := i % hop; j < len(w); j += hop {
			sum += w[j] * w[j]
		}
		s[i] = w[i] / sum
	}
	return s
}
