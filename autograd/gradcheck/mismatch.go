package gradcheck

import "fmt"

// Mismatch is the error of a gradient that differs from the derivative.
type Mismatch struct {
	Input    int     // which input
	At       []int   // Full: which of its numbers, one index for each axis
	Seed     int     // Directional: which random direction
	Analytic float64 // by Backward
	Numeric  float64 // by differences
	Allowed  float64 // the largest difference that passes
}

// Error says which input, where, both values and how far they are apart.
func (m *Mismatch) Error() string {
	where := fmt.Sprintf("along random direction %d", m.Seed)
	if m.At != nil {
		where = fmt.Sprintf("at %v", m.At)
	}
	return fmt.Sprintf("gradcheck: the gradient of input %d %s is %.10g by Backward, but %.10g by differences (off by %.2g, allowed %.2g)",
		m.Input, where, m.Analytic, m.Numeric, m.Analytic-m.Numeric, m.Allowed)
}
