package autograd

import (
	"fmt"
	"runtime"
	"strings"

	"partials/tensor"
)

// Fault is what a programmer's mistake inside a step panics with: shapes that
// do not fit, a stale Var, a device that failed. It names the Function, the
// shapes of its inputs, and the line that applied it. Programs that must not
// panic recover it at the edge of a step with Catch.
type Fault struct {
	Op    string         // the Function, e.g. "ops.conv1D"
	In    []tensor.Shape // the inputs' shapes
	Place string         // file:line that applied it
	Cause any            // what the Function or its kernel panicked with
}

// Error is "ops.Conv1D of (1, 2, 3), (4, 5, 6): the cause (applied at file.go:7)".
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Op)
	for i, s := range f.In {
		if i == 0 {
			b.WriteString(" of ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(s.String())
	}
	fmt.Fprintf(&b, ": %v", f.Cause)
	if f.Place != "" {
		fmt.Fprintf(&b, " (applied at %s)", f.Place)
	}
	return b.String()
}

// Unwrap returns the cause where it is an error: a *tensor.OutOfMemory, say.
func (f *Fault) Unwrap() error {
	err, _ := f.Cause.(error)
	return err
}

// Catch runs f and returns what a step may panic with: a *Fault, or the
// *tensor.OutOfMemory of memory taken outside a Function (Tape.Put, say). It
// returns nil where f did not panic. Other panics go on.
func Catch(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Fault:
			err = r
		case *tensor.OutOfMemory:
			err = r
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// name is what a Function calls itself, where it has a String method, or its
// type as its users write it: "ops.conv1D".
func name(f Function) string {
	if s, ok := f.(fmt.Stringer); ok {
		return s.String()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", f), "*")
}

// place is the file:line that applied a Function, given the stack of its call:
// the first caller of Call.run outside the packages that only wrap Apply.
func place(pcs []uintptr) string {
	frames := runtime.CallersFrames(pcs)
	inside := true
	for {
		f, more := frames.Next()
		switch {
		case inside:
			inside = f.Function != "partials/autograd.(*Call).run"
		case !wraps(f.Function):
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return ""
		}
	}
}

// wraps says whether a function belongs to a package that applies Functions on
// somebody else's behalf: the line worth naming is its caller's.
func wraps(function string) bool {
	for _, pkg := range [...]string{"partials/autograd.", "partials/ops.", "partials/spectral."} {
		if strings.HasPrefix(function, pkg) {
			return true
		}
	}
	return false
}
