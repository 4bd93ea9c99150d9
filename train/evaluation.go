package train

import (
	"math"
	"slices"

	"partials/datasets"
)

// Evaluation is what a model measures on its validation data: the loss and its
// terms, means over segments, and every metric, means over excerpts. Where the
// inputs are degraded targets the same metrics of the untreated inputs stand
// beside them, and si_sdr_improvement is the difference that the model makes.
type Evaluation struct {
	Mean     map[string]Number `json:"mean"`
	Before   map[string]Number `json:"before,omitempty"`
	Excerpts []ExcerptValues   `json:"excerpts"`
	Groups   []Group           `json:"groups,omitempty"`
	// RealTime is the seconds that the model took for a second of sound, its
	// real-time factor. It depends on the machine and its load.
	RealTime float64 `json:"real_time_factor"`
}

// ExcerptValues are the metrics of one excerpt, means over its channels.
type ExcerptValues struct {
	Name    string            `json:"name"`
	Seconds float64           `json:"seconds"`
	Tags    []datasets.Tag    `json:"tags,omitempty"`
	Values  map[string]Number `json:"values"`
	Before  map[string]Number `json:"before,omitempty"`
}

// Group is the means of the excerpts that have a tag in common: those at 5 dB,
// those in the noise of a car.
type Group struct {
	datasets.Tag
	Excerpts int               `json:"excerpts"`
	Mean     map[string]Number `json:"mean"`
	Before   map[string]Number `json:"before,omitempty"`
}

// improvement is the metric that says what the model makes better.
const improvement = "si_sdr_improvement"

// addImprovement sets it where there is something to improve on.
func (x *ExcerptValues) addImprovement() {
	if x.Before != nil {
		x.Values[improvement] = x.Values["si_sdr"] - x.Before["si_sdr"]
	}
}

// groups are the means for each tag, in the order in which the tags come first.
func groups(excerpts []ExcerptValues) []Group {
	var list []Group
	members := map[datasets.Tag][]ExcerptValues{}
	for _, x := range excerpts {
		for _, tag := range x.Tags {
			if members[tag] == nil {
				list = append(list, Group{Tag: tag})
			}
			members[tag] = append(members[tag], x)
		}
	}
	for i := range list {
		g := &list[i]
		m := members[g.Tag]
		g.Excerpts = len(m)
		g.Mean, g.Before = means(m, after), means(m, before)
	}
	// One tag after the other: every SNR, then every noise.
	var names []string
	for _, g := range list {
		if !slices.Contains(names, g.Name) {
			names = append(names, g.Name)
		}
	}
	slices.SortStableFunc(list, func(a, b Group) int { return slices.Index(names, a.Name) - slices.Index(names, b.Name) })
	return list
}

func after(x ExcerptValues) map[string]Number  { return x.Values }
func before(x ExcerptValues) map[string]Number { return x.Before }

// means are those of every metric over excerpts; nil where there is none.
func means(excerpts []ExcerptValues, of func(ExcerptValues) map[string]Number) map[string]Number {
	if len(excerpts) == 0 || of(excerpts[0]) == nil {
		return nil
	}
	m := map[string]Number{}
	for name := range of(excerpts[0]) {
		m[name] = meanOf(excerpts, name, of)
	}
	return m
}

// meanOf is over the excerpts where a metric is finite: the ESR of a silent
// target, say, is not. Where it is nowhere, so is the mean.
func meanOf(excerpts []ExcerptValues, name string, of func(ExcerptValues) map[string]Number) Number {
	sum, all, n := 0.0, 0.0, 0
	for _, x := range excerpts {
		v := float64(of(x)[name])
		all += v
		if isFinite(v) {
			sum += v
			n++
		}
	}
	if n == 0 {
		return Number(all / float64(len(excerpts)))
	}
	return Number(sum / float64(n))
}

// undefined makes all means NaN: the model's output is not finite somewhere.
func undefined(m map[string]Number) {
	for name := range m {
		m[name] = Number(math.NaN())
	}
}
