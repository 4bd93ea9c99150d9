package train

import (
	"fmt"
	"slices"

	"partials/plots"
)

// encodeCSV is the format "csv": a run's metrics as a table, a row for each step
// and a column for each number, empty where it was not measured.
func (d Dir) encodeCSV() ([]byte, []string, error) {
	records, err := ReadMetrics(d)
	if err != nil {
		return nil, nil, err
	}
	var series []plots.Series
	for _, r := range records {
		for _, p := range r.points() {
			i := slices.IndexFunc(series, func(s plots.Series) bool { return s.Name == p.name })
			if i < 0 {
				i = len(series)
				series = append(series, plots.Series{Name: p.name})
			}
			series[i].X = append(series[i].X, float64(r.Step))
			series[i].Y = append(series[i].Y, p.value)
		}
	}
	data, rows, err := encodeCSV(series)
	return data, []string{fmt.Sprintf("%d steps, %d columns", rows, 1+len(series))}, err
}
