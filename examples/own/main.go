// Command own is a program outside the module partials that trains a model of
// its own (waveshaper.go) with a loss of its own (level.go) and a Function of
// its own (polynomial.go), by a recipe (own.yaml). Runs of it are resumed and
// reproduced like any other, by name or by folder:
//
//	own run own.yaml steps=500
//	own resume own
//	own reproduce runs/own
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"

	"partials/loss"
	"partials/model"
	"partials/train"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: own run RECIPE.yaml [key=value ...] | own resume RUN [key=value ...] | own reproduce RUN")
	}
	options := train.Options{
		RunsDir: "runs",
		Display: train.NewLines(os.Stderr),
		Kinds: train.Kinds{ // beside those of partials
			Models: map[string]model.Config{"waveshaper": Waveshaper{Order: 3}},
			Losses: map[string]loss.Config{"level": Level{Term: loss.Term{Weight: 1}, Floor: 1e-3}},
		},
	}
	switch command, name, overrides := args[0], args[1], args[2:]; command {
	case "run":
		recipe, err := options.LoadRecipe(name, overrides...)
		if err != nil {
			return err
		}
		return tell(train.Start(ctx, recipe, options))
	case "resume":
		dir, err := train.OpenDir(name, options.RunsDir)
		if err != nil {
			return err
		}
		return tell(train.Resume(ctx, dir, overrides, options))
	case "reproduce":
		dir, err := train.OpenDir(name, options.RunsDir)
		if err != nil {
			return err
		}
		again, err := train.Reproduce(ctx, dir, options)
		if err != nil {
			return err
		}
		if !again.Same {
			return fmt.Errorf("%s: other bits from step %d on: %s", dir, again.Step, again.What)
		}
		fmt.Printf("%s: the same bits\n", dir)
		return nil
	default:
		return fmt.Errorf("there is no command %q", command)
	}
}

// tell prints how a run ended: its folder, and what its best weights score in
// validation.
func tell(res *train.Result, err error) error {
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d steps\n", res.Dir, res.Steps)
	for _, name := range slices.Sorted(maps.Keys(res.Valid.Mean)) {
		fmt.Printf("  %s %.5g\n", name, float64(res.Valid.Mean[name]))
	}
	return nil
}
