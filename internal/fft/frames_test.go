package fft

import (
	"math"
	"math/rand/v2"
	"testing"

	"partials/internal/impl/impltest"
)

// Frame lengths and hops past every vector width, hops under one included.
var frameSizes = []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 65, 100}

func TestLoadFrames(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 3))
		for _, n := range frameSizes {
			for _, hop := range []int{0, 1, 3, n, n + 2} {
				for count := 1; count <= 8; count++ {
					x := random32(r, (count-1)*hop+n)
					for _, window := range [][]float32{nil, random32(r, n)} {
						got := random32(r, n*8)
						LoadFrames(got, x, hop, count, window)
						for i, v := range got {
							want := float32(0)
							if l := i % 8; l < count {
								want = x[l*hop+i/8]
								if window != nil {
									want *= window[i/8]
								}
							}
							if v != want {
								t.Fatalf("n=%d hop=%d count=%d window=%t: sample %d of lane %d is %g, want %g",
									n, hop, count, window != nil, i/8, i%8, v, want)
							}
						}
					}
				}
			}
		}
	})
}

// Stores and adds: exactly the loop in lane order, and not a float outside it.
func TestStoreAndAddFrames(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 3))
		for _, n := range frameSizes {
			for _, hop := range []int{0, 1, 3, 5, n / 2, n, n + 2} {
				for count := 1; count <= 8; count++ {
					src := random32(r, n*8)
					for i := range src {
						if i%8 >= count {
							src[i] = float32(math.NaN())
						}
					}
					before := random32(r, (count-1)*hop+n+9)
					for _, window := range [][]float32{nil, random32(r, n)} {
						stored, added := append([]float32(nil), before...), append([]float32(nil), before...)
						wantStored, wantAdded := append([]float32(nil), before...), append([]float32(nil), before...)
						for l := range count {
							for t := range n {
								v := src[t*8+l]
								wantStored[l*hop+t] = v
								if window != nil {
									v *= window[t]
								}
								wantAdded[l*hop+t] += float32(v)
							}
						}
						StoreFrames(stored, src, hop, count)
						AddFrames(added, src, hop, count, window)
						for i := range before {
							if stored[i] != wantStored[i] {
								t.Fatalf("n=%d hop=%d count=%d: stored sample %d is %g, want %g", n, hop, count, i, stored[i], wantStored[i])
							}
							if added[i] != wantAdded[i] {
								t.Fatalf("n=%d hop=%d count=%d window=%t: added sample %d is %g, want %g",
									n, hop, count, window != nil, i, added[i], wantAdded[i])
							}
						}
					}
				}
			}
		}
	})
}

func TestSpectrumDoors(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		for _, bins := range frameSizes {
			for count := 1; count <= 8; count++ {
				re, im := random32(r, count*bins), random32(r, count*bins)
				block := random32(r, bins*16)
				LoadSpectrum(block, re, im, count)
				for i, v := range block {
					k, l := i/16, i%8
					want := float32(0)
					if l < count && i%16 < 8 {
						want = re[l*bins+k]
					} else if l < count {
						want = im[l*bins+k]
					}
					if v != want {
						t.Fatalf("bins=%d count=%d: element %d of bin %d is %g, want %g", bins, count, i%16, k, v, want)
					}
				}
				for i := range block {
					if i%8 >= count {
						block[i] = float32(math.NaN())
					}
				}
				gotRe, gotIm := make([]float32, count*bins+3), make([]float32, count*bins+3)
				StoreSpectrum(gotRe, gotIm, block, count)
				AddSpectrum(gotRe, gotIm, block, count)
				for i := range gotRe {
					wantRe, wantIm := float32(0), float32(0)
					if i < count*bins {
						wantRe, wantIm = 2*re[i], 2*im[i]
					}
					if gotRe[i] != wantRe || gotIm[i] != wantIm {
						t.Fatalf("bins=%d count=%d: element %d is (%g,%g), want (%g,%g)", bins, count, i, gotRe[i], gotIm[i], wantRe, wantIm)
					}
				}
			}
		}
	})
}

// The fused door gives the bits of its two parts, and silence in missing lanes.
func TestForwardFrames(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 3))
		for _, n := range []int{1, 2, 3, 6, 11, 16, 22, 45, 100, 101, 202, 512} {
			f := NewReal(n)
			scratch := random32(r, f.ScratchLen())
			hop := n/4 + 1
			x, window := random32(r, 7*hop+n), random32(r, n)
			for count := 1; count <= 8; count++ {
				time, want := make([]float32, f.TimeLen()), make([]float32, f.SpectrumLen())
				for i := range time {
					if l := i % 8; l < count {
						time[i] = window[i/8] * x[l*hop+i/8]
					}
				}
				f.Forward(want, time, scratch)
				got := random32(r, f.SpectrumLen())
				f.ForwardFrames(got, x[:(count-1)*hop+n], hop, count, window, scratch)
				for i := range got {
					if got[i] != want[i] {
						t.Fatalf("n=%d count=%d: element %d is %g, want %g", n, count, i, got[i], want[i])
					}
				}
			}
		}
	})
}

// Two batches of frames, or one frame at a time: overlap-add gives the same bits.
func TestAddFramesOrder(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 3))
		const n, hop = 67, 5
		src, window := random32(r, n*8), random32(r, n)
		once, single := make([]float32, 7*hop+n), make([]float32, 7*hop+n)
		AddFrames(once, src, hop, 8, window)
		for l := range 8 {
			frame := make([]float32, n*8)
			for t := range n {
				frame[t*8] = src[t*8+l]
			}
			AddFrames(single[l*hop:], frame, hop, 1, window)
		}
		for i := range once {
			if once[i] != single[i] {
				t.Fatalf("sample %d: %g at once, %g frame by frame", i, once[i], single[i])
			}
		}
	})
}

func TestWrongShapesPanic(t *testing.T) {
	f := NewReal(8)
	block, spectrum, scratch := make([]float32, 64), make([]float32, 80), make([]float32, f.ScratchLen())
	for name, call := range map[string]func(){
		"length zero":       func() { NewReal(0) },
		"short spectrum":    func() { f.Forward(spectrum[:64], block, scratch) },
		"short scratch":     func() { f.Inverse(block, spectrum, scratch[1:]) },
		"nine frames":       func() { LoadFrames(block, make([]float32, 100), 1, 9, nil) },
		"no frames":         func() { LoadFrames(block, make([]float32, 100), 1, 0, nil) },
		"short signal":      func() { LoadFrames(block, make([]float32, 14), 1, 8, nil) },
		"short window":      func() { AddFrames(make([]float32, 100), block, 1, 8, make([]float32, 7)) },
		"short plane":       func() { StoreSpectrum(make([]float32, 39), make([]float32, 40), spectrum, 8) },
		"plan in place":     func() { x := make([]complex128, 4); NewPlan(4).Forward(x, x) },
		"complex in place":  func() { x := make([]float32, 64); NewComplex(4).Inverse(x, x, nil) },
		"plan wrong length": func() { NewPlan(4).RFFT(make([]float64, 2), make([]float64, 3), make([]float64, 4)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
