package capture

import (
	"crypto/md5" //nolint:gosec // names a published file, protects nothing
	"encoding/binary"
	"encoding/hex"
	"math"
)

// layout says what stands where in a test signal, in samples.
type layout struct {
	name   string
	old    bool  // its makers have replaced it
	blips  []int // isolated clicks
	train  [2]int
	valid  [2]int
	repeat [2]int // the same sound as valid at another place; equal for none
}

// reampSignal is a published test signal for Neural Amp Modeler: where its parts
// are in seconds (negative from the end), and the MD5 sums of its first and last
// parts as float64, by which it is known whatever its file looks like.
type reampSignal struct {
	name          string
	rate          int
	head, tail    float64
	sums          [][2]string // of head and tail
	seconds       float64     // its length where its structure tells it; 0 where only its sums do
	blips         []float64
	train, valid  [2]float64
	repeat        [2]float64
	old           bool
	tailMayDiffer bool
}

// reampSignals are those of neural-amp-modeler/nam/train/core.py (MIT licence),
// whose numbers these are.
var reampSignals = []reampSignal{
	{name: "NAM reamp file v3", rate: 48000, head: 17, tail: 9, seconds: 190,
		sums:  [][2]string{{"dadb5d62f6c3973a59bf01439799809b", "8458126969a3f9d8e19a53554eb1fd52"}},
		blips: []float64{10.5, 11.5}, train: [2]float64{10, -9}, valid: [2]float64{-9, 0}, repeat: [2]float64{0, 9}},
	{name: "NAM reamp file v2", rate: 48000, head: 8, tail: 20, old: true,
		sums:  [][2]string{{"1c4d94fbcb47e4d820bef611c1d4ae65", "28694e7bf9ab3f8ae6ef86e9545d4663"}},
		blips: []float64{0.5, 1.5}, train: [2]float64{0, -20}, valid: [2]float64{-20, -11}, repeat: [2]float64{-11, -2}},
	{name: "NAM reamp file v1", rate: 48000, head: 7, tail: 9, old: true,
		sums: [][2]string{{"bb4e140c9299bae67560d280917eb52b", "9b2468fcb6e9460a399fc5f64389d353"},
			{"9f20c6b5f7fef68dd88307625a573a14", "8458126969a3f9d8e19a53554eb1fd52"}},
		blips: []float64{0.25, 0.75}, train: [2]float64{0, -9}, valid: [2]float64{-9, 0}},
	{name: "Proteus capture file", rate: 44100, head: 1, tailMayDiffer: true, old: true,
		sums:  [][2]string{{"46151c8030798081acc00a725325a07d", ""}},
		blips: []float64{0.5}, train: [2]float64{1, -10}, valid: [2]float64{-10, 0}},
}

// place turns the signal's seconds into samples of a sound of n at a rate.
func (s *reampSignal) place(n, rate int) *layout {
	at := func(seconds float64, end bool) int {
		t := int(math.Round(seconds * float64(rate)))
		if seconds < 0 || end && seconds == 0 {
			t += n
		}
		return min(max(t, 0), n)
	}
	span := func(x [2]float64) [2]int {
		if x == [2]float64{} {
			return [2]int{}
		}
		return [2]int{at(x[0], false), at(x[1], true)}
	}
	l := &layout{name: s.name, old: s.old, train: span(s.train), valid: span(s.valid), repeat: span(s.repeat)}
	for _, b := range s.blips {
		l.blips = append(l.blips, at(b, false))
	}
	return l
}

// isThis says whether x is the signal: by its sums, or by its length and clicks.
func (s *reampSignal) isThis(x []float32, rate int, clicks []int) bool {
	head, tail := int(s.head*float64(s.rate)), int(s.tail*float64(s.rate))
	if rate == s.rate && len(x) >= head+tail {
		first := sumOf(x[:head])
		last := ""
		for _, sums := range s.sums {
			if first != sums[0] {
				continue
			}
			if last == "" && !s.tailMayDiffer {
				last = sumOf(x[len(x)-tail:])
			}
			if s.tailMayDiffer || last == sums[1] {
				return true
			}
		}
	}
	if s.seconds == 0 || math.Abs(float64(len(x))/float64(rate)-s.seconds) > 1 {
		return false
	}
	for _, b := range s.blips {
		if !hasNear(clicks, int(math.Round(b*float64(rate))), rate/1000) {
			return false
		}
	}
	return true
}

// sumOf is the MD5 sum of samples as little-endian float64.
func sumOf(x []float32) string {
	h := md5.New() //nolint:gosec // see above
	buf := make([]byte, 0, 8192)
	for t, v := range x {
		buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(float64(v)))
		if len(buf) == cap(buf) || t == len(x)-1 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hasNear(at []int, t, within int) bool {
	for _, a := range at {
		if a >= t-within && a <= t+within {
			return true
		}
	}
	return false
}

// recogniseSignal returns the layout of the test signal that x is, or nil.
func recogniseSignal(x []float32, rate int) *layout {
	clicks := findClicks(x, rate)
	if l := recogniseOwn(x, rate, clicks); l != nil {
		return l
	}
	for i := range reampSignals {
		if s := &reampSignals[i]; s.isThis(x, rate, clicks) {
			return s.place(len(x), rate)
		}
	}
	if len(clicks) >= 2 {
		return &layout{blips: clicks}
	}
	return nil
}

// findClicks finds isolated clicks: samples that stand alone between silence,
// as test signals have them to measure the latency by. A plucked string rings
// on, so it is none.
func findClicks(x []float32, rate int) (at []int) {
	const (
		loud    = 0.1 // of full scale
		quieter = 100 // times is what stands around a click
	)
	body := rate / 1000 * 3 / 2 // 1.5 ms on either side belong to a click that was resampled
	before, behind := rate/10, rate/20
	for t := 0; t < len(x); t++ {
		v := math.Abs(float64(x[t]))
		if v < loud {
			continue
		}
		// The largest sample of the click is its place.
		top := t
		for u := t; u < min(t+2*body, len(x)); u++ {
			if math.Abs(float64(x[u])) > math.Abs(float64(x[top])) {
				top = u
			}
		}
		v = math.Abs(float64(x[top]))
		if top >= body && peakOf(x[max(top-before, 0):max(top-body, 0)])*quieter < v &&
			top+behind < len(x) && peakOf(x[top+body:top+behind])*quieter < v {
			at = append(at, top)
		}
		// Whatever is loud here is over when it has been quiet for a while.
		t = top + body
		for quiet := 0; t < len(x) && quiet < before; t++ {
			if quiet++; math.Abs(float64(x[t])) >= loud/quieter {
				quiet = 0
			}
		}
	}
	return at
}

// recognise finds out what test signal the input is, and whether the output is
// one, which is a sign of swapped files.
func (c *checker) recognise() {
	c.layout = recogniseSignal(c.x, c.rate)
	if c.layout != nil {
		c.r.Signal = c.layout.name
	}
	if c.layout != nil && c.layout.old {
		c.find("signal", Warning, "the input is the %s, which its makers have replaced. A newer test signal, or the one that train signal writes, makes a better model.", c.layout.name)
	}
	if out := recogniseSignal(c.y, c.rate); out != nil && out.name != "" && (c.layout == nil || c.layout.name == "") {
		c.find("swapped", Error, "the output %s is itself the %s: input and output are swapped. Give the file that was played first, then the recording.", c.r.Output, out.name)
	}
}
