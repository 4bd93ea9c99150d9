package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// ticks is the kernel's clock of /proc, in ticks a second.
const ticks = 100

// foreign watches what other processes use of the machine while one is timed.
type foreign struct {
	w          *worker
	at         time.Time
	busy, ours float64
}

func watch(w *worker) foreign {
	return foreign{w: w, at: time.Now(), busy: machineCPU(), ours: w.cpu() + processCPU("self")}
}

// cores is the number of processors that others have kept busy since. The
// clocks have ticks of 10 ms, so that it means little for times below 100 ms.
func (f foreign) cores() float64 {
	busy := machineCPU() - f.busy
	ours := f.w.cpu() + processCPU("self") - f.ours
	return max(0, busy-ours) / time.Since(f.at).Seconds()
}

// machineCPU is the time in seconds that all processors were busy.
func machineCPU() float64 {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(data), "\n")
	sum := 0.0
	for i, f := range strings.Fields(line) {
		// user nice system idle iowait irq softirq steal; guests are in user
		if i >= 1 && i <= 8 && i != 4 && i != 5 {
			n, _ := strconv.ParseFloat(f, 64)
			sum += n
		}
	}
	return sum / ticks
}

// processCPU is the processor time in seconds that a process has used.
func processCPU(pid string) float64 {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(data), ") ") // the name may hold anything
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / ticks
}
