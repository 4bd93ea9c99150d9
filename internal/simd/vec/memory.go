package vec

// Stream copies x to dst and leaves the cache to others: for results that
// nobody reads soon. dst may be x.
func Stream(dst, x []float32) {
	same2("Stream", len(dst), len(x))
	n := stream(dst, x)
	copy(dst[n:], x[n:])
}

// Prefetch asks for x to be in the cache soon. It is a hint and changes nothing.
func Prefetch(x []float32) { prefetch(x) }
