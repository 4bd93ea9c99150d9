//go:build !amd64 || purego

package parallel

import "runtime"

// pause lets other goroutines run while this one spins.
func pause() { runtime.Gosched() }
