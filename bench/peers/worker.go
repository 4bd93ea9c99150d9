package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"partials/bench/workload"
	"partials/formats/safetensors"
)

// work is Partials' side of the protocol that all workers speak, a line to
// each line:
//
//	open WORKLOAD BATCH LENGTH THREADS FILE   ok
//	run N                                     seconds that N calls took
//	memory                                    bytes: the most the process had in memory
//
// FILE is what export wrote, which Partials makes anew from its own numbers. A
// line that begins with "error" says what went wrong. The end of the input ends
// the worker.
func work(in io.Reader, out io.Writer) error {
	var job workload.Job
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		answer, err := answer(&job, strings.Fields(lines.Text()))
		if err != nil {
			answer = "error " + err.Error()
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func answer(job *workload.Job, words []string) (string, error) {
	numbers := func(words []string) (n []int, err error) {
		for _, w := range words {
			v, err := strconv.Atoi(w)
			if err != nil {
				return nil, err
			}
			n = append(n, v)
		}
		return n, nil
	}
	switch {
	case len(words) == 6 && words[0] == "open":
		w, err := workload.Get(words[1])
		if err != nil {
			return "", err
		}
		n, err := numbers(words[2:5])
		if err != nil {
			return "", err
		}
		if *job != nil {
			if err := (*job).Close(); err != nil {
				return "", err
			}
		}
		runtime.GOMAXPROCS(n[2])
		*job, err = w.Sized(n[0], n[1]).Open(n[2])
		return "ok", err
	case len(words) == 2 && words[0] == "run" && *job != nil:
		n, err := numbers(words[1:])
		if err != nil {
			return "", err
		}
		start := time.Now()
		for range n[0] {
			(*job).Run()
		}
		return strconv.FormatFloat(time.Since(start).Seconds(), 'g', -1, 64), nil
	case len(words) == 1 && words[0] == "memory":
		n, err := highWater("self")
		return strconv.FormatInt(n, 10), err
	}
	return "", fmt.Errorf("what is %q?", strings.Join(words, " "))
}

// highWater is VmHWM of a process, in bytes.
func highWater(pid string) (int64, error) {
	data, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "VmHWM:" {
			kib, err := strconv.ParseInt(f[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("the kernel does not say VmHWM")
}

// export writes what a peer needs to run a workload, and what one Run computes
// under names that begin with "result.".
func export(name string, batch, length int, path string) error {
	w, err := workload.Get(name)
	if err != nil {
		return err
	}
	w = w.Sized(batch, length)
	j, err := w.Open(runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	file := safetensors.File{Tensors: j.Inputs(), Metadata: map[string]string{
		"workload": w.Name, "length": strconv.Itoa(w.Length), "points": strconv.Itoa(w.Points()),
	}}
	j.Run()
	for name, t := range j.Results() {
		file.Tensors["result."+name] = t
	}
	data, err := file.Encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	return j.Close()
}
