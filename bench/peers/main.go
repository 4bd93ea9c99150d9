// Command peers measures Partials beside PyTorch, auraloss, the Neural Amp
// Modeler, FFTW and soundfile: alternately, in one run, on the same data. The
// Makefile beside it installs them and calls it; README.md says how to read
// what it prints.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

const usage = `usage: peers COMMAND [flags]
  table    measure, merge into results.json and print the table
  print    print the table of results.json
  check    compare values and gradients with the peers'
  export   write a workload's inputs and results to a file
  worker   serve as Partials' side of a measurement`

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s", usage)
	}
	var o options
	f := flag.NewFlagSet("peers "+args[0], flag.ContinueOnError)
	f.StringVar(&o.python, "python", "", "interpreter that has the peers")
	f.StringVar(&o.fftw, "fftw", "", "the FFTW worker's program")
	f.StringVar(&o.ceiling, "ceiling", "", "the program that measures the machine's ceilings")
	f.StringVar(&o.results, "results", "results.json", "file that rows are merged into")
	only := f.String("only", "", "letters or beginnings of workloads, with commas; empty for all")
	threads := f.String("threads", "1,2", "thread counts, with commas")
	f.IntVar(&o.samples, "samples", 15, "quiet samples of each side")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, s := range strings.Split(*threads, ",") {
		var n int
		if _, err := fmt.Sscan(s, &n); err != nil || n < 1 {
			return fmt.Errorf("-threads is %q; it must be numbers from 1 on, with commas", *threads)
		}
		o.threads = append(o.threads, n)
	}
	switch args[0] {
	case "table":
		return table(o)
	case "print":
		return printResults(o)
	case "check":
		return check(o)
	case "export":
		if f.NArg() != 2 {
			return fmt.Errorf("usage: peers export WORKLOAD FILE")
		}
		return export(f.Arg(0), 0, 0, f.Arg(1))
	case "worker":
		return work(os.Stdin, os.Stdout)
	}
	return fmt.Errorf("%s", usage)
}

// options are the flags of every command.
type options struct {
	python, fftw, ceiling string
	results               string
	only                  []string
	threads               []int
	samples               int
}

// wants says whether a workload was asked for.
func (o options) wants(workload string) bool {
	for _, prefix := range o.only {
		if strings.HasPrefix(workload, prefix) {
			return true
		}
	}
	return len(o.only) == 0
}
