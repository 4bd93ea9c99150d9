package audio

// g711 maps a byte of G.711 telephone audio to a sample.
type g711 [256]float32

// The two companding laws of ITU-T G.711, expanded to 16 bits (mu-law has 14 significant ones, A-law 13).
var muLaw, aLaw = func() (mu, a g711) {
	for code := range 256 {
		mu[code] = float32(expandMuLaw(uint8(code))) / (1 << 15)
		a[code] = float32(expandALaw(uint8(code))) / (1 << 15)
	}
	return mu, a
}()

func (g *g711) convert(dst []float32, src []byte, stride int) {
	for t := range dst {
		dst[t] = g[src[t*stride]]
	}
}

// expandMuLaw: the bits are sent inverted; sign, 3 bits of segment, 4 of step; the curve is shifted by 33 at 14 bits.
func expandMuLaw(code uint8) int {
	code = ^code
	segment, step := code>>4&7, int(code&15)
	v := (step<<3+0x84)<<segment - 0x84
	if code&0x80 != 0 {
		return -v
	}
	return v
}

// expandALaw: every other bit is sent inverted; sign, 3 bits of segment, 4 of step; the two lowest segments are linear.
func expandALaw(code uint8) int {
	code ^= 0x55
	segment, step := code>>4&7, int(code&15)
	v := step<<4 + 8
	if segment > 0 {
		v = (v + 0x100) << (segment - 1)
	}
	if code&0x80 == 0 {
		return -v
	}
	return v
}
