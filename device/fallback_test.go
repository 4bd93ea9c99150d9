package device_test

import (
	"slices"
	"testing"

	"partials/device"
	"partials/device/devicetest"
	"partials/device/ref"
	"partials/tensor"
)

// bare is a device with memory and no kernels.
type bare struct {
	device.Fallback
	memory *ref.Device
}

func newBare(log func(string)) *bare {
	d := &bare{memory: ref.NewChecked()}
	d.Fallback = device.Fallback{From: d, To: ref.NewChecked(), Log: log}
	return d
}

func (d *bare) Name() string                             { return "bare" }
func (d *bare) Describe() string                         { return "memory without kernels" }
func (d *bare) Close() error                             { return nil }
func (d *bare) NewArena(cap int64) tensor.Arena          { return d.memory.NewArena(cap) }
func (d *bare) Alloc(n int) tensor.Buffer                { return d.memory.Alloc(n) }
func (d *bare) Write(dst tensor.Tensor, src []float32)   { d.memory.Write(dst, src) }
func (d *bare) Write64(dst tensor.Tensor, src []float64) { d.memory.Write64(dst, src) }
func (d *bare) Read(dst []float32, src tensor.Tensor)    { d.memory.Read(dst, src) }
func (d *bare) Read64(dst []float64, src tensor.Tensor)  { d.memory.Read64(dst, src) }

// Every kernel falls back, with exactly the results of the other device.
func TestFallback(t *testing.T) {
	openBare := func() device.Device { return newBare(nil) }
	devicetest.Run(t, openBare, devicetest.Tolerances{Kernel: 1e-12, Func: 1e-12})
	devicetest.SameBits(t, openBare, func() device.Device { return ref.New() })
}

func TestFallbackSpeaksOnceOfEachKernel(t *testing.T) {
	var said []string
	d := newBare(func(kernel string) { said = append(said, kernel) })
	x := tensor.New(tensor.Of(3), d.Alloc(3))
	for range 3 {
		d.Fill(x, 1)
		d.AddScaled(x, 2, tensor.New(tensor.Of(3), d.Alloc(3)))
	}
	if want := []string{"Fill", "AddScaled"}; !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}
