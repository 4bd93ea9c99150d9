//go:build !linux

package train

// memoryLimit is 0, no limit: what is available is known on Linux only.
func memoryLimit() int64 { return 0 }

// peakMemory is 0, unknown, likewise.
func peakMemory() int64 { return 0 }
