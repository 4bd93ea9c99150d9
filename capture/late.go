package capture

// Late is a quick look at how late y is of x, in samples, within a tenth of a
// second, and whether that is sure. Check looks closely.
func Late(x, y []float32, rate int) (samples float64, sure bool) {
	const few = 6
	if len(x) == 0 || len(y) == 0 {
		return 0, false
	}
	reach := rate / 10
	l := seekIn(x, y, min(stretchOf(len(x), rate), 1<<15), few, -reach, reach)
	return l.at, l.sure()
}
