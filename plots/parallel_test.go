package plots

import (
	"math"
	"strings"
	"testing"
)

func trials() Parallel {
	return Parallel{
		Title: "Sweep of quickstart",
		Axes: []ParallelAxis{
			{Name: "optim.lr", Log: true}, {Name: "model.channels"}, {Name: "schedule", Names: []string{"constant", "cosine"}}, {Name: "ESR", Log: true},
		},
		Lines: [][]float64{
			{1e-4, 8, 0, 0.2}, {1e-3, 8, 1, 0.05}, {1e-2, 8, 0, 0.08}, {1e-4, 16, 1, 0.15}, {1e-3, 16, 1, 0.02}, {1e-2, 16, 0, math.NaN()},
		},
	}
}

// Values stand where their axis says, logarithmically where it is asked for and
// can be.
func TestParallelScale(t *testing.T) {
	p := trials()
	lines := p.Lines[:5]
	lr := newAxisScale(p.Axes[0], 0, lines)
	for v, want := range map[float64]float64{1e-4: 0, 1e-3: 0.5, 1e-2: 1} {
		if got := lr.place(v); math.Abs(got-want) > 1e-12 {
			t.Errorf("lr %g stands at %g, want %g", v, got, want)
		}
		if got := lr.value(want); math.Abs(got/v-1) > 1e-12 {
			t.Errorf("at %g stands %g, want %g", want, got, v)
		}
	}
	channels := newAxisScale(p.Axes[1], 1, lines)
	if len(channels.ticks) != 2 || channels.ticks[0].label != "8" || channels.ticks[1].label != "16" {
		t.Errorf("channels are marked %v", channels.ticks)
	}
	schedule := newAxisScale(p.Axes[2], 2, lines)
	if schedule.place(0) != 0.25 || schedule.place(1) != 0.75 || schedule.ticks[1].label != "cosine" {
		t.Errorf("schedule: %+v", schedule)
	}
	one := newAxisScale(ParallelAxis{Log: true}, 0, [][]float64{{0}, {3}})
	if one.log || one.place(3) != 1 {
		t.Errorf("a zero on a logarithmic axis: %+v", one)
	}
	if same := newAxisScale(ParallelAxis{}, 0, [][]float64{{7}, {7}}); same.place(7) != 0.5 {
		t.Errorf("one value stands at %g", same.place(7))
	}
}

// The best trial is the orange line, whichever way is better, and a trial without
// a result is counted.
func TestParallelFigure(t *testing.T) {
	const orange = "#D55E00"
	for _, p := range []Parallel{trials(), {Title: "one", Axes: trials().Axes[:1], Lines: [][]float64{{1}}}} {
		svg, text := svgText(t, p.Figure())
		if n := strings.Count(svg, "stroke:"+orange); n != 1 {
			t.Errorf("%s: %d orange lines", p.Title, n)
		}
		if missing := strings.Contains(text, "1 trial without a result"); missing != (p.Title != "one") {
			t.Errorf("%s: a trial without a result counted %t", p.Title, missing)
		}
	}
	var empty Parallel
	svgText(t, empty.Figure())
}
