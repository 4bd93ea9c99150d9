//go:build !amd64 || purego

package vec

import "partials/internal/impl"

func init() { impl.Register(pkg, impl.Generic, true, nil) }

// Without assembly no element is done before the generic loops.

func elementwise(op, []float32, []float32, []float32, *float32) int { return 0 }

func reduce(reduction, []float32, []float32, *lanes) int { return 0 }

func reduceMaxAbs([]float32, *[8]uint32) int { return 0 }

func compareSpectra([]float32, []float32, *Comparison, *Compared) int { return 0 }

func measured(Measure, []float32, Parts, float32) int { return 0 }

func measuredGrad(Measure, Parts, Parts, []float32, float32, bool) int { return 0 }

func stream([]float32, []float32) int { return 0 }

func prefetch([]float32) {}
