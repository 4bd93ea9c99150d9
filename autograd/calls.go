package autograd

import "iter"

// Calls yields the calls of the step so far, in the order in which they ran:
// the graph, for those who write it down for another program.
func (t *Tape) Calls() iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		for _, c := range t.calls[:t.n] {
			if !yield(c) {
				return
			}
		}
	}
}

// Function returns what was applied. Its Forward has run.
func (c *Call) Function() Function { return c.fn }

// Var returns input i as Apply was given it, nil where it was not.
func (c *Call) Var(i int) *Var {
	if !c.Has(i) {
		return nil
	}
	return c.in[i]
}

// Result returns the output as Apply returned it.
func (c *Call) Result() *Var { return &c.out }

// String is the Function's name, as in a Fault: "ops.conv1D".
func (c *Call) String() string { return name(c.fn) }
