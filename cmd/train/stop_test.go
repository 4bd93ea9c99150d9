//go:build unix

package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// child is a run of the built program whose standard error is followed.
type child struct {
	*exec.Cmd
	lines *bufio.Scanner
	seen  strings.Builder
}

func start(t *testing.T, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(program(t), args...)}
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	c.lines = bufio.NewScanner(stderr)
	return c
}

// until reads standard error up to a line with text in it.
func (c *child) until(t *testing.T, text string) {
	t.Helper()
	for c.lines.Scan() {
		c.seen.WriteString(c.lines.Text() + "\n")
		if strings.Contains(c.lines.Text(), text) {
			return
		}
	}
	t.Fatalf("%q does not come:\n%s", text, c.seen.String())
}

func (c *child) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := c.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// end waits for the program's end and returns its exit code and all of its
// standard error.
func (c *child) end(t *testing.T) (code int, stderr string) {
	t.Helper()
	for c.lines.Scan() {
		c.seen.WriteString(c.lines.Text() + "\n")
	}
	var failed *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), c.seen.String()
}

func TestInterrupt(t *testing.T) {
	for name, s := range map[string]os.Signal{"Ctrl-C": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			runs := t.TempDir()
			args := append([]string{"run", "quickstart", "--runs-dir", runs}, tiny...)
			c := start(t, append(args, "steps=1000000", "validate.every=5")...)
			c.until(t, "step 5: validation")
			c.signal(t, s)
			code, stderr := c.end(t)
			if code != exitInterrupted {
				t.Errorf("exit code %d", code)
			}
			dir := filepath.Join(runs, "quickstart")
			saved := regexp.MustCompile(`(?m)^stopped after step (\d+); everything is saved\ngo on with: train resume ` + regexp.QuoteMeta(dir) + `\n\z`)
			if !strings.Contains(stderr, finishesStep+"\n") || !saved.MatchString(stderr) {
				t.Fatalf("standard error:\n%s", stderr)
			}
			if out := good(t, "list", "--runs-dir", runs); !strings.Contains(out, "interrupted") {
				t.Error(out)
			}
			if s != os.Interrupt {
				return
			}
			// It goes on from there, and to the bits of a run that was never stopped.
			at, err := strconv.Atoi(saved.FindStringSubmatch(stderr)[1])
			if err != nil {
				t.Fatal(err)
			}
			step := strconv.Itoa(at + 3)
			if out := good(t, "resume", dir, "steps="+step, "validate.every=0"); !strings.HasPrefix(out, dir+": "+step+" steps\n") {
				t.Error(out)
			}
			good(t, "reproduce", dir)
		})
	}
}

// On the float64 device a step takes about a second: the second Ctrl-C comes in
// the middle of it.
func TestSecondInterruptKills(t *testing.T) {
	c := start(t, "run", "quickstart", "--runs-dir", t.TempDir(), "device=ref", "batch=2", "segment=16384", "steps=100", "validate.every=0")
	c.until(t, "training")
	c.signal(t, os.Interrupt)
	c.until(t, finishesStep)
	c.signal(t, os.Interrupt)
	c.end(t)
	if status := c.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("the program ended with %v", c.ProcessState)
	}
}

// A reader that goes away ends the program without a word, as with any tool.
func TestClosedOutput(t *testing.T) {
	cmd := exec.Command(program(t), "fields", "loss")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out.Close() // nobody will read
	if err := cmd.Run(); err == nil {
		t.Error("the program ended well")
	}
	if s := stderr.String(); strings.Contains(s, "goroutine") {
		t.Error(s)
	}
}

// On a terminal there is a progress bar, whose last state stays and which
// leaves the cursor at the start of a line.
func TestBarOnATerminal(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil {
		if os.Getenv("PARTIALS_STRICT") != "" {
			t.Fatal("script, of util-linux, is not installed")
		}
		t.Skip("script, of util-linux, is not installed")
	}
	t.Chdir(t.TempDir())
	keys, keyboard, err := os.Pipe() // nobody types
	if err != nil {
		t.Fatal(err)
	}
	defer keyboard.Close()
	defer keys.Close()
	onTerminal := func(size string) string {
		t.Helper()
		command := "stty " + size + "; " + program(t) + " run quickstart " + strings.Join(tiny, " ")
		cmd := exec.Command(script, "-qec", command, os.DevNull)
		cmd.Stdin = keys
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	out := onTerminal("cols 120 rows 30")
	rows := strings.Split(strings.TrimSuffix(out, "\r\n"), "\r\n")
	bar := regexp.MustCompile(`step 4/4 +\[=+\] +loss \S+ · \S+ x real time · 0s left$`)
	last := 0 // row of the bar
	for i, row := range rows {
		if bar.MatchString(row) {
			last = i
		}
	}
	if last == 0 {
		t.Errorf("no bar, or it does not end at the last step:\n%q", out)
	}
	for _, row := range rows[last+1:] {
		if strings.Contains(row, "\x1b") {
			t.Errorf("below the bar: %q", row)
		}
	}
	if !strings.HasPrefix(rows[len(rows)-1], "report: runs/quickstart/report.html") {
		t.Errorf("the last row is %q", rows[len(rows)-1])
	}
	if !strings.Contains(out, "step 2: validation esr ") {
		t.Errorf("validations are not told of:\n%q", out)
	}

	// A terminal that does not know its size gets lines.
	if out := onTerminal("cols 0 rows 0"); strings.Contains(out, "\x1b") || !strings.Contains(out, "step 4/4: loss ") {
		t.Errorf("without a size: %q", out)
	}
}
