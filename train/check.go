package train

import (
	"errors"

	"partials/internal/config"
	"partials/model"
)

// Checked is what Check found of a recipe that can run.
type Checked struct {
	Recipe     string // resolved YAML
	Facts      model.Facts
	Parameters int
	Rate       int // Hz
	Examples   int // of an epoch
	Excerpts   int // of validation
}

// Check says whether a recipe can run: it opens the data, builds everything
// and runs one batch forward and backward, and leaves nothing behind.
func Check(r Recipe, o Options) (_ *Checked, err error) {
	s, _, err := fit(r, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	resolved, err := config.Marshal(s.recipe)
	if err != nil {
		return nil, err
	}
	return &Checked{Recipe: string(resolved), Facts: s.model.Facts(), Parameters: s.params.Len(), Rate: s.data.Rate(),
		Examples: s.data.Len(), Excerpts: len(s.data.Excerpts())}, nil
}

// Summary is a line about a run.
type Summary struct {
	Name     string  `json:"name"`
	Dir      string  `json:"dir"`
	Status   string  `json:"status"` // running, interrupted, failed, killed, finished, stopped early
	Step     int     `json:"step"`
	Steps    int     `json:"steps"`
	Model    string  `json:"model"`
	Metric   string  `json:"metric"` // the best weights are chosen by
	Best     *Number `json:"best"`   // null before the first validation
	BestStep int     `json:"best_step"`
	Started  string  `json:"started"`
}

// Summarise reads what a run's folder says of it.
func Summarise(d Dir, o Options) (Summary, error) {
	man, err := readManifest(d)
	if err != nil {
		return Summary{}, err
	}
	r, err := o.recipeOf(d, nil)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Name: d.Name(), Dir: string(d), Status: man.Status, Steps: r.Steps, Model: r.Model.Kind,
		Metric: r.Validation.Metric, Started: man.Started}
	if s.Status == "running" && !d.inUse() {
		s.Status = "killed"
	}
	if existing(d.path(lastFile)) == "" {
		return s, nil
	}
	p, err := readProgress(d.path(lastFile))
	if err != nil {
		return s, err
	}
	s.Step, s.BestStep = p.Step, p.BestStep
	if p.BestStep > 0 {
		s.Best = &p.Best
	}
	return s, nil
}
