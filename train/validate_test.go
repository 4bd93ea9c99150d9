package train

import (
	"context"
	"math"
	"strings"
	"testing"
)

// Without validation data the last weights are the best ones there are.
func TestNoValidationData(t *testing.T) {
	o := optionsOf(t)
	res, err := Start(context.Background(), recipeOf(t, "data.validation=null", "data.holdout=0", "steps=3", "ema=0.5"), o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Valid != nil || res.BestStep != 0 || !math.IsNaN(res.Best) || existing(res.Dir.path(bestFile)) != "" {
		t.Errorf("%+v", res)
	}
	if existing(res.Dir.path("plots/loss.png")) == "" || existing(res.Dir.path("plots/spectrogram.png")) != "" {
		t.Error("the curves are missing, or there is a picture of nothing")
	}
	if path, err := res.Dir.weights(); err != nil || path != res.Dir.path(lastFile) {
		t.Errorf("the weights are %s, %v", path, err)
	}
	for _, c := range [][2]string{
		{"schedule=plateau", "schedule: plateau waits for validation, and the data sets nothing aside for it"},
		{"validate.patience=3", "validate.patience is 3, and the data sets nothing aside for validation; set it to 0"},
	} {
		_, err = Start(context.Background(), recipeOf(t, "data.validation=null", "data.holdout=0", c[0]), o)
		wantError(t, err, c[1])
	}
}

// Where validation is not asked for on the way, it comes once, at the end.
func TestValidateOnlyAtTheEnd(t *testing.T) {
	records, err := ReadMetrics(undisturbed(t, recipeOf(t, "validate.every=0", "steps=4"), optionsOf(t)))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		if (r.Valid != nil) != (i == 4) {
			t.Errorf("record %d: %+v", i, r)
		}
	}
	if len(records) != 5 {
		t.Errorf("%d records", len(records))
	}
}

// judged lets a session judge validation values, one every step, and returns
// where it found the best and where patience ran out, 0 for never.
func judged(t *testing.T, values []float64, overrides ...string) (best, stop int) {
	t.Helper()
	s, err := openSession(recipeOf(t, overrides...), Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		s.prog.Step++
		s.judge(map[string]Number{s.recipe.Validation.Metric: Number(v)})
		if s.stale() && stop == 0 {
			stop = s.prog.Step
		}
	}
	return s.prog.BestStep, stop
}

func TestBestAndPatience(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		overrides  string
		values     []float64
		best, stop int
	}{
		{"validate.metric=esr", []float64{3, 2, 2, 2.5}, 2, 0},
		{"validate.metric=loss", []float64{3, 2, 2, -2.5}, 4, 0},
		{"validate.metric=si_sdr", []float64{-3, 2, 2, 1}, 2, 0},
		{"validate.metric=snr", []float64{-inf, -3, inf, inf}, 3, 0},
		{"validate.metric=esr", []float64{nan, nan}, 0, 0},
		{"validate.metric=esr", []float64{nan, 5, nan, 6}, 2, 0},
		{"validate.patience=2", []float64{3, 3, 2, 2, 2, 1}, 6, 5},
		{"validate.patience=2", []float64{nan, nan, nan}, 0, 2},
		{"validate.patience=2", []float64{inf, 5, 4, 3}, 4, 0},
		{"validate.patience=2 validate.metric=snr", []float64{-inf, -5, -4, -3}, 4, 0},
		// Improvements of less than a tenth count for the best, not for patience;
		// small ones add up.
		{"validate.patience=2 validate.gain=0.1", []float64{100, 95, 91, 80}, 4, 3},
		{"validate.patience=2 validate.gain=0.1", []float64{100, 95, 90, 85, 81, 70}, 6, 0},
		{"validate.patience=2 validate.gain=0.1 validate.metric=si_sdr", []float64{-10, -9.5, -9, -8.5, -8.2, -8}, 6, 5},
	} {
		if best, stop := judged(t, c.values, strings.Fields(c.overrides)...); best != c.best || stop != c.stop {
			t.Errorf("%s, %v: best at %d, stopped at %d, want %d and %d", c.overrides, c.values, best, stop, c.best, c.stop)
		}
	}
}

// A plateau schedule hears of a metric where higher is better turned round.
func TestPlateauHearsTheMetric(t *testing.T) {
	for _, c := range []struct {
		metric string
		drops  bool
	}{{"esr", true}, {"si_sdr", false}} {
		s, err := openSession(recipeOf(t, "schedule={kind: plateau, patience: 0, factor: 0.5}", "validate.metric="+c.metric), Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.prepare(); err != nil {
			t.Fatal(err)
		}
		for _, v := range []float64{1, 2, 3} {
			s.judge(map[string]Number{s.recipe.Validation.Metric: Number(v)})
		}
		if got := s.schedule.LR(0) < s.recipe.Optim.Value.Rate(); got != c.drops {
			t.Errorf("%s rises: the rate drops: %v", c.metric, got)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

// Validation with averaged weights leaves the trained ones as they are.
func TestAverageLeavesWeights(t *testing.T) {
	o := optionsOf(t)
	weights := func(every string) string {
		f, err := readTensors(undisturbed(t, recipeOf(t, "steps=3", "ema=0.9", "validate.every="+every), o).path(lastFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(f.Tensors["head.weight"].Data) + string(f.Tensors["ema.head.weight"].Data)
	}
	if weights("1") != weights("3") {
		t.Error("validations on the way change the weights")
	}
}
