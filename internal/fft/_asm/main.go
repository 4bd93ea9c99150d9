// Command _asm writes the AVX2 and AVX-512 kernels of package fft. Run it through
// "go generate" in the package above.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	ConstraintExpr("!purego")
	for _, radix := range []int{2, 3, 4, 5, 7, 8} {
		variants := []variant{avx2}
		if localSize(radix) > 0 {
			variants = append(variants, avx512)
		}
		for _, v := range variants {
			leaf(radix, v)
			for _, some := range parts(radix) {
				pass("split", radix, some, v)
				pass("join", radix, some, v)
			}
		}
	}
	untangle("unpackAVX2", false)
	untangle("packAVX2", true)
	mulRows()
	loadLanes("loadLanesAVX2", false)
	loadLanes("loadWindowedAVX2", true)
	storeLanes("storeLanesAVX2", overwrite)
	storeLanes("addLanesAVX2", add)
	storeLanes("addWindowedAVX2", addWindowed)
	Generate()
}

// parts are the numbers of rows that butterflies of a radix can be written for.
func parts(radix int) []int {
	switch radix {
	case 4:
		return []int{2, 3, 4}
	case 8:
		return []int{4, 5, 6, 8}
	}
	return []int{radix}
}
