package model_test

import "testing"

// The last output sample depends on the sample ReceptiveField-1 back, on none
// before, and no output on a later block.
func TestReceptiveField(t *testing.T) {
	each(t, func(t *testing.T, c small, m built) {
		f := m.Facts()
		if f.Inputs != c.in || f.Outputs != c.out {
			t.Fatalf("%d channels in and %d out, want %d and %d", f.Inputs, f.Outputs, c.in, c.out)
		}
		n := 12 // an unbounded model forgets: float32 sees the first of so many
		if f.ReceptiveField > 0 {
			n = 40 + f.ReceptiveField
		}
		n = (n + f.Block - 1) / f.Block * f.Block
		last := n - 1
		before := m.whole(noise(c.in, n, 4))
		changed := func(at int) [][]float32 {
			y := noise(c.in, n, 4)
			y[0][at] += 0.5
			return m.whole(y)
		}
		first := func(after [][]float32) int { // output sample that differs
			for i := range n {
				for ch := range after {
					if after[ch][i] != before[ch][i] {
						return i
					}
				}
			}
			return n
		}
		lastChanges := func(at int) bool {
			after := changed(at)
			for ch := range after {
				if after[ch][last] != before[ch][last] {
					return true
				}
			}
			return false
		}
		at := n - 9
		if i := first(changed(at)); i < at/f.Block*f.Block {
			t.Errorf("input sample %d changes output sample %d", at, i)
		}
		if f.ReceptiveField == 0 {
			if !lastChanges(0) {
				t.Error("the first sample of an unbounded model does not reach the last")
			}
			return
		}
		if at := last - f.ReceptiveField + 1; !lastChanges(at) {
			t.Errorf("receptive field %d: the first sample of it does not reach the output", f.ReceptiveField)
		}
		if at := last - f.ReceptiveField; lastChanges(at) {
			t.Errorf("receptive field %d: a sample before it reaches the output", f.ReceptiveField)
		}
	})
}
