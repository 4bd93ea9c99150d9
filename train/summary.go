package train

import (
	"cmp"
	"math"
	"slices"

	"partials/internal/config"
	"partials/metric"
)

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
	Costs
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
	s := Summary{Name: d.Name(), Dir: string(d), Status: man.Status, Steps: man.steps(r), Model: r.Model.Kind,
		Metric: r.Validation.Metric, Started: man.Started}
	if s.Status == "running" && !d.inUse() {
		s.Status = "killed"
	}
	if s.Costs, err = d.costs(); err != nil {
		return s, err
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

// summaryOrders are what SortSummaries can sort by. The best comes first, the
// latest last.
var summaryOrders = []struct {
	name    string
	compare func(a, b Summary) int
}{
	{"name", func(a, b Summary) int { return cmp.Compare(a.Name, b.Name) }},
	{"status", func(a, b Summary) int { return cmp.Compare(a.Status, b.Status) }},
	{"step", func(a, b Summary) int { return cmp.Compare(a.Step, b.Step) }},
	{"model", func(a, b Summary) int { return cmp.Compare(a.Model, b.Model) }},
	{"best", compareBest},
	{"started", func(a, b Summary) int { return cmp.Compare(a.Started, b.Started) }},
}

// compareBest puts better values first, runs that choose by one metric
// together, and those without a value last.
func compareBest(a, b Summary) int {
	if a.Metric != b.Metric {
		return cmp.Compare(a.Metric, b.Metric)
	}
	m, _ := metric.Get(a.Metric) // the loss is none: lower is better, as for most
	x, y := a.best(), b.best()
	switch {
	case m.Better(x, y):
		return -1
	case m.Better(y, x):
		return 1
	}
	return 0
}

func (s Summary) best() float64 {
	if s.Best == nil {
		return math.NaN()
	}
	return float64(*s.Best)
}

// SortSummaries sorts by the column of that name, equal runs by name.
func SortSummaries(list []Summary, by string, reverse bool) error {
	var names []string
	for _, o := range summaryOrders {
		if o.name != by {
			names = append(names, o.name)
			continue
		}
		slices.SortStableFunc(list, func(a, b Summary) int {
			order := o.compare(a, b)
			if reverse {
				order = -order
			}
			return cmp.Or(order, cmp.Compare(a.Name, b.Name))
		})
		return nil
	}
	return config.OneOf("sort", by, names...)
}
