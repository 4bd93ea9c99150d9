package train

import (
	"bytes"
	"os"
	"strconv"
)

// memoryLimit is how many bytes a step may take: most of what the system says
// is available, so that a batch too large is a sentence, and not a process that
// the system kills. 0 sets no limit, where nothing is known.
func memoryLimit() int64 {
	const share = 0.85
	return int64(share * float64(availableMemory()))
}

// availableMemory is MemAvailable of /proc/meminfo, or the control group's
// limit where that is lower, in bytes; 0 where it cannot be read.
func availableMemory() int64 {
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	available := kibibytes(data, "MemAvailable:")
	if data, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 64); err == nil { // "max" is no limit
			available = min(available, limit)
		}
	}
	return available
}

// peakMemory is the most bytes that the process has had in memory; 0 where that
// cannot be read.
func peakMemory() int64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	return kibibytes(data, "VmHWM:")
}

// kibibytes finds a line like "VmHWM: 1024 kB" of a file in /proc and returns
// its bytes, or 0.
func kibibytes(data []byte, name string) int64 {
	for line := range bytes.Lines(data) {
		if f := bytes.Fields(line); len(f) >= 2 && string(f[0]) == name {
			if kib, err := strconv.ParseInt(string(f[1]), 10, 64); err == nil {
				return kib << 10
			}
		}
	}
	return 0
}
