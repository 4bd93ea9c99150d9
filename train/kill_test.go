package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"
)

// killedEnv names the folder of runs of a process that TestKill kills.
const killedEnv = "PARTIALS_TRAIN_TO_BE_KILLED"

// killedRun has something of everything that a checkpoint holds.
var killedRun = []string{"steps=40", "validate.every=4", "save.every=3", "ema=0.9", "schedule=plateau", "schedule.patience=0", "save.audio=0"}

// trainToBeKilled starts the run, or resumes it, as a process that is killed
// does.
func trainToBeKilled() int {
	o := Options{RunsDir: os.Getenv(killedEnv), Threads: 1}
	dirs, err := ListDirs(o.RunsDir)
	if err == nil && len(dirs) > 0 {
		_, err = Resume(context.Background(), dirs[0], nil, o)
	} else if err == nil {
		var r Recipe
		if r, err = o.parseRecipe("tiny.yaml", []byte(tiny), killedRun); err == nil {
			_, err = Start(context.Background(), r, o)
		}
	}
	if err != nil && !errors.Is(err, ErrComplete) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A run that is killed at any moments, and resumed each time, gives the bits of
// one that never was. With PARTIALS_SOAK=1h it goes on for an hour.
func TestKill(t *testing.T) {
	alone(t)
	soak, err := time.ParseDuration(os.Getenv("PARTIALS_SOAK"))
	if err != nil && os.Getenv("PARTIALS_SOAK") != "" {
		t.Fatal(err)
	}
	begin := time.Now()
	runs := t.TempDir()
	trainFor(t, runs, 0)
	whole := lone(t, runs)
	took := time.Since(begin)
	seed := uint64(begin.UnixNano())
	t.Logf("seed %d, a whole run takes %v", seed, took)
	random := rand.New(rand.NewPCG(seed, 0))
	for round := 0; round == 0 || time.Since(begin) < soak; round++ {
		runs = t.TempDir()
		kills := 0
		for ; kills < 6; kills++ {
			if trainFor(t, runs, time.Duration(random.Int64N(int64(took)))) {
				break
			}
		}
		if !trainFor(t, runs, 0) {
			t.Fatal("a process that nobody killed was killed")
		}
		sameRun(t, fmt.Sprintf("killed %d times", kills), whole, lone(t, runs))
		if t.Failed() {
			t.FailNow()
		}
	}
}

// trainFor trains in a process that is killed after a while, 0 for never, and
// says whether it came to its end.
func trainFor(t *testing.T, runs string, life time.Duration) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	child := exec.Command(self)
	child.Env = append(os.Environ(), killedEnv+"="+runs)
	child.Stderr = &stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if life > 0 {
		timer := time.AfterFunc(life, func() { child.Process.Kill() })
		defer timer.Stop()
	}
	err = child.Wait()
	if code := child.ProcessState.ExitCode(); code != 0 && code != -1 || code == -1 && life == 0 { // -1: a signal
		t.Fatalf("exit code %d: %v\n%s", code, err, &stderr)
	}
	return err == nil
}

// lone is the only run in a folder.
func lone(t *testing.T, runs string) Dir {
	t.Helper()
	dirs, err := ListDirs(runs)
	if err != nil || len(dirs) != 1 {
		t.Fatalf("%v, %v", dirs, err)
	}
	return dirs[0]
}
