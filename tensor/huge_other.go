//go:build !linux

package tensor

// advise asks for huge pages, where there are any to ask for.
func advise[T Float]([]T) {}
