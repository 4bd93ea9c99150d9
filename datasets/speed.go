package datasets

import (
	"fmt"
	"math"
	"sync"

	"partials/audio"
	"partials/internal/config"
	"partials/internal/rng"
)

// speeds plays recordings faster or slower, which moves pitch and tempo
// together, in steps of a percent.
type speeds struct {
	from, to int // percent
	pools    map[int]*sync.Pool
}

// checkSpeed judges a range of speeds to draw from.
func checkSpeed(field string, s [2]float64) error {
	if !(s[0] >= 0.25 && s[0] <= s[1] && s[1] <= 4) {
		return config.Field(field, s, "two factors from 0.25 to 4, the lower first")
	}
	return nil
}

func newSpeeds(s [2]float64) *speeds {
	v := &speeds{from: int(math.Round(100 * s[0])), to: int(math.Round(100 * s[1])), pools: map[int]*sync.Pool{}}
	for percent := v.from; percent <= v.to; percent++ {
		v.pools[percent] = &sync.Pool{New: func() any {
			r, err := audio.NewResampler(percent, 100)
			if err != nil {
				panic(fmt.Sprintf("datasets: a speed of %d%%: %v", percent, err)) // the bounds are checked
			}
			return r
		}}
	}
	return v
}

// draw draws a speed in percent.
func (v *speeds) draw(r *rng.Source) int { return v.from + r.IntN(v.to-v.from+1) }

// need is how many samples of a recording n samples at a speed are made of.
func (v *speeds) need(n, percent int) int { return (n*percent + 99) / 100 }

// play fills dst with the sound src, of need(len(dst[0])) samples, at a speed.
func (v *speeds) play(dst, src [][]float32, percent int) {
	resampler := v.pools[percent].Get().(*audio.Resampler)
	defer v.pools[percent].Put(resampler)
	for c, x := range src {
		resampler.Reset()
		y := resampler.Flush(resampler.Process(dst[c][:0:len(dst[c])], x))
		copy(dst[c], y)
	}
}
