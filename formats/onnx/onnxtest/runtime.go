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
	if err := exec.Command("node", "-e", `require("onnxruntime-node")`).Run(); err != nil {
		if os.Getenv(impltest.Strict) == "1" {
			t.Fatalf("node finds no onnxruntime-node, and %s=1 wants it: %v", impltest.Strict, err)
		}
		t.Skip("needs node with onnxruntime-node on NODE_PATH")
	}
	cmd := exec.Command("node", append([]string{script}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v", script, err)
	}
	return out
}
