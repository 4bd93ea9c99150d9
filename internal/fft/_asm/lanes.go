package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// transpose4 transposes the 4x4 matrices in the low and in the high halves of
// four vectors.
func transpose4(v [4]VecVirtual) [4]VecVirtual {
	low01, high01, low23, high23 := YMM(), YMM(), YMM(), YMM()
	VUNPCKLPS(v[1], v[0], low01)
	VUNPCKHPS(v[1], v[0], high01)
	VUNPCKLPS(v[3], v[2], low23)
	VUNPCKHPS(v[3], v[2], high23)
	out := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
	VSHUFPS(Imm(0x44), low23, low01, out[0])
	VSHUFPS(Imm(0xee), low23, low01, out[1])
	VSHUFPS(Imm(0x44), high23, high01, out[2])
	VSHUFPS(Imm(0xee), high23, high01, out[3])
	return out
}

// halves loads four floats from each address, low half first.
func halves(low, high Mem) VecVirtual {
	x := XMM()
	VMOVUPS(low, x)
	v := YMM()
	VINSERTF128(Imm(1), high, x.AsY(), v)
	return v
}

// loadLanes: four elements of eight rows become four rows of eight lanes.
func loadLanes(name string, windowed bool) {
	signature := "func(dst *float32, width int, x *float32, offsets *[8]int, mask *[8]uint32, quads int)"
	if windowed {
		signature = "func(dst *float32, width int, x *float32, offsets *[8]int, mask *[8]uint32, quads int, window *float32)"
	}
	text(name, signature, name+" is loadLanesGeneric for 4*quads elements: lane l lies offsets[l]",
		"floats from x, and is kept where mask[l] is all ones.")
	dst, width, x := gp("dst"), gp("width"), gp("x")
	offsets, mask := gp("offsets"), gp("mask")
	keep := load(Mem{Base: mask})
	var offset [8]GPVirtual
	for l := range offset {
		offset[l] = GP64()
		MOVQ(Mem{Base: offsets, Disp: l * 8}, offset[l])
	}
	lane := func(l int) Mem { return Mem{Base: x, Index: offset[l], Scale: 4} }
	quads := gp("quads")
	SHLQ(Imm(2), width)
	out := strided{base: dst, by: multiples(width, 4)}
	var window GPVirtual
	if windowed {
		window = gp("window")
	}

	Label(name + "next")
	var v [4]VecVirtual
	for l := range v {
		v[l] = halves(lane(l), lane(l+4))
	}
	if windowed {
		w := YMM()
		VBROADCASTF128(Mem{Base: window}, w)
		for l := range v {
			VMULPS(w, v[l], v[l])
		}
		ADDQ(Imm(16), window)
	}
	for t, r := range transpose4(v) {
		VANDPS(keep, r, r)
		VMOVUPS(r, out.at(t))
	}
	ADDQ(Imm(16), x)
	LEAQ(Mem{Base: dst, Index: width, Scale: 4}, dst)
	DECQ(quads)
	JNZ(LabelRef(name + "next"))
	finish()
}

type storeKind int

const (
	overwrite storeKind = iota
	add
	addWindowed
)

// storeLanes: eight rows of eight lanes become eight elements of each of count
// rows. It walks from the last elements to the first: where rows of x overlap,
// a sample then gets its lanes in lane order.
func storeLanes(name string, kind storeKind) {
	signature := "func(x *float32, pitch, count, octets int, src *float32, width int)"
	if kind == addWindowed {
		signature = "func(x *float32, pitch, count, octets int, src *float32, width int, window *float32)"
	}
	generic := "addLanesGeneric"
	if kind == overwrite {
		generic = "storeLanesGeneric"
	}
	text(name, signature, name+" is "+generic+" for 8*octets elements.")
	x, pitch, count, octets := gp("x"), gp("pitch"), gp("count"), gp("octets")
	src, width := gp("src"), gp("width")
	SHLQ(Imm(2), pitch)
	SHLQ(Imm(2), width)
	var window GPVirtual
	if kind == addWindowed {
		window = gp("window")
	}
	// To the last octet: 32*(octets-1) bytes on in x and window, 8*(octets-1) rows in src.
	skip := GP64()
	LEAQ(Mem{Base: octets, Disp: -1}, skip)
	SHLQ(Imm(3), skip)
	LEAQ(Mem{Base: x, Index: skip, Scale: 4}, x)
	if kind == addWindowed {
		LEAQ(Mem{Base: window, Index: skip, Scale: 4}, window)
	}
	IMULQ(width, skip)
	ADDQ(skip, src)
	rows := strided{base: src, by: multiples(width, 8)}
	lanes := strided{base: x, by: multiples(pitch, 8)}

	Label(name + "next")
	var w VecVirtual
	if kind == addWindowed {
		w = load(Mem{Base: window})
	}
	for half := range 2 {
		var v [4]VecVirtual
		for t := range v {
			v[t] = halves(rows.at(t).Offset(16*half), rows.at(t+4).Offset(16*half))
		}
		for i, r := range transpose4(v) {
			l := 4*half + i
			switch kind {
			case addWindowed:
				VMULPS(w, r, r)
				VADDPS(lanes.at(l), r, r)
			case add:
				VADDPS(lanes.at(l), r, r)
			}
			VMOVUPS(r, lanes.at(l))
			if l < 7 {
				CMPQ(count, Imm(uint64(l+1)))
				JE(LabelRef(name + "done"))
			}
		}
	}
	Label(name + "done")
	SUBQ(Imm(32), x)
	if kind == addWindowed {
		SUBQ(Imm(32), window)
	}
	back := GP64()
	MOVQ(width, back)
	SHLQ(Imm(3), back)
	SUBQ(back, src)
	DECQ(octets)
	JNZ(LabelRef(name + "next"))
	finish()
}
