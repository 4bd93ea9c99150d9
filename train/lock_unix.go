//go:build unix && !aix && !solaris && !illumos

package train

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// takeLock takes the lock on f, or returns errHeld. A file system that knows no
// locks gives none, as some network ones do.
func takeLock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return errHeld
	case errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOLCK):
		return nil
	}
	return err
}
