package train

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"
)

// compare finds the first difference of two runs up to where the first is.
func (r *Reproduction) compare(a, b Dir, last progress) error {
	was, err := recordsUpTo(a, last.place)
	if err != nil {
		return err
	}
	is, err := recordsUpTo(b, last.place)
	if err != nil {
		return err
	}
	for i, w := range was {
		r.Records++
		if i >= len(is) {
			r.Step, r.What = w.Step, "the repetition has no such record"
			return nil
		}
		if what := difference(w, is[i]); what != "" {
			r.Step, r.What = min(w.Step, is[i].Step), what
			return nil
		}
	}
	if len(is) > len(was) {
		r.Step, r.What = is[len(was)].Step, "the run has no such record"
		return nil
	}
	r.Step = last.Step
	for _, x := range []struct{ file, what string }{
		{lastFile, "the final weights or the optimizer's state"},
		{bestFile, "the best weights"},
	} {
		if x.file == bestFile && !a.hasBest(last) {
			continue
		}
		same, err := sameFiles(a.path(x.file), b.path(x.file))
		if err != nil {
			return err
		}
		if !same {
			r.What = "all metrics are the same, but " + x.what + " are not"
			return nil
		}
	}
	r.Same = true
	return nil
}

// compareHashes holds the repetition against the hashes in the manifest.
func (m *manifest) compareHashes(r *Reproduction, again Dir) error {
	records, err := ReadMetrics(again)
	if err != nil {
		return err
	}
	r.Records = len(records)
	for _, f := range m.Files {
		if f.Path != metricsFile && f.Path != lastFile && f.Path != bestFile {
			continue
		}
		sum, err := hashFile(again.path(f.Path), never)
		if err != nil {
			return err
		}
		if sum != f.SHA256 {
			r.What = f.Path + " has another hash than the manifest's; the run's folder would tell from which step on"
			return nil
		}
	}
	r.Same = true
	if len(records) > 0 {
		r.Step = records[len(records)-1].Step
	}
	return nil
}

// recordsUpTo are a run's metrics up to a place. A run that was killed has more.
func recordsUpTo(d Dir, at place) ([]Record, error) {
	records, err := ReadMetrics(d)
	return slices.DeleteFunc(records, func(r Record) bool { return !at.covers(r) }), err
}

// hasBest says whether best.safetensors holds the weights that the run's
// progress speaks of. A kill may have come between the two.
func (d Dir) hasBest(p progress) bool {
	if p.BestStep == 0 {
		return false
	}
	best, err := readProgress(d.path(bestFile))
	return err != nil || best.Step == p.BestStep // what cannot be read is not the same either
}

func sameFiles(a, b string) (bool, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(b)
	return bytes.Equal(x, y), err
}

// difference puts the first difference of two records into words.
func difference(a, b Record) string {
	if a.Step != b.Step {
		return fmt.Sprintf("a record of step %d stands where step %d was", b.Step, a.Step)
	}
	for _, x := range []struct {
		name     string
		was, now *Number
	}{{"loss", a.Loss, b.Loss}, {"lr", a.LR, b.LR}, {"grad_norm", a.GradNorm, b.GradNorm}} {
		if what := differ(x.name, x.was, x.now); what != "" {
			return what
		}
	}
	for _, x := range []struct {
		prefix   string
		was, now map[string]Number
	}{{"term ", a.Terms, b.Terms}, {"validation ", a.Valid, b.Valid}} {
		if len(x.was) != len(x.now) {
			return fmt.Sprintf("%sentries: %d were %d", x.prefix, len(x.now), len(x.was))
		}
		for _, name := range sortedNames(x.was) {
			was := x.was[name]
			now, ok := x.now[name]
			if !ok {
				return x.prefix + name + " is only in one of them"
			}
			if what := differ(x.prefix+name, &was, &now); what != "" {
				return what
			}
		}
	}
	return ""
}

// differ compares two numbers bit for bit.
func differ(name string, was, now *Number) string {
	switch {
	case was == nil && now == nil:
		return ""
	case was == nil || now == nil:
		return name + " is only in one of them"
	}
	x, y := float64(*was), float64(*now)
	if math.Float64bits(x) == math.Float64bits(y) {
		return ""
	}
	return fmt.Sprintf("%s was %v, is now %v (by %.3g)", name, x, y, y-x)
}
