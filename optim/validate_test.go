package optim_test

import (
	"fmt"
	"strings"
	"testing"
)

// Each case is the fields that a recipe gives and the whole error.
func TestValidateTexts(t *testing.T) {
	const unit = "at least 0 and below 1"
	for _, c := range [][2]string{
		{"optim kind=sgd lr=0", "optim.lr is 0; it must be > 0"},
		{"optim kind=sgd momentum=1", "optim.momentum is 1; it must be " + unit},
		{"optim kind=sgd momentum=-0.1", "optim.momentum is -0.1; it must be " + unit},
		{"optim kind=sgd nesterov=true", "optim.nesterov is true; it must be false where momentum is 0"},
		{"optim kind=sgd weight_decay=-1", "optim.weight_decay is -1; it must be at least 0"},
		{"optim kind=adam lr=-1", "optim.lr is -1; it must be > 0"},
		{"optim kind=adam betas=[1,0.9]", "optim.betas[0] is 1; it must be " + unit},
		{"optim kind=adam betas=[0.9,-1]", "optim.betas[1] is -1; it must be " + unit},
		{"optim kind=adam eps=0", "optim.eps is 0; it must be > 0"},
		{"optim kind=adam weight_decay=-1", "optim.weight_decay is -1; it must be at least 0"},
		{"optim kind=adamw weight_decay=-1", "optim.weight_decay is -1; it must be at least 0"},
		{"optim kind=adamw betas=[0.9,1]", "optim.betas[1] is 1; it must be " + unit},
		{"optim kind=radam lr=0", "optim.lr is 0; it must be > 0"},
		{"optim kind=radam weight_decay=-1", "optim.weight_decay is -1; it must be at least 0"},
		{"optim kind=rmsprop lr=0", "optim.lr is 0; it must be > 0"},
		{"optim kind=rmsprop alpha=1", "optim.alpha is 1; it must be " + unit},
		{"optim kind=rmsprop eps=-1", "optim.eps is -1; it must be > 0"},
		{"optim kind=rmsprop momentum=2", "optim.momentum is 2; it must be " + unit},
		{"optim kind=rmsprop weight_decay=-1", "optim.weight_decay is -1; it must be at least 0"},
		{"schedule kind=exponential gamma=0", "schedule.gamma is 0; it must be above 0 and at most 1"},
		{"schedule kind=exponential every=0", "schedule.every is 0; it must be at least 1"},
		{"schedule kind=step gamma=1.1", "schedule.gamma is 1.1; it must be above 0 and at most 1"},
		{"schedule kind=step every=-1", "schedule.every is -1; it must be at least 1"},
		{"schedule kind=cosine warmup=-1", "schedule.warmup is -1; it must be at least 0"},
		{"schedule kind=cosine start_factor=2", "schedule.start_factor is 2; it must be from 0 to 1"},
		{"schedule kind=cosine floor=-1", "schedule.floor is -1; it must be at least 0"},
		{"schedule kind=onecycle pct_start=1.5", "schedule.pct_start is 1.5; it must be from 0 to 1"},
		{"schedule kind=onecycle pct_start=0.6 three_phase=true", "schedule.pct_start is 0.6; it must be from 0 to 0.5 with three_phase"},
		{"schedule kind=onecycle anneal=cosine", `schedule.anneal is "cosine"; it must be cos or linear`},
		{"schedule kind=onecycle div_factor=0", "schedule.div_factor is 0; it must be > 0"},
		{"schedule kind=onecycle final_div_factor=0", "schedule.final_div_factor is 0; it must be > 0"},
		{"schedule kind=plateau factor=1", "schedule.factor is 1; it must be above 0 and below 1"},
		{"schedule kind=plateau patience=-1", "schedule.patience is -1; it must be at least 0"},
		{"schedule kind=plateau threshold=-1", "schedule.threshold is -1; it must be at least 0"},
		{"schedule kind=plateau threshold=1", "schedule.threshold is 1; it must be below 1 where threshold_mode is rel"},
		{"schedule kind=plateau threshold=1 threshold_mode=abs", ""},
		{"schedule kind=plateau threshold_mode=relative", `schedule.threshold_mode is "relative"; it must be rel or abs`},
		{"schedule kind=plateau cooldown=-1", "schedule.cooldown is -1; it must be at least 0"},
		{"schedule kind=plateau min_lr=-1", "schedule.min_lr is -1; it must be at least 0"},
		{"schedule kind=plateau eps=-1", "schedule.eps is -1; it must be at least 0"},
	} {
		section, fields, _ := strings.Cut(c[0], " ")
		_, err := load(overrides(section, fields)...)
		got := ""
		if err != nil {
			got = err.Error()
			got = got[strings.LastIndex(got, section+"."):]
		}
		if got != c[1] {
			t.Errorf("%s:\ngot  %s\nwant %s", c[0], got, c[1])
		}
	}
}

// What only the run's length and learning rate decide is found when the
// schedule is built.
func TestBuildTexts(t *testing.T) {
	for _, c := range [][2]string{
		{"kind=cosine warmup=50", "warmup is 50; it must be below the run's steps (50)"},
		{"kind=cosine warmup=49", "<nil>"},
		{"kind=cosine floor=0.02", "floor is 0.02; it must be at most the learning rate (0.01)"},
		{"kind=plateau min_lr=0.02", "min_lr is 0.02; it must be at most the learning rate (0.01)"},
		{"kind=plateau min_lr=0.01", "<nil>"},
	} {
		s, err := load(overrides("schedule", c[0])...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Schedule.Value.Build(0.01, 50)
		if got := fmt.Sprint(err); got != c[1] {
			t.Errorf("%s:\ngot  %s\nwant %s", c[0], got, c[1])
		}
	}
}
