package bench

import (
	"fmt"
	"testing"

	"partials/bench/workload"
)

// report adds the metrics of every benchmark here: nanoseconds for a sample and
// the rate of floating-point operations, where they are counted.
func report(b *testing.B, samples int, flops float64) {
	ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(ns/float64(samples), "ns/sample")
	if flops > 0 {
		b.ReportMetric(flops/ns, "GFLOP/s")
	}
}

// BenchmarkWorkload runs what bench/peers compares, on one thread and on two.
func BenchmarkWorkload(b *testing.B) {
	for _, w := range workload.All() {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", w.Name, threads), func(b *testing.B) {
				j, err := w.Open(threads)
				if err != nil {
					b.Fatal(err)
				}
				defer j.Close()
				j.Run()
				b.ReportAllocs()
				for b.Loop() {
					j.Run()
				}
				report(b, w.Samples(), j.FLOPs())
				if n := j.Arena(); n > 0 {
					b.ReportMetric(float64(n)/(1<<20), "arena-MiB")
				}
			})
		}
	}
}
