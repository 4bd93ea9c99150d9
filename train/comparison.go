package train

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"partials/internal/config"
	"partials/plots"
)

// Comparison sets runs side by side.
type Comparison struct {
	Runs []ComparedRun `json:"runs"`
	// Settings are the values of the recipes that are not the same in all runs,
	// in the order in which they first appear.
	Settings []ComparedSetting `json:"settings"`
}

// ComparedRun is a run among others.
type ComparedRun struct {
	Summary
	Parameters int               `json:"parameters"`
	Bytes      int64             `json:"bytes"`           // of the run's folder
	Valid      map[string]Number `json:"valid,omitempty"` // at the best step
	records    []Record
	metric     string // title and unit of what the best weights are chosen by
}

// ComparedSetting is a value of the recipes, one entry a run, "" where the
// recipe has none.
type ComparedSetting struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// Compare reads what the folders of runs say of them.
func Compare(dirs []Dir, o Options) (*Comparison, error) {
	c := &Comparison{Settings: []ComparedSetting{}}
	var keys []string
	settings := make([]map[string]string, len(dirs))
	for i, d := range dirs {
		run, err := compared(d, o)
		if err != nil {
			return nil, err
		}
		c.Runs = append(c.Runs, run)
		text, err := os.ReadFile(d.path(configFile))
		if err != nil {
			return nil, err
		}
		list, err := config.Flatten(d.path(configFile), text)
		if err != nil {
			return nil, err
		}
		settings[i] = map[string]string{}
		for _, s := range list {
			if !slices.Contains(keys, s.Key) {
				keys = append(keys, s.Key)
			}
			settings[i][s.Key] = s.Value
		}
	}
	for _, key := range keys {
		s := ComparedSetting{Key: key}
		for i := range dirs {
			s.Values = append(s.Values, settings[i][key])
		}
		if key != "name" && slices.ContainsFunc(s.Values, func(v string) bool { return v != s.Values[0] }) {
			c.Settings = append(c.Settings, s)
		}
	}
	return c, nil
}

func compared(d Dir, o Options) (ComparedRun, error) {
	s, err := Summarise(d, o)
	if err != nil {
		return ComparedRun{}, fmt.Errorf("%s: %w", d, err)
	}
	man, err := readManifest(d)
	if err != nil {
		return ComparedRun{}, err
	}
	r, err := o.recipeOf(d, nil)
	if err != nil {
		return ComparedRun{}, err
	}
	run := ComparedRun{Summary: s, Parameters: man.Parameters, metric: validationMetric(r).Label()}
	if run.records, err = ReadMetrics(d); err != nil {
		return ComparedRun{}, err
	}
	for _, rec := range run.records {
		if rec.Step == s.BestStep && rec.Valid != nil {
			run.Valid = rec.Valid
		}
	}
	run.Bytes, err = d.size()
	return run, err
}

// size is the bytes of all files in the run's folder.
func (d Dir) size() (bytes int64, err error) {
	err = filepath.WalkDir(string(d), func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// Save draws the curves of all runs over each other and writes them, with their
// numbers, to a folder: loss, validation, learning rate and gradient norm, each
// as PNG, SVG and CSV. It returns the names of the pictures.
func (c *Comparison) Save(folder string) ([]string, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	var names []string
	for _, x := range c.curves() {
		if slices.IndexFunc(x.Series, func(s plots.Series) bool { return len(s.X) > 0 }) < 0 {
			continue
		}
		path := filepath.Join(folder, x.name)
		if err := x.Figure().Save(path); err != nil {
			return nil, err
		}
		if err := writeCSV(path+".csv", x.Series); err != nil {
			return nil, err
		}
		names = append(names, x.name)
	}
	return names, nil
}

// comparedCurves are curves and the name of their files.
type comparedCurves struct {
	name string
	plots.Curves
}

func (c *Comparison) curves() []comparedCurves {
	metrics := slices.CompactFunc(slices.Clone(c.Runs), func(a, b ComparedRun) bool { return a.metric == b.metric })
	chosen := metrics[0].metric
	if len(metrics) > 1 {
		chosen = "value that each run chooses by"
	}
	all := []comparedCurves{
		{"loss", plots.Curves{Title: "Training loss", YLabel: "loss", Log: true}},
		{"validation", plots.Curves{Title: "Validation", YLabel: chosen, Log: !strings.Contains(chosen, "(dB)")}},
		{"lr", plots.Curves{Title: "Learning rate", YLabel: "learning rate"}},
		{"gradient", plots.Curves{Title: "Gradient norm before clipping", YLabel: "L2 norm", Log: true}},
	}
	for _, run := range c.Runs {
		smooth := max(1, len(run.records)/100)
		series := [4]plots.Series{{Smooth: smooth}, {}, {}, {Smooth: smooth}}
		for _, rec := range run.records {
			x := float64(rec.Step)
			add(&series[0], x, rec.Loss)
			if v, ok := rec.Valid[run.Metric]; ok {
				add(&series[1], x, &v)
			}
			add(&series[2], x, rec.LR)
			add(&series[3], x, rec.GradNorm)
		}
		for i := range all {
			series[i].Name = run.Name
			all[i].Series = append(all[i].Series, series[i])
		}
	}
	return all
}

// writeCSV writes series as a table.
func writeCSV(path string, series []plots.Series) error {
	data, _, err := encodeCSV(series)
	if err != nil {
		return err
	}
	return writeAtomically(path, data)
}

// encodeCSV is series as a table: a row for each step that any of them has, a
// column for each of them.
func encodeCSV(series []plots.Series) (data []byte, steps int, err error) {
	values := map[float64][]string{}
	var at []float64
	head := []string{"step"}
	for i, s := range series {
		head = append(head, s.Name)
		for j, x := range s.X {
			if values[x] == nil {
				values[x] = make([]string, len(series))
				at = append(at, x)
			}
			values[x][i] = strconv.FormatFloat(s.Y[j], 'g', -1, 64)
		}
	}
	slices.Sort(at)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{head}
	for _, x := range at {
		rows = append(rows, append([]string{strconv.FormatFloat(x, 'f', -1, 64)}, values[x]...))
	}
	err = w.WriteAll(rows)
	return b.Bytes(), len(at), err
}

// Duration is the time that the run took, rounded for people.
func (r ComparedRun) Duration() string {
	switch s := r.Seconds; {
	case s < 60:
		return fmt.Sprintf("%.1f s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
	default:
		m := int(math.Round(s / 60))
		return fmt.Sprintf("%d h %02d min", m/60, m%60)
	}
}
