package train

import (
	"fmt"
	"slices"

	"partials/datasets"
	"partials/metric"
	"partials/plots"
)

// drawResults adds what a validation measured to the report: the means, the
// means by tag, a table of all excerpts, and how the improvement is spread.
func (r *run) drawResults(page *plots.Report, e *Evaluation) error {
	if e == nil {
		return nil
	}
	caption := fmt.Sprintf("Validation at step %d", r.prog.Step)
	if r.man.Ended != "" {
		caption = "Validation of the best weights"
	}
	page.Tables = append(page.Tables, meanTable(caption, e))
	if len(e.Groups) > 0 {
		page.Tables = append(page.Tables, groupTable(e))
	}
	if len(e.Excerpts) > 1 {
		page.Tables = append(page.Tables, excerptTable(e))
	}
	if len(e.Excerpts) < 4 || e.Before == nil {
		return nil
	}
	var gains []float64
	for _, x := range e.Excerpts {
		gains = append(gains, float64(x.Values[improvement]))
	}
	p := picture{"improvement", plots.Histogram{Title: "Improvement by excerpt", XLabel: "SI-SDR improvement (dB)", Values: gains}.Figure()}
	return r.put(&page.Curves, p)
}

// titleOf is what a number of a validation is called, with its unit.
func titleOf(name string) string {
	if name == improvement {
		return "SI-SDR improvement (dB)"
	}
	if m, ok := metric.Get(name); ok {
		return m.Label()
	}
	return name
}

// meanTable is the means, before the model and after it where there is a
// before.
func meanTable(caption string, e *Evaluation) plots.Table {
	t := plots.Table{Caption: caption, Header: []string{"metric", "value"}}
	if e.Before != nil {
		t.Header = []string{"metric", "before", "after"}
	}
	for _, name := range sortedNames(e.Mean) {
		row := []string{titleOf(name)}
		if e.Before != nil {
			row = append(row, numberText(e.Before, name))
		}
		t.Rows = append(t.Rows, append(row, numberText(e.Mean, name)))
	}
	return t
}

func numberText(values map[string]Number, name string) string {
	v, ok := values[name]
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.4g", float64(v))
}

// summaryNames are the metrics of the tables that have a row for each excerpt
// or group: all of pairs of recordings, the ones of speech where inputs are
// degraded targets.
func summaryNames(e *Evaluation) []string {
	if e.Before == nil {
		var names []string
		for name := range e.Excerpts[0].Values {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	return []string{improvement, "si_sdr", "stoi", "estoi", "seg_snr", "lsd"}
}

// cells are a row of a table of results: after, and in brackets before.
func cells(names []string, values, before map[string]Number) []string {
	var row []string
	for _, name := range names {
		text := numberText(values, name)
		if b := numberText(before, name); b != "" {
			text += " (" + b + ")"
		}
		row = append(row, text)
	}
	return row
}

func headers(names []string) []string {
	var row []string
	for _, name := range names {
		row = append(row, titleOf(name))
	}
	return row
}

func groupTable(e *Evaluation) plots.Table {
	names := summaryNames(e)
	t := plots.Table{Caption: "By kind, in brackets before the model", Header: append([]string{"kind", "excerpts"}, headers(names)...)}
	for _, g := range e.Groups {
		t.Rows = append(t.Rows, append([]string{g.Name + ": " + g.Value, fmt.Sprint(g.Excerpts)}, cells(names, g.Mean, g.Before)...))
	}
	return t
}

func excerptTable(e *Evaluation) plots.Table {
	names := summaryNames(e)
	t := plots.Table{Caption: "By excerpt", Header: append([]string{"excerpt", "seconds"}, headers(names)...)}
	if e.Before != nil {
		t.Caption += ", in brackets before the model"
	}
	for _, x := range e.Excerpts {
		t.Rows = append(t.Rows, append([]string{x.Name + tagText(x.Tags), fmt.Sprintf("%.3g", x.Seconds)}, cells(names, x.Values, x.Before)...))
	}
	return t
}

// tagText is the tags of an excerpt behind its name.
func tagText(tags []datasets.Tag) string {
	text := ""
	for _, tag := range tags {
		text += ", " + tag.Value
	}
	return text
}
