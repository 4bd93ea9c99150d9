package train

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// Litter is a run that Clean would remove.
type Litter struct {
	Dir    Dir    `json:"dir"`
	Status string `json:"status"`
	Step   int    `json:"step"` // of the last checkpoint
	Bytes  int64  `json:"bytes"`
}

// FindLitter returns the runs among dirs with one of the statuses or, where none
// are given, those that came to nothing: no process trains them, and they left
// no checkpoint to go on from. A run in use is never litter.
func FindLitter(dirs []Dir, statuses []string, o Options) ([]Litter, error) {
	for _, s := range statuses {
		if !slices.Contains(endings, s) {
			return nil, fmt.Errorf("there is no status %q to clean by; there are %q", s, endings)
		}
	}
	var list []Litter
	for _, d := range dirs {
		if d.inUse() {
			continue
		}
		s, err := Summarise(d, o)
		if err != nil { // what cannot be read is not for a program to throw away
			o.log().Warn("left alone, for it cannot be read", "run", string(d), "because", err)
			continue
		}
		if len(statuses) > 0 && !slices.Contains(statuses, s.Status) || len(statuses) == 0 && existing(d.path(lastFile)) != "" {
			continue
		}
		l := Litter{Dir: d, Status: s.Status, Step: s.Step}
		if l.Bytes, err = d.size(); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// endings are how a run can have ended.
var endings = []string{"interrupted", "failed", "killed", "finished", "stopped early"}

// Remove deletes a run's folder with all that is in it. A run in use is an error.
func (d Dir) Remove() error {
	if existing(d.path(configFile)) == "" {
		return fmt.Errorf("%s is not a run: there is no %s", d, d.path(configFile))
	}
	held, err := d.lock()
	if err != nil {
		return err
	}
	// The lock's file goes first: Windows does not remove what is open.
	return errors.Join(held.release(), os.RemoveAll(string(d)))
}
