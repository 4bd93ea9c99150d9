package cpu

import (
	"os"
	"runtime"
	"strings"
)

// model is the processor's name, or its architecture where the system does not
// tell.
func model() string {
	info, err := os.ReadFile("/proc/cpuinfo") // Linux; missing elsewhere
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(info)) {
		if key, name, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(name)
		}
	}
	return runtime.GOARCH
}
