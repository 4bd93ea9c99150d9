package optim_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"partials/internal/config"
	"partials/internal/golden"
	"partials/optim"
)

// The rates of PyTorch's schedulers, from the YAML's names on.
func TestTorchSchedules(t *testing.T) {
	count := map[string]int{}
	for _, c := range golden.Cases(t, "optim", "schedule") {
		kind := golden.Param[string](t, c, "schedule")
		names := map[string]string{"schedule": "", "lr": "", "steps": "", "max_lr": "", "step_size": "every", "eta_min": "floor", "mode": "", "total_iters": ""}
		list := append(fields(c, "schedule", names), "schedule.kind="+strings.TrimPrefix(kind, "warmup_"))
		metric, sign, from := c.Arrays["metric"].Data, 1.0, 0
		switch kind {
		case "warmup_cosine":
			// A rise that ends before the fall begins is none of ours: only the
			// fall is compared.
			if golden.Param[int](t, c, "total_iters") != golden.Param[int](t, c, "warmup") {
				from = golden.Param[int](t, c, "warmup")
			}
		case "onecycle":
			if golden.Param[float64](t, c, "max_lr") != golden.Param[float64](t, c, "lr") {
				t.Fatalf("%s: max_lr is not lr", c.ID)
			}
		case "plateau":
			if golden.Param[string](t, c, "mode") == "max" {
				sign = -1
			}
		}
		steps := golden.Param[int](t, c, "steps")
		s := schedule(t, golden.Param[float64](t, c, "lr"), steps, list...)
		want := c.Array(t, "lr").Data
		for step := from; step < steps; step++ {
			if got := s.LR(step); !(math.Abs(got-want[step]) <= 1e-12*want[0]) {
				t.Errorf("%s: step %d: %v, want %v", c.ID, step, got, want[step])
			}
			if metric != nil {
				s.Observe(sign * metric[step])
			}
		}
		count[kind]++
	}
	for kind, want := range map[string]int{"exponential": 2, "step": 3, "cosine": 3, "warmup_cosine": 4, "onecycle": 8, "plateau": 8} {
		if count[kind] != want {
			t.Errorf("%d cases of %s, want %d", count[kind], kind, want)
		}
	}
}

// NAM steps ExponentialLR with gamma 0.993 once an epoch.
func TestStepDecayByEpochs(t *testing.T) {
	const epoch = 3
	s := schedule(t, 0.004, 120, "schedule.kind=step", "schedule.gamma=0.993", "schedule.every=3")
	for _, c := range golden.Cases(t, "optim", "schedule") {
		if c.ID != "exponential_0.993" {
			continue
		}
		for step := range 120 {
			if got, want := s.LR(step), c.Array(t, "lr").Data[step/epoch]; !(math.Abs(got-want) <= 1e-12*want) {
				t.Errorf("step %d: %v, want %v", step, got, want)
			}
		}
		return
	}
	t.Error("no case exponential_0.993")
}

// The exponential schedule reaches gamma after as many steps, smoothly.
func TestExponentialBetweenPowers(t *testing.T) {
	s := schedule(t, 2, 100, "schedule.kind=exponential", "schedule.gamma=0.25", "schedule.every=10")
	for step, want := range map[int]float64{0: 2, 5: 1, 10: 0.5, 15: 0.25, 20: 0.125} {
		if got := s.LR(step); !(math.Abs(got-want) <= 1e-15) {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
}

var everyCurve = []string{
	"kind=constant", "kind=exponential", "kind=step every=2 gamma=0.9", "kind=cosine", "kind=cosine floor=0.001",
	"kind=onecycle", "kind=onecycle anneal=linear", "kind=onecycle three_phase=true", "kind=onecycle pct_start=0", "kind=onecycle pct_start=1",
	"kind=onecycle pct_start=0.5 three_phase=true", "kind=onecycle div_factor=1 final_div_factor=1", "kind=plateau",
}

// Every schedule has a rate for every step of runs of any length, between zero
// and the optimizer's, and stays where it is past the end.
func TestRatesOfAnyLength(t *testing.T) {
	const base = 0.01
	for _, fields := range everyCurve {
		for _, steps := range []int{1, 2, 3, 4, 5, 7, 10, 11, 31, 100, 1009} {
			s := schedule(t, base, steps, overrides("schedule", fields)...)
			for step := range steps {
				if lr := s.LR(step); !(lr > 0 && lr <= base*(1+1e-15)) {
					t.Errorf("%s: step %d of %d: %v", fields, step, steps, lr)
				}
			}
			if a, b := s.LR(steps), s.LR(1000*steps); a != b || !(a >= 0 && a <= s.LR(steps-1)) {
				t.Errorf("%s: %v at the end of %d steps, %v long after", fields, a, steps, b)
			}
		}
	}
}

// A schedule that is given the state of another, through JSON as a checkpoint
// keeps it, goes on as that one does; that of another kind is refused.
func TestScheduleState(t *testing.T) {
	metric := []float64{1, 0.9, 0.95, math.NaN(), 0.95, 0.9, math.Inf(1), 0.9, 0.9, 0.2, 0.3, 0.3, math.Inf(-1), 0.1, 0.1, 0.1, 0.1, 0.1, -0.5, 0}
	fields := overrides("schedule", "kind=plateau factor=0.5 patience=1 cooldown=2")
	for half := range metric {
		a, b := schedule(t, 1, 20, fields...), schedule(t, 1, 20, fields...)
		var rates []float64
		for i, v := range metric {
			if i == half {
				data, err := json.Marshal(a.State())
				if err != nil {
					t.Fatalf("after %v: %v", metric[:half], err)
				}
				var state []float64
				if err := json.Unmarshal(data, &state); err != nil {
					t.Fatal(err)
				}
				if err := b.Restore(state); err != nil {
					t.Fatal(err)
				}
			}
			if i >= half && a.LR(i) != b.LR(i) {
				t.Errorf("continued at %d: %v at step %d, want %v", half, b.LR(i), i, a.LR(i))
			}
			rates = append(rates, a.LR(i))
			a.Observe(v)
			b.Observe(v)
		}
		// Reduced after values 3, 7, 11 and 15, counted from 0.
		for i, lr := range rates {
			if want := math.Pow(0.5, float64(i/4)); lr != want {
				t.Fatalf("the rate is %v at step %d, want %v", lr, i, want)
			}
		}
	}
}

// A value that stays is no improvement, above zero and below it.
func TestPlateauOfOneValue(t *testing.T) {
	for _, value := range []float64{10, 0, -10} {
		for _, mode := range []string{"rel", "abs"} {
			s := schedule(t, 1, 20, overrides("schedule", "kind=plateau patience=2 factor=0.5 threshold=0.1 threshold_mode="+mode)...)
			for range 4 {
				s.Observe(value)
			}
			if s.LR(0) != 0.5 {
				t.Errorf("%v four times, threshold_mode %s: the rate is %v, want 0.5", value, mode, s.LR(0))
			}
			s.Observe(value - 0.5)
			s.Observe(value)
			s.Observe(value)
			// 0.5 is more than 0.1, and more than a tenth of 0, but not of 10.
			want := 0.5
			if mode == "rel" && value != 0 {
				want = 0.25
			}
			if s.LR(0) != want {
				t.Errorf("%v, then a value 0.5 below, threshold_mode %s: the rate is %v, want %v", value, mode, s.LR(0), want)
			}
		}
	}
}

// Validation changes nothing about a schedule of the step alone, and its
// checkpoint holds nothing.
func TestCurvesDoNotWatch(t *testing.T) {
	for _, fields := range everyCurve {
		if fields == "kind=plateau" {
			continue
		}
		s := schedule(t, 0.01, 31, overrides("schedule", fields)...)
		before := s.LR(13)
		for range 20 {
			s.Observe(1)
		}
		if len(s.State()) != 0 || s.LR(13) != before {
			t.Errorf("%s: state %v, rate %v, before %v", fields, s.State(), s.LR(13), before)
		}
	}
}

func TestRestoreErrors(t *testing.T) {
	plateau := schedule(t, 1, 20, "schedule.kind=plateau")
	good := plateau.State()
	for _, c := range []struct {
		s     optim.Schedule
		state []float64
		want  string
	}{
		{schedule(t, 1, 20), nil, ""},
		{schedule(t, 1, 20, "schedule.kind=cosine"), good, "it holds the state of a schedule that watches validation (4 numbers), and this schedule has none"},
		{plateau, nil, "a plateau schedule keeps 4 numbers, and it holds 0"},
		{plateau, []float64{-1, 0, 0, 0}, "[-1 0 0 0] is no state of a plateau schedule (learning rate, best value, and two counts)"},
		{plateau, []float64{1, 0, 0.5, 0}, "[1 0 0.5 0] is no state of a plateau schedule (learning rate, best value, and two counts)"},
		{plateau, []float64{1, math.NaN(), 0, 0}, "[1 NaN 0 0] is no state of a plateau schedule (learning rate, best value, and two counts)"},
		{plateau, []float64{1, 0, 0, 1e300}, "[1 0 0 1e+300] is no state of a plateau schedule (learning rate, best value, and two counts)"},
	} {
		got := ""
		if err := c.s.Restore(c.state); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v:\ngot  %s\nwant %s", c.state, got, c.want)
		}
	}
	if !slices.Equal(plateau.State(), good) {
		t.Errorf("a refused state was taken: %v", plateau.State())
	}
}

// A recipe written out and read again is the same.
func TestRecipeRoundTrip(t *testing.T) {
	for kind := range optim.Kinds() {
		for plan := range optim.Schedules() {
			s, err := load("optim.kind="+kind, "schedule.kind="+plan)
			if err != nil {
				t.Fatal(err)
			}
			text, err := config.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			again, err := load()
			if err != nil {
				t.Fatal(err)
			}
			if err := config.Load(&again, "r.yaml", text, nil); err != nil {
				t.Fatal(err)
			}
			if again.Optim.Value != s.Optim.Value || again.Schedule.Value != s.Schedule.Value {
				t.Errorf("%s", text)
			}
		}
	}
}
