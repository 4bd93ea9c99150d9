// Command train trains small audio models through a differentiable STFT, and
// looks after the runs that come of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"partials/internal/config"
	"partials/internal/impl"
	"partials/train"
)

// Exit codes, as documented in the README and in `train --help`.
const (
	exitOK          = 0
	exitFailed      = 1   // the work could not be done
	exitUsage       = 2   // a wrong command line or recipe
	exitDiffers     = 3   // reproduce: not the same bits
	exitInterrupted = 130 // stopped by Ctrl-C; the run is saved
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills at once
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	a := &app{out: os.Stdout, err: os.Stderr}
	root := a.root()
	root.SetArgs(args)
	err := impl.Err()
	if err == nil {
		err = root.ExecuteContext(ctx)
	} else {
		err = usageError{err}
	}
	return a.report(err)
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errDiffers ends `train reproduce` where the bits are not the same.
var errDiffers = errors.New("not the same bits")

// report tells the user of an error and returns the exit code.
func (a *app) report(err error) int {
	var usage usageError
	var recipe config.Errors
	var stopped *train.Interrupted
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDiffers):
		return exitDiffers
	case errors.As(err, &stopped):
		fmt.Fprintf(a.err, "%v\nGo on with: train resume %s\n", stopped, stopped.Dir)
		return exitInterrupted
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "stopped")
		return exitInterrupted
	case errors.As(err, &recipe):
		fmt.Fprintln(a.err, err)
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(a.err, "train: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(a.err, "train: %v\n", err)
	return exitFailed
}
