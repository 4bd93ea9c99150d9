package train

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// heldEnv names a run's folder that a process of TestLockOfAnotherProcess holds.
const heldEnv = "PARTIALS_TRAIN_HOLDS"

// holdUntilKilled locks the folder, says so, and waits to be killed.
func holdUntilKilled() int {
	if _, err := Dir(os.Getenv(heldEnv)).lock(); err != nil {
		return 1
	}
	os.Stdout.WriteString("held\n")
	time.Sleep(time.Minute)
	return 1
}

// Only one process trains in a folder. What a killed one held is free at once.
func TestLockOfAnotherProcess(t *testing.T) {
	alone(t)
	runs := t.TempDir()
	trainFor(t, runs, 0)
	dir := lone(t, runs)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(self)
	other.Env = append(os.Environ(), heldEnv+"="+string(dir))
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Process.Kill()
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if !dir.inUse() {
		t.Error("a folder that a process holds counts as free")
	}
	before, err := os.ReadFile(dir.path(metricsFile))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Resume(context.Background(), dir, []string{"steps=50"}, Options{RunsDir: runs})
	if err == nil || !strings.Contains(err.Error(), "is in use by process") {
		t.Errorf("a second process that resumes gets %v", err)
	}
	if after, err := os.ReadFile(dir.path(metricsFile)); err != nil || string(after) != string(before) {
		t.Errorf("the second process changed the metrics (%v)", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other.Wait()
	if dir.inUse() {
		t.Error("a folder whose process was killed counts as in use")
	}
	if _, err := Resume(context.Background(), dir, []string{"steps=41"}, Options{RunsDir: runs, Threads: 1}); err != nil {
		t.Errorf("after the kill: %v", err)
	}
}
