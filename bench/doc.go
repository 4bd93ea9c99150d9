// Package bench measures speed: every kernel and every workload of
// bench/workload, with ns per sample and GFLOP/s. `go test -bench . ./bench`
// runs it; bench/peers sets the workloads beside other programs.
package bench
