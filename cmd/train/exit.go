package main

import (
	"context"
	"errors"
	"fmt"

	"partials/internal/config"
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

// usageError is a mistake on the command line or in a recipe.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage makes a usageError.
func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errDiffers ends `train reproduce` where the bits are not the same.
var errDiffers = errors.New("not the same bits")

// report tells the user of an error and returns the exit code.
func (a *app) report(err error) int {
	var wrong usageError
	var unfit *train.Unfit
	var recipe config.Errors
	var stopped *train.Interrupted
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDiffers):
		return exitDiffers
	case errors.As(err, &stopped):
		fmt.Fprintf(a.err, "%v\ngo on with: train resume %s\n", stopped, shellWord(string(stopped.Dir)))
		return exitInterrupted
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "stopped")
		return exitInterrupted
	case errors.As(err, &recipe): // its lines begin with the file's name
		fmt.Fprintln(a.err, recipe)
		return exitUsage
	}
	fmt.Fprintf(a.err, "train: %v\n", err)
	if errors.As(err, &wrong) || errors.As(err, &unfit) {
		return exitUsage
	}
	return exitFailed
}
