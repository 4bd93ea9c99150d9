package train

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// takeLock takes the lock on f, or returns errHeld. It locks a byte far behind
// the end: what is locked cannot be read by others, and they want to know who.
func takeLock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}
