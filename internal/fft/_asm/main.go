// Command _asm writes the AVX2 kernels of package fft. Run it through
// "go generate" in the package above.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	ConstraintExpr("!purego")
	for _, radix := range []int{2, 3, 4, 5, 7, 8} {
		leaf(radix)
		pass(radix)
	}
	mirror()
	mulRows()
	loadLanes("loadLanesAVX2", false)
	loadLanes("loadWindowedAVX2", true)
	storeLanes("storeLanesAVX2", overwrite)
	storeLanes("addLanesAVX2", add)
	storeLanes("addWindowedAVX2", addWindowed)
	Generate()
}
