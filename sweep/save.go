package sweep

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"partials/metric"
	"partials/plots"
	"partials/train"
)

// Save writes results.csv and results.json into the sweep's folder and draws
// them: parallel.png and .svg, and the curves of the best trials over each other
// in curves/. It returns the paths of the pictures.
func (s *Sweep) Save(results []Result) ([]string, error) {
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "results.json"), append(text, '\n'), 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "results.csv"), s.table(results), 0o644); err != nil {
		return nil, err
	}
	path := filepath.Join(s.dir, "parallel")
	if err := s.parallel(results).Figure().Save(path); err != nil {
		return nil, err
	}
	pictures := []string{path + ".png"}
	const most = 8 // lines that can be told apart
	var dirs []train.Dir
	for _, r := range results {
		if r.Best != nil && len(dirs) < most {
			dirs = append(dirs, train.Dir(r.Dir))
		}
	}
	if len(dirs) == 0 {
		return pictures, nil
	}
	c, err := train.Compare(dirs, s.o.Train)
	if err != nil {
		return nil, err
	}
	names, err := c.Save(filepath.Join(s.dir, "curves"))
	for _, name := range names {
		pictures = append(pictures, filepath.Join(s.dir, "curves", name+".png"))
	}
	return pictures, err
}

// Table is the results in rows, with a head.
func (s *Sweep) Table(results []Result) [][]string {
	head := []string{"trial"}
	for _, a := range s.plan.Axes {
		head = append(head, a.Key)
	}
	rows := [][]string{append(head, "metric", "best", "step", "seconds", "status")}
	for _, r := range results {
		row := []string{strconv.Itoa(r.Trial)}
		for _, a := range s.plan.Axes {
			row = append(row, r.Settings[a.Key])
		}
		best := ""
		if r.Best != nil {
			best = strconv.FormatFloat(r.best(), 'g', 6, 64)
		}
		rows = append(rows, append(row, r.Metric, best, strconv.Itoa(r.Step), fmt.Sprintf("%.1f", r.Seconds), r.Status))
	}
	return rows
}

func (s *Sweep) table(results []Result) []byte {
	var b bytes.Buffer
	_ = csv.NewWriter(&b).WriteAll(s.Table(results)) // to memory: nothing can go wrong
	return b.Bytes()
}

// parallel draws an axis for each setting, by numbers where all values are
// numbers, and one for the result.
func (s *Sweep) parallel(results []Result) plots.Parallel {
	p := plots.Parallel{Title: "Sweep of " + s.plan.Recipe, Lines: make([][]float64, len(results))}
	for _, a := range s.plan.Axes {
		axis := plots.ParallelAxis{Name: a.Key}
		numbers := make([]float64, len(results))
		numeric := true
		for i, r := range results {
			var err error
			numbers[i], err = strconv.ParseFloat(r.Settings[a.Key], 64)
			numeric = numeric && err == nil
		}
		if numeric {
			low, high := slices.Min(numbers), slices.Max(numbers)
			axis.Log = low > 0 && high/low >= 30
		} else {
			axis.Names = a.Values
			for i, r := range results {
				numbers[i] = float64(slices.Index(a.Values, r.Settings[a.Key]))
			}
		}
		p.Axes = append(p.Axes, axis)
		for i := range results {
			p.Lines[i] = append(p.Lines[i], numbers[i])
		}
	}
	last := plots.ParallelAxis{Name: "loss", Log: true}
	if i := slices.IndexFunc(results, func(r Result) bool { return r.Metric != "" }); i >= 0 {
		if m, ok := metric.Get(results[i].Metric); ok {
			last = plots.ParallelAxis{Name: m.Label(), Log: m.Unit == ""}
			p.Higher = m.HigherIsBetter
		}
	}
	p.Axes = append(p.Axes, last)
	for i, r := range results {
		v := r.best()
		if math.IsInf(v, 0) {
			v = math.NaN()
		}
		p.Lines[i] = append(p.Lines[i], v)
	}
	return p
}
