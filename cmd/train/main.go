// Command train trains small audio models through a differentiable STFT, and
// looks after the runs that come of it.
package main

import (
	"context"
	"io"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program: results go to out, everything else to err. It
// returns the exit code.
func run(ctx context.Context, args []string, out, err io.Writer) int {
	a := &app{out: &results{w: out}, err: &screen{w: err}}
	root := a.root()
	root.SetArgs(args)
	failed := root.ExecuteContext(ctx)
	if failed == nil {
		failed = a.out.err
	}
	return a.report(failed)
}
