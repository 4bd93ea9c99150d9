package train

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of that many bytes, which takes root.
func smallDisk(t *testing.T, bytes string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+bytes); err != nil {
		if os.Getenv("PARTIALS_STRICT") != "" {
			t.Fatalf("mounting a small disk: %v", err)
		}
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes until nothing more fits, and returns the file that did it.
func fill(t *testing.T, dir string) string {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer f.Close()
	for _, block := range []int{4096, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, block))
		}
	}
	return f.Name()
}

// A disk that fills up during a run ends it with a sentence and the last
// checkpoint whole. With room made the run goes on to the bits of one that was
// never disturbed.
func TestDiskFull(t *testing.T) {
	alone(t)
	recipe := []string{"steps=12", "save.every=2", "save.audio=0"}
	whole := undisturbed(t, recipeOf(t, recipe...), optionsOf(t))
	o := optionsOf(t)
	o.RunsDir = smallDisk(t, "1m")
	calm := o
	var filler string
	o.Display = touched{stopper{}, 7, func() { filler = fill(t, o.RunsDir) }}
	_, err := complete(context.Background(), recipeOf(t, recipe...), o)
	wantError(t, err, "the disk is full", "no space left", "train resume ")
	dir := Dir(filepath.Join(o.RunsDir, "tiny"))
	if p, err := readProgress(dir.path(lastFile)); err != nil || p.Step != 6 {
		t.Errorf("the last checkpoint: step %d, %v", p.Step, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := goOn(context.Background(), dir, calm); err != nil {
		t.Fatal(err)
	}
	sameRun(t, "after a full disk", whole, dir)
}

// A folder of runs that cannot be written to is said before anything is trained.
func TestReadOnlyDisk(t *testing.T) {
	o := optionsOf(t)
	o.RunsDir = smallDisk(t, "1m")
	if err := syscall.Mount("", o.RunsDir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	_, err := Start(context.Background(), recipeOf(t), o)
	wantError(t, err, "making the run's folder: ", o.RunsDir, "read-only file system")
}

// complete is trainOnly to the error that a user sees.
func complete(ctx context.Context, r Recipe, o Options) (*Result, error) {
	run, err := startRun(r, o)
	if err != nil {
		return nil, err
	}
	run.blind = true
	return run.complete(ctx)
}
