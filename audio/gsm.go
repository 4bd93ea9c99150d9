package audio

import (
	"fmt"
	"io"
	"sync"
)

// GSM 06.10 full rate (ETSI EN 300 961), the RPE-LTP speech codec at 13 kbit/s, as WAV packs it: two frames of 160
// samples in 65 bytes, low bit first. The standard fixes every bit of the output, in 16-bit saturating arithmetic.

const (
	gsmBlockBytes  = 65
	gsmBlockFrames = 320
)

// gsmSource decodes the whole file on first use, because each frame needs the state of the last. That is ten times the
// file's size in memory.
type gsmSource struct{ pcm func() ([]int16, error) }

func openGSM(r io.ReaderAt, file riffFile, info Info) (source, Info, error) {
	if f := file.fmt; f.blockAlign != gsmBlockBytes || f.channels != 1 {
		return nil, info, fmt.Errorf("GSM 6.10 of %d channels in blocks of %d bytes; it has 1 and %d", f.channels, f.blockAlign, gsmBlockBytes)
	}
	info.Format = file.kind + " GSM 6.10"
	info.BitsPerSample = 0
	bytes := file.dataBytes
	if odd := bytes % gsmBlockBytes; odd > 0 && file.missing == 0 { // the odd bytes count as a block, as in libsndfile
		info.Frames = (bytes/gsmBlockBytes + 1) * gsmBlockFrames
		info.warn("the last block has %d bytes in place of %d; its sound is not what was recorded", odd, gsmBlockBytes)
	} else {
		info.countBlocks(file, gsmBlockBytes, gsmBlockFrames)
	}
	blocks := info.Frames / gsmBlockFrames
	return &gsmSource{sync.OnceValues(func() ([]int16, error) {
		in := io.NewSectionReader(r, file.dataAt, bytes)
		pcm := make([]int16, 0, blocks*gsmBlockFrames)
		var block [gsmBlockBytes]byte // the last one is completed with the bytes of the one before, as in libsndfile
		var dec gsmDecoder
		dec.lag = 40
		for range blocks {
			if _, err := io.ReadFull(in, block[:]); err != nil && err != io.ErrUnexpectedEOF {
				return nil, err
			}
			bits := gsmBits{b: block[:]}
			pcm = dec.frame(pcm, &bits)
			pcm = dec.frame(pcm, &bits)
		}
		return pcm, nil
	})}, info, nil
}

func (g *gsmSource) decode(dst [][]float32, frame int64) error {
	pcm, err := g.pcm()
	if err != nil {
		return err
	}
	for t, v := range pcm[frame:][:len(dst[0])] {
		dst[0][t] = float32(v) / (1 << 15)
	}
	return nil
}

// gsmBits hands out bits, low ones first.
type gsmBits struct {
	b   []byte
	pos int
}

func (g *gsmBits) take(n int) (v int32) {
	for i := range n {
		v |= int32(g.b[g.pos>>3]>>(g.pos&7)&1) << i
		g.pos++
	}
	return v
}

// gsmDecoder is what lives on between frames. Names follow the standard.
type gsmDecoder struct {
	larpp [8]int32   // log area ratios of the last frame
	drp   [160]int32 // reconstructed short-term residual: 120 of the past, 40 of the subframe
	lag   int32      // nrp
	rrp   [8]int32   // reflection coefficients
	v     [9]int32   // lattice of the synthesis filter
	msr   int32      // de-emphasis
}

// Tables 4.1 to 4.6 of the standard.
var (
	gsmLARBits = [8]int{6, 6, 5, 5, 4, 4, 3, 3}
	gsmLARMin  = [8]int32{-32, -32, -16, -16, -8, -8, -4, -4}
	gsmB       = [8]int32{0, 0, 2048, -2560, 94, -1792, -341, -1144}
	gsmInvA    = [8]int32{13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708}
	gsmGain    = [4]int32{3277, 11469, 21299, 32767}
	gsmFac     = [8]int32{18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767}
)

// multR is the rounded 16-bit fractional product.
func multR(a, b int32) int32 { return clamp16((a*b + 1<<14) >> 15) }

// frame decodes 260 bits and appends 160 samples.
func (d *gsmDecoder) frame(pcm []int16, bits *gsmBits) []int16 {
	var larpp [8]int32 // 5.2.8: decoding of the coded log area ratios
	for i := range larpp {
		t := (bits.take(gsmLARBits[i]) + gsmLARMin[i]) << 10
		t = multR(gsmInvA[i], clamp16(t-gsmB[i]<<1))
		larpp[i] = clamp16(t + t)
	}
	var residual [160]int32
	for sub := range 4 {
		d.subframe(residual[40*sub:][:40], bits)
	}
	for k, wt := range residual {
		if k == 0 || k == 13 || k == 27 || k == 40 {
			d.setReflection(k, larpp)
		}
		s := d.synthesize(wt)
		d.msr = clamp16(s + multR(d.msr, 28180))
		pcm = append(pcm, int16(clamp16(d.msr+d.msr)&^7))
	}
	d.larpp = larpp
	return pcm
}

// subframe decodes 40 samples of the residual: the pulses of 5.2.15 to 5.2.17, and the long-term prediction of 5.3.2.
func (d *gsmDecoder) subframe(out []int32, bits *gsmBits) {
	lag, gain, grid, xmax := bits.take(7), gsmGain[bits.take(2)], bits.take(2), bits.take(6)
	exp, mant := int32(0), int32(0)
	if xmax > 15 {
		exp = xmax>>3 - 1
	}
	mant = xmax - exp<<3
	if mant == 0 {
		exp, mant = -4, 7
	} else {
		for mant <= 7 {
			mant = mant<<1 | 1
			exp--
		}
		mant -= 8
	}
	shift := uint(6 - exp)
	round := int32(1) << shift >> 1
	var pulses [40]int32
	for i := range 13 {
		x := (bits.take(3)<<1 - 7) << 12
		pulses[int(grid)+3*i] = clamp16(multR(gsmFac[mant], x)+round) >> shift
	}
	if 40 <= lag && lag <= 120 {
		d.lag = lag
	}
	for k := range out {
		out[k] = clamp16(pulses[k] + multR(gain, d.drp[120+k-int(d.lag)]))
		d.drp[120+k] = out[k]
	}
	copy(d.drp[:120], d.drp[40:])
}

// synthesize runs one sample through the lattice filter of 5.3.4, whose reflection coefficients are in d.rrp.
func (d *gsmDecoder) synthesize(wt int32) int32 {
	for i := 7; i >= 0; i-- {
		wt = clamp16(wt - multR(d.rrp[i], d.v[i]))
		d.v[i+1] = clamp16(d.v[i] + multR(d.rrp[i], wt))
	}
	d.v[0] = wt
	return wt
}

// setReflection sets the reflection coefficients from sample k of a frame on: the log area ratios change from the last
// frame's to this one's in four steps (5.2.9.1), and are turned back by a curve of three lines (5.2.9.2).
func (d *gsmDecoder) setReflection(k int, larpp [8]int32) {
	for i, now := range larpp {
		old := d.larpp[i]
		lar := now
		switch k {
		case 0:
			lar = clamp16(clamp16(old>>2+now>>2) + old>>1)
		case 13:
			lar = clamp16(old>>1 + now>>1)
		case 27:
			lar = clamp16(clamp16(old>>2+now>>2) + now>>1)
		}
		a := min(max(lar, -lar), 1<<15-1)
		switch {
		case a < 11059:
			a <<= 1
		case a < 20070:
			a += 11059
		default:
			a = clamp16(a>>2 + 26112)
		}
		if lar < 0 {
			a = -a
		}
		d.rrp[i] = a
	}
}
