package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// worker is a process that speaks the protocol of work.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startWorker starts a program with variables added to the environment, less
// those that would hold a peer back.
func startWorker(env []string, program string, args ...string) (*worker, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(cleanEnvironment(), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &worker{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

// cleanEnvironment is the environment without what tunes a numeric library.
func cleanEnvironment() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		tunes := false
		for _, prefix := range []string{"OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "MALLOC_", "GOMAXPROCS", "GOGC", "GODEBUG", "PARTIALS_"} {
			tunes = tunes || strings.HasPrefix(name, prefix)
		}
		if !tunes {
			env = append(env, v)
		}
	}
	return env
}

// ask sends a line and returns the answer.
func (w *worker) ask(format string, args ...any) (string, error) {
	line := fmt.Sprintf(format, args...)
	if _, err := fmt.Fprintln(w.in, line); err != nil {
		return "", fmt.Errorf("%s: %w", w.cmd.Path, err)
	}
	answer, err := w.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s did not answer %q: %w", w.cmd.Path, line, err)
	}
	answer = strings.TrimSpace(answer)
	if why, bad := strings.CutPrefix(answer, "error"); bad {
		return "", fmt.Errorf("%s answered %q: %s", w.cmd.Path, line, why)
	}
	return answer, nil
}

// run makes n calls and returns the seconds they took.
func (w *worker) run(n int) (float64, error) {
	answer, err := w.ask("run %d", n)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(answer, 64)
}

// memory is the most bytes that the process had in memory.
func (w *worker) memory() (float64, error) {
	answer, err := w.ask("memory")
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(answer, 64)
}

// cpu is the processor time in seconds that the process has used.
func (w *worker) cpu() float64 { return processCPU(strconv.Itoa(w.cmd.Process.Pid)) }

// stop ends the worker. How it ends no longer matters.
func (w *worker) stop() {
	_ = w.in.Close()
	late := time.AfterFunc(10*time.Second, func() { _ = w.cmd.Process.Kill() })
	_ = w.cmd.Wait()
	late.Stop()
}
