//go:build amd64 && !purego

package impl

// Assembly reports whether this build contains assembly kernels.
const Assembly = true
