//go:build !amd64 || purego

package conv

import "partials/internal/impl"

func init() { impl.Register(pkg, impl.Generic, true, nil) }

func (p *product) run(n int) { p.runGeneric(n) }

func inner(n, rows, blocks, tiles int, a, b [][]float32, to []float32) {
	innerGeneric(n, rows, blocks, tiles, a, b, to)
}

func fold(from, sums []float32) { foldGeneric(from, sums) }
