package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// lock keeps a run's folder for one process. The system lets go of it when the
// process ends, however it ends: a killed run leaves nothing to clear away.
type lock struct{ f *os.File }

// owner is what a lock file says of who holds the lock, for people.
type owner struct {
	PID  int    `json:"pid"`
	Host string `json:"host"`
}

// errHeld is the error of the system's lock where somebody else has it.
var errHeld = errors.New("held by another process")

// lock takes the run's folder for this process.
func (d Dir) lock() (_ *lock, err error) {
	f, err := os.OpenFile(d.path(lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the run's folder: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	err = takeLock(f)
	for try := 0; errors.Is(err, errHeld) && try < 10; try++ { // inUse holds it for an instant
		time.Sleep(10 * time.Millisecond)
		err = takeLock(f)
	}
	if errors.Is(err, errHeld) {
		return nil, fmt.Errorf("%s is in use by %s, which trains it; wait until that is done, or stop it", d, ownerOf(f))
	} else if err != nil {
		return nil, fmt.Errorf("locking the run's folder: %w", err)
	}
	host, _ := os.Hostname() // for people; the lock does not need it
	data, err := json.Marshal(owner{os.Getpid(), host})
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(0); err != nil {
		return nil, fmt.Errorf("locking the run's folder: %w", err)
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return nil, fmt.Errorf("locking the run's folder: %w", err)
	}
	return &lock{f}, nil
}

// release lets go of the folder. A nil lock holds none.
func (l *lock) release() error {
	if l == nil {
		return nil
	}
	return l.f.Close()
}

// releaseAfter lets go of the folder where what it was taken for came to
// nothing.
func (l *lock) releaseAfter(err *error) {
	if *err != nil {
		*err = errors.Join(*err, l.release())
	}
}

// inUse says whether a process trains the run now.
func (d Dir) inUse() bool {
	f, err := os.OpenFile(d.path(lockFile), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(takeLock(f), errHeld)
}

// ownerOf puts who holds the lock into words.
func ownerOf(f *os.File) string {
	data, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<10))
	var o owner
	if err != nil || json.Unmarshal(data, &o) != nil || o.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d on %s", o.PID, o.Host)
}
