// Package devices opens a device by the name that recipes use. It is the only
// package that knows the concrete devices.
package devices

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"partials/device"
	"partials/device/cpu"
	"partials/device/ref"
)

// Auto is the name that stands for the fastest device there is.
const Auto = "auto"

// Options say how a device is opened.
type Options struct {
	// Threads is the number of threads of the CPU; 0 asks for one per CPU of
	// the process.
	Threads int
	// Log, where it is not nil, hears of kernels that a device lacks and that
	// run elsewhere.
	Log *slog.Logger
}

// Info is a device as `train devices` lists it.
type Info struct {
	Name      string
	Available bool
	Detail    string // the hardware and its kernels, or why it is not available
}

// kind is a row of the table of devices.
type kind struct {
	name string
	open func(Options) (device.Device, error)
}

// kinds lists the devices, the fastest first.
var kinds = []kind{
	{"cuda", openCUDA},
	{"cpu", func(o Options) (device.Device, error) { return cpu.New(o.Threads), nil }},
	{"ref", func(Options) (device.Device, error) { return ref.New(), nil }},
}

// errNotBuilt is why openCUDA of a binary without CUDA fails.
var errNotBuilt = errors.New("NVIDIA GPUs are not supported by this build; use cpu")

// Names lists what Open takes, Auto first.
func Names() []string {
	names := []string{Auto}
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// Open opens the device called name: "cuda", "cpu", "ref", or "auto" for CUDA
// where it is built in and a GPU answers, else the CPU. The note says in one
// line what was opened and, for "auto", why it is not CUDA. The caller closes
// the device.
//
// A device that is not available, and a name that is none, is an error that
// says what to do.
func Open(name string, o Options) (d device.Device, note string, err error) {
	if name == Auto {
		return openAuto(o)
	}
	for _, k := range kinds {
		if k.name != name {
			continue
		}
		d, err = k.open(o)
		if err != nil {
			return nil, "", fmt.Errorf("device %q is not available: %w; %q takes what there is", name, err, Auto)
		}
		return d, describe(d), nil
	}
	return nil, "", fmt.Errorf("unknown device %q; known are %s", name, strings.Join(Names(), ", "))
}

func openAuto(o Options) (device.Device, string, error) {
	d, err := openCUDA(o)
	switch {
	case err == nil:
		return d, describe(d), nil
	case errors.Is(err, errNotBuilt):
		err = errors.New("in this build")
	default:
		err = fmt.Errorf("here: %w", err)
	}
	d = cpu.New(o.Threads)
	return d, fmt.Sprintf("%s (no CUDA %v)", describe(d), err), nil
}

func describe(d device.Device) string { return d.Name() + ": " + d.Describe() }

// Reference opens the float64 device that gradients are checked on.
func Reference() device.Device { return ref.New() }

// List tells of every device whether it can be opened here. It opens and closes
// each.
func List() []Info {
	var list []Info
	for _, k := range kinds {
		d, err := k.open(Options{})
		if err != nil {
			list = append(list, Info{Name: k.name, Detail: err.Error()})
			continue
		}
		info := Info{Name: k.name, Available: true, Detail: d.Describe()}
		if err := d.Close(); err != nil {
			info.Available, info.Detail = false, err.Error()
		}
		list = append(list, info)
	}
	return list
}
