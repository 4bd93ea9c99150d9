//go:build amd64 && !purego

package parallel

// pause tells the CPU that this thread spins, so that it saves power and leaves
// the memory bus and the sibling thread alone.
func pause()
