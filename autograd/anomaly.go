package autograd

import (
	"fmt"
	"math"

	"partials/tensor"
)

// Anomaly says where the first NaN or infinity of a step came from. It is the
// cause of a Fault that names the Function; see Tape.DetectAnomaly.
type Anomaly struct {
	What  string  // "output", "gradient of input 1"
	Index int     // of the first such number, row-major
	Value float64 // NaN or an infinity
	Given string  // what the Function was given that was no number either, as "input 0"; empty where all was well
}

// Error is "its output is NaN at number 7; all its inputs are finite".
func (a *Anomaly) Error() string {
	s := fmt.Sprintf("its %s is %v at number %d", a.What, a.Value, a.Index)
	if a.Given == "" {
		return s + "; all that it was given is finite"
	}
	return s + "; its " + a.Given + " was not finite already"
}

// anomaly returns the first number of x that is none, and its index, or -1.
func (t *Tape) anomaly(x tensor.Tensor) (int, float64) {
	v := make([]float64, x.Len())
	t.dev.Read64(v, x)
	for i, y := range v {
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return i, y
		}
	}
	return -1, 0
}

// checkOutputs panics where an output of the call is no number.
func (c *Call) checkOutputs() {
	for i, v := range [...]*Var{&c.out, &c.extra[0], &c.extra[1]} {
		if v.Absent() {
			continue
		}
		at, value := c.tape.anomaly(v.Tensor)
		if at < 0 {
			continue
		}
		what := "output"
		if i > 0 {
			what = fmt.Sprintf("further output %d", i-1)
		}
		c.fail(&Anomaly{What: what, Index: at, Value: value, Given: c.badInput()})
	}
}

// checkGradients panics where the gradient of an input is no number, as the call
// left it.
func (c *Call) checkGradients() {
	for i, v := range c.in {
		if v == nil || v.grad.Absent() {
			continue
		}
		at, value := c.tape.anomaly(v.grad)
		if at < 0 {
			continue
		}
		f := c.fault(&Anomaly{What: fmt.Sprintf("gradient of input %d", i), Index: at, Value: value, Given: c.badInput()})
		f.Place = place(c.pcs[:c.npc])
		panic(f)
	}
}

// badInput names the first input with a number that is none.
func (c *Call) badInput() string {
	for i, v := range c.in {
		if v == nil {
			continue
		}
		if at, value := c.tape.anomaly(v.Tensor); at >= 0 {
			return fmt.Sprintf("input %d (%v at number %d)", i, value, at)
		}
	}
	return ""
}
