package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// stoppable lets the first Ctrl-C, or a SIGTERM, end a command in order, and
// the second at once. notice is what the first is answered with. Other commands
// have nothing to put in order: the first Ctrl-C ends them.
func (a *app) stoppable(notice string, c *cobra.Command) *cobra.Command {
	work := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx, unhook := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
		defer unhook()
		silence := context.AfterFunc(ctx, func() {
			unhook()
			fmt.Fprintln(a.err, notice)
		})
		defer silence()
		c.SetContext(ctx)
		return work(c, args)
	}
	return c
}

const (
	finishesStep = "finishing the step and saving; a second Ctrl-C stops at once"
	finishes     = "stopping"
)
