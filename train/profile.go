package train

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

// The profiles of a run, in Go's pprof format.
const (
	cpuProfile  = "profile/cpu.pprof"  // where the processor's time went
	heapProfile = "profile/heap.pprof" // what memory of the process is in use, and what was ever allocated, in the end
)

// profile is what --profile measures of a run, from before its data are opened
// to after its last picture. A nil profile measures nothing.
type profile struct{ cpu bytes.Buffer }

// startProfile begins to measure where that is wanted. A process has one
// profile at a time.
func startProfile(wanted bool) (*profile, error) {
	if !wanted {
		return nil, nil
	}
	p := new(profile)
	if err := pprof.StartCPUProfile(&p.cpu); err != nil {
		return nil, fmt.Errorf("profiling: %w", err)
	}
	return p, nil
}

// stop ends measuring.
func (p *profile) stop() {
	if p != nil {
		pprof.StopCPUProfile()
	}
}

// save ends measuring, writes the profiles into the run's folder and says how
// to look at them.
func (p *profile) save(dir Dir, log *slog.Logger) error {
	if p == nil {
		return nil
	}
	p.stop()
	if err := os.MkdirAll(filepath.Dir(dir.path(cpuProfile)), 0o777); err != nil {
		return fmt.Errorf("writing the profiles: %w", err)
	}
	var heap bytes.Buffer
	runtime.GC() // so that what nobody uses any more is not counted
	if err := pprof.WriteHeapProfile(&heap); err != nil {
		return fmt.Errorf("writing the profiles: %w", err)
	}
	for name, data := range map[string][]byte{cpuProfile: p.cpu.Bytes(), heapProfile: heap.Bytes()} {
		if err := writeAtomically(dir.path(name), data); err != nil {
			return fmt.Errorf("writing the profiles: %w", err)
		}
	}
	log.Info("profiled; look at it with go tool pprof -http=localhost:8080 " + dir.path(cpuProfile) + ", or " + filepath.Base(heapProfile) + " beside it for memory")
	return nil
}
