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

// frame resolves a parameter to the place on the stack where it lies, for what
// the registers have no room for.
func frame(name string) Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// loadLanes: four elements of eight rows become four rows of eight lanes, in
// each of some bands.
func loadLanes(name string, windowed bool) {
	parameters := "dst *float32, width, dstSkip int, x *float32, xSkip int, offsets *[8]int, mask *[8]uint32, quads, bands int"
	if windowed {
		parameters += ", window *float32"
	}
	text(name, "func("+parameters+")", name+" is loadLanesGeneric for 4*quads elements in each of some bands: lane l lies",
		"offsets[l] floats from x, and is kept where mask[l] is all ones. From the end of",
		"a band to the next there are dstSkip floats in dst, xSkip in x and window.")
	dst, width, x := gp("dst"), gp("width"), gp("x")
	offsets, mask := gp("offsets"), gp("mask")
	keep := load(Mem{Base: mask})
	var offset [8]GPVirtual
	for l := range offset {
		offset[l] = GP64()
		MOVQ(Mem{Base: offsets, Disp: l * 8}, offset[l])
	}
	lane := func(l int) Mem { return Mem{Base: x, Index: offset[l], Scale: 4} }
	SHLQ(Imm(2), width)
	out := strided{base: dst, by: multiples(width, 4)}
	var window GPVirtual
	if windowed {
		window = gp("window")
	}
	quads := GP64()

	Label(name + "band")
	MOVQ(frame("quads"), quads)
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
	MOVQ(frame("xSkip"), quads)
	LEAQ(Mem{Base: x, Index: quads, Scale: 4}, x)
	if windowed {
		LEAQ(Mem{Base: window, Index: quads, Scale: 4}, window)
	}
	MOVQ(frame("dstSkip"), quads)
	LEAQ(Mem{Base: dst, Index: quads, Scale: 4}, dst)
	DECQ(frame("bands"))
	JNZ(LabelRef(name + "band"))
	finish()
}

type storeKind int

const (
	overwrite storeKind = iota
	add
	addWindowed
)

// storeLanes: eight rows of eight lanes become eight elements of each of count
// rows, in each of some bands. It walks from the last elements to the first:
// where rows of x overlap, a sample of a band then gets its lanes in lane order.
func storeLanes(name string, kind storeKind) {
	parameters := "x *float32, xSkip, pitch, count, octets, bands int, src *float32, width, srcSkip int"
	if kind == addWindowed {
		parameters += ", window *float32"
	}
	generic := "addLanesGeneric"
	if kind == overwrite {
		generic = "storeLanesGeneric"
	}
	text(name, "func("+parameters+")", name+" is "+generic+" for 8*octets elements in each of some bands.",
		"The pointers lie at the last octet of the last band; to that of the band before",
		"there are xSkip floats in x and window, and srcSkip in src, when a band is done.")
	x, pitch, count := gp("x"), gp("pitch"), gp("count")
	src, width := gp("src"), gp("width")
	SHLQ(Imm(2), pitch)
	SHLQ(Imm(2), width)
	var window GPVirtual
	if kind == addWindowed {
		window = gp("window")
	}
	rows := strided{base: src, by: multiples(width, 8)}
	lanes := strided{base: x, by: multiples(pitch, 8)}

	Label(name + "band")
	octets := GP64()
	MOVQ(frame("octets"), octets)
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
	MOVQ(frame("xSkip"), octets)
	SHLQ(Imm(2), octets)
	SUBQ(octets, x)
	if kind == addWindowed {
		SUBQ(octets, window)
	}
	MOVQ(frame("srcSkip"), octets)
	SHLQ(Imm(2), octets)
	SUBQ(octets, src)
	DECQ(frame("bands"))
	JNZ(LabelRef(name + "band"))
	finish()
}
