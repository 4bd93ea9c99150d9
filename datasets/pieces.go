package datasets

import (
	"fmt"
	"log/slog"
	"sort"

	"partials/internal/config"
	"partials/internal/rng"
)

// What is done with files shorter than an example.
const (
	shortPad   = "pad"
	shortSkip  = "skip"
	shortError = "error" // of a pair only
)

func checkShort(short string) error { return config.OneOf("short", short, shortPad, shortSkip) }

// pieces cuts a list of recordings into the examples of an epoch: as many of a
// file as windows side by side fit in, at least one.
type pieces struct {
	cut   *cutting
	crop  string
	files []*recording
	until []int // until[k] is how many pieces the files up to k have
}

func newPieces(files []*recording, cut *cutting, crop, short string) (*pieces, error) {
	p := &pieces{cut: cut, crop: crop}
	total, few := 0, 0
	var lib *library
	for _, r := range files {
		lib = r.lib
		if r.frames < cut.need() {
			few++
			if short == shortSkip {
				continue
			}
		}
		total += max(cut.windows(r.frames), 1)
		p.files = append(p.files, r)
		p.until = append(p.until, total)
	}
	if total == 0 {
		return nil, fmt.Errorf("all %d files are shorter than an example, which needs %d samples (%s; %s); set a shorter segment, or short: pad",
			len(files), cut.need(), lib.seconds(cut.need()), cut.description)
	}
	if few > 0 {
		warnShort(lib.log, short, few, len(files), cut.need())
	}
	return p, nil
}

// warnShort tells what is done with files shorter than an example.
func warnShort(log *slog.Logger, short string, few, all, need int) {
	what := "files shorter than an example are padded with silence"
	if short == shortSkip {
		what = "files shorter than an example are left out"
	}
	log.Warn(what, "files", few, "of", all, "samples_needed", need)
}

func (p *pieces) count() int { return p.until[len(p.until)-1] }

// at returns where piece i begins: its recording and the first sample read. A
// random crop is drawn from r. One that is too short begins before its
// recording: the silence comes first, as before a sound.
func (p *pieces) at(i int, r *rng.Source) (*recording, int) {
	k := sort.SearchInts(p.until, i+1)
	rec := p.files[k]
	room := rec.frames - p.cut.need()
	switch {
	case room <= 0:
		return rec, room
	case p.crop == cropGrid:
		first := 0
		if k > 0 {
			first = p.until[k-1]
		}
		return rec, (i - first) * p.cut.Segment
	}
	return rec, r.IntN(room + 1)
}
