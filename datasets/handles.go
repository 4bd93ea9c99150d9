package datasets

import (
	"slices"
	"sync"

	"partials/audio"
)

// maxOpen bounds the files that are open at once: systems allow a process
// as few as 256.
const maxOpen = 64

// handles keeps the files used last open. Its methods may be called from
// several goroutines at once.
type handles struct {
	mu   sync.Mutex
	open []*handle // the one used last is last
}

type handle struct {
	path   string
	reader *audio.Reader
	users  int
	gone   bool // out of the list: the last user closes it
}

// acquire opens the file at a path, or finds it open. Each call is matched by
// one of release.
func (h *handles) acquire(path string) (*handle, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.IndexFunc(h.open, func(x *handle) bool { return x.path == path }); i >= 0 {
		x := h.open[i]
		copy(h.open[i:], h.open[i+1:])
		h.open[len(h.open)-1] = x
		x.users++
		return x, nil
	}
	r, err := OpenAudio(path)
	if err != nil {
		return nil, err
	}
	if len(h.open) == maxOpen {
		h.drop(h.open[0])
		h.open = slices.Delete(h.open, 0, 1)
	}
	x := &handle{path: path, reader: r, users: 1}
	h.open = append(h.open, x)
	return x, nil
}

func (h *handles) release(x *handle) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x.users--
	if x.gone && x.users == 0 {
		x.reader.Close() // read only: there is nothing to lose
	}
}

// drop closes a handle that nobody uses, or leaves that to its last user.
func (h *handles) drop(x *handle) {
	x.gone = true
	if x.users == 0 {
		x.reader.Close()
	}
}

func (h *handles) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.open {
		h.drop(x)
	}
	h.open = nil
}
