package device

import "partials/tensor"

// Fallback serves the kernels that a device does not have: it copies the
// arguments to another device, runs the kernel there and copies the outputs
// back. The device embeds it and overrides what it does itself:
//
//	type Device struct {
//		device.Fallback
//		...
//	}
//	d.Fallback = device.Fallback{From: d, To: cpu, Log: ...}
//
// It is slow and always right. A step that never falls back never touches it.
type Fallback struct {
	// From owns the tensors of the calls.
	From interface {
		Write64(dst tensor.Tensor, src []float64)
		Read64(dst []float64, src tensor.Tensor)
	}
	// To runs the kernels.
	To Device
	// Log, where it is not nil, hears of every kernel once.
	Log func(kernel string)

	said  map[string]bool
	arena tensor.Arena
	host  []float64 // staging
	args  []carried // of the running call
}

// carried is an argument and its copy on the other device.
type carried struct {
	here, there tensor.Tensor
	out         bool
}

// begin starts a call of a kernel.
func (f *Fallback) begin(kernel string) {
	if f.arena == nil {
		f.arena, f.said = f.To.NewArena(0), map[string]bool{}
	}
	if !f.said[kernel] && f.Log != nil {
		f.Log(kernel)
	}
	f.said[kernel] = true
	f.clear()
}

// end copies the outputs back.
func (f *Fallback) end() {
	for _, a := range f.args {
		if a.out {
			host := f.staging(a.there.Len())
			f.To.Read64(host, a.there)
			f.From.Write64(a.here, host)
		}
	}
	f.clear()
}

// clear forgets the arguments, also those of a call that panicked.
func (f *Fallback) clear() {
	f.args = f.args[:0]
	f.arena.Reset()
}

// in returns a copy of t on the other device. The same tensor gives the same
// copy, so that arguments which alias still do.
func (f *Fallback) in(t tensor.Tensor) tensor.Tensor { return f.carry(t, false) }

// out is in for a tensor that the kernel writes. Its numbers go along too: the
// kernel may add to them, or leave some alone.
func (f *Fallback) out(t tensor.Tensor) tensor.Tensor { return f.carry(t, true) }

func (f *Fallback) carry(t tensor.Tensor, out bool) tensor.Tensor {
	if t.Absent() {
		return t
	}
	for i := range f.args {
		a := &f.args[i]
		if a.here.Buf == t.Buf && a.here.Off == t.Off && a.here.Len() == t.Len() {
			a.out = a.out || out
			return a.there.View(t.Shape)
		}
	}
	there := tensor.New(t.Shape, f.arena.Alloc(t.Len()))
	host := f.staging(t.Len())
	f.From.Read64(host, t)
	f.To.Write64(there, host)
	f.args = append(f.args, carried{t, there, out})
	return there
}

func (f *Fallback) staging(n int) []float64 {
	if len(f.host) < n {
		f.host = make([]float64, n)
	}
	return f.host[:n]
}
