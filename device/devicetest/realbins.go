package devicetest

import (
	"math"
	"testing"

	"partials/device"
)

// realBins checks that bins 0 and n/2 of the spectra of real signals have the
// imaginary part +0, on which the sign of a phase of pi depends.
func realBins(t *testing.T, b bed) {
	const rows = 9
	for _, n := range append([]int{6, 7, 14, 22, 194}, transformLengths...) {
		transform := device.Transform{N: n, In: n, Scale: 0.75}
		operators := realTransforms(1, rows, transform)[:1]
		for _, onesided := range []bool{true, false} {
			framing := device.Framing{NFFT: n, Hop: n, Frames: rows, Length: rows * n, Onesided: onesided, Scale: 0.75}
			operators = append(operators, analyses(framed{1, framing})[0])
		}
		for _, o := range operators {
			c := o.cases()[0]
			y := b.run(t, &c, c.data(), 0)[0]
			bins := o.y.Dim(-1)
			for row := rows; row < 2*rows; row++ { // the imaginary plane
				for k, v := range y[row*bins : (row+1)*bins] {
					if 2*k%n == 0 && math.Float64bits(v) != 0 {
						t.Fatalf("%v: the imaginary part of bin %d is %g, want 0", &c, k, v)
					}
				}
			}
		}
	}
}
