package onnxtest

import (
	"os"
	"os/exec"
	"testing"

	"partials/internal/impl/impltest"
)

// Node runs a script by node, which must find onnxruntime-node (NODE_PATH), and
// returns what it prints. Without them the test is skipped, or fails where
// tests are strict.
func Node(t *testing.T, script string, args ...string) []byte {
	t.Helper()
	need(t, "node with onnxruntime-node on NODE_PATH", "node", "-e", `require("onnxruntime-node")`)
	return run(t, "node", append([]string{script}, args...))
}

// Python is Node for the interpreter that PARTIALS_PYTHON names, which must have
// onnxruntime.
func Python(t *testing.T, script string, args ...string) []byte {
	t.Helper()
	python := os.Getenv("PARTIALS_PYTHON")
	need(t, "PARTIALS_PYTHON to be a python with onnxruntime", python, "-c", "import onnxruntime")
	return run(t, python, append([]string{script}, args...))
}

// need skips the test where a trial of the program fails, or fails it where
// tests are strict.
func need(t *testing.T, what, program string, trial ...string) {
	t.Helper()
	err := exec.Command(program, trial...).Run()
	switch {
	case err == nil:
	case os.Getenv(impltest.Strict) == "1":
		t.Fatalf("%s=1 wants %s: %v", impltest.Strict, what, err)
	default:
		t.Skip("needs " + what)
	}
}

func run(t *testing.T, program string, args []string) []byte {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v", program, args, err)
	}
	return out
}
