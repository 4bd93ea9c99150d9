package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestHelp(t *testing.T) {
	out := good(t)
	if out != good(t, "--help") || out != good(t, "help") {
		t.Error("train, train --help and train help print different things")
	}
	for _, want := range []string{"0    done", "1    ", "2    ", "3    reproduce", "130  stopped"} {
		if !strings.Contains(out, want) {
			t.Errorf("the exit code %q is not in the help", want)
		}
	}
	a := &app{out: &results{}, err: &screen{}}
	root := a.root()
	for _, c := range root.Commands() {
		checkHelp(t, c)
	}
	for _, name := range strings.Fields("capture run resume sweep reproduce verify compare clean evaluate render inspect signal validate recipes fields list devices version completion") {
		if c, _, err := root.Find([]string{name}); err != nil || c.Name() != name {
			t.Errorf("there is no command %s", name)
		}
	}
}

func checkHelp(t *testing.T, c *cobra.Command) {
	t.Helper()
	out := good(t, c.Name(), "--help")
	if out != good(t, "help", c.Name()) {
		t.Errorf("train %s --help and train help %s print different things", c.Name(), c.Name())
	}
	for _, want := range []string{"Usage:\n  train " + c.Use, "Examples:\n  ", "--runs-dir"} {
		if !strings.Contains(out, want) {
			t.Errorf("the help of %s has no %q:\n%s", c.Name(), want, out)
		}
	}
	for _, example := range strings.Split(c.Example, "\n") {
		if !strings.Contains(example, "train "+c.Name()) {
			t.Errorf("an example of %s is %q", c.Name(), example)
		}
	}
}

func TestVersion(t *testing.T) {
	out := good(t, "version")
	if out != good(t, "--version") || !strings.HasPrefix(out, "train ") || !strings.Contains(out, " go1.") {
		t.Error(out)
	}
}

func TestCompletion(t *testing.T) {
	run := aRun(t)
	for shell := range shells {
		script := good(t, "completion", shell)
		if !strings.Contains(script, "train") || !strings.Contains(script, "__complete") {
			t.Errorf("completion %s:\n%.200s", shell, script)
		}
		path, err := exec.LookPath(shell)
		if err != nil || shell == "powershell" {
			continue
		}
		check := exec.Command(path, "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s does not read its script: %v\n%s", shell, err, out)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"", "inspect"},
		{"run |", "quickstart"},
		{"validate |", "quickstart"},
		{"recipes |", "quickstart"},
		{"resume --runs-dir " + run + "/.. |", "quickstart"},
		{"render --runs-dir " + run + "/.. |", "quickstart"},
		{"render --format |", "float32"},
		{"render --device |", "ref"},
		{"fields |", "model.tcn"},
		{"completion |", "zsh"},
	} {
		args := append([]string{"__complete"}, strings.Fields(strings.TrimSuffix(c.args, "|"))...)
		out := good(t, append(args, "")...) // the word that is being typed
		if !strings.Contains("\n"+out, "\n"+c.want) {
			t.Errorf("train %s completes to %s", c.args, out)
		}
	}
}
