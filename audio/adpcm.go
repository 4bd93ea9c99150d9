package audio

import (
	"encoding/binary"
	"errors"
)

// IMA (DVI) and Microsoft ADPCM code the difference to a prediction in 4 bits. Source of both: Microsoft,
// "New Multimedia Data Types and Data Techniques", revision 3.0, 1994.

// imaSteps are the 89 quantiser steps, each about 1.1 times the last.
var imaSteps = [89]int32{
	7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
	130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060,
	1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484,
	7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
}

// imaIndexMoves moves the step index, by the low three bits of a code.
var imaIndexMoves = [8]int32{-1, -1, -1, -1, 2, 4, 6, 8}

// imaBlock decodes one block: a header of 4 bytes a channel (first sample, step index), then in turn 4 bytes of each
// channel, which hold 8 samples, low nibble first.
func imaBlock(dst []int16, block []byte, channels int) {
	frames := len(dst) / channels
	for c := range channels {
		value := int32(int16(binary.LittleEndian.Uint16(block[4*c:])))
		index := min(int32(block[4*c+2]), int32(len(imaSteps)-1))
		dst[c] = int16(value)
		for t := 1; t < frames; t++ {
			word := (t - 1) / 8
			b := block[4*channels*(1+word)+4*c+(t-1)%8/2]
			code := int32(b>>(4*uint((t-1)&1))) & 15
			step := imaSteps[index]
			diff := step >> 3
			if code&1 != 0 {
				diff += step >> 2
			}
			if code&2 != 0 {
				diff += step >> 1
			}
			if code&4 != 0 {
				diff += step
			}
			if code&8 != 0 {
				diff = -diff
			}
			value = clamp16(value + diff)
			index = min(max(index+imaIndexMoves[code&7], 0), int32(len(imaSteps)-1))
			dst[t*channels+c] = int16(value)
		}
	}
}

// msGains scale the step of Microsoft ADPCM, in 1/256, by the code.
var msGains = [16]int32{230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230}

// msPredictors reads the table of predictor pairs (weights of the last two samples, in 1/256) from a fmt chunk:
// frames a block, number of pairs, pairs.
func msPredictors(extra []byte, order binary.ByteOrder) ([][2]int32, error) {
	if len(extra) < 4 || len(extra) < 4+4*int(order.Uint16(extra[2:])) || order.Uint16(extra[2:]) == 0 {
		return nil, errors.New("the fmt chunk lacks the predictor table of Microsoft ADPCM")
	}
	table := make([][2]int32, order.Uint16(extra[2:]))
	for i := range table {
		pair := extra[4+4*i:]
		table[i] = [2]int32{int32(int16(order.Uint16(pair))), int32(int16(order.Uint16(pair[2:])))}
	}
	return table, nil
}

// msBlock decodes one block: for all channels in turn the predictor, the step, the second and the first sample; then
// nibbles, high first, channels interleaved.
func msBlock(dst []int16, block []byte, channels int, predictors [][2]int32) {
	type state struct {
		weight       [2]int32
		step, s1, s2 int32
	}
	var st [2]state
	word := func(i int) int32 { return int32(int16(binary.LittleEndian.Uint16(block[channels+2*i:]))) }
	for c := range channels {
		st[c] = state{
			weight: predictors[min(int(block[c]), len(predictors)-1)],
			step:   word(c), s1: word(channels + c), s2: word(2*channels + c),
		}
		dst[c], dst[channels+c] = int16(st[c].s2), int16(st[c].s1)
	}
	for i := 2 * channels; i < len(dst); i++ {
		nibble := i - 2*channels
		code := int32(block[7*channels+nibble/2] >> (4 * uint(1-nibble&1)) & 15)
		s := &st[i%channels]
		signed := code
		if code >= 8 {
			signed -= 16
		}
		v := clamp16((s.s1*s.weight[0]+s.s2*s.weight[1])>>8 + signed*s.step)
		s.step = max(msGains[code]*s.step>>8, 16)
		s.s1, s.s2 = v, s.s1
		dst[i] = int16(v)
	}
}

func clamp16(v int32) int32 { return min(max(v, -1<<15), 1<<15-1) }
