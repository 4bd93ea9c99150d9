package train

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestLines(t *testing.T) {
	var b bytes.Buffer
	l := NewLines(&b)
	l.Begin(3, 6, 2)
	l.pace.begin = time.Now().Add(-3 * time.Second)
	for step := 4; step <= 6; step++ {
		l.Step(step, 0.125)
	}
	l.Valid(6, "esr", 0.25, true)
	l.Valid(6, "esr", 0.5, false)
	l.End()
	first, rest, _ := strings.Cut(b.String(), "\n") // at once; the next is 10 s away, or the last
	if want := "step 4/6: loss 0.125"; first != want {
		t.Errorf("got %q, want %q", first, want)
	}
	got := strings.Split(rest, "\n")
	// Three steps of 2 s of sound took 3 s.
	if want := "step 6/6: loss 0.125, 2 x real time, 0s left"; got[0] != want {
		t.Errorf("got %q, want %q", got[0], want)
	}
	if want := []string{"step 6: validation esr 0.25 (best so far)", "step 6: validation esr 0.5", ""}; strings.Join(got[1:], "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got[1:], want)
	}
	l.next = time.Now().Add(-time.Second)
	b.Reset()
	l.pace.begin = time.Now().Add(-10 * time.Second)
	l.Step(5, 1e-9)
	if want := "step 5/6: loss 1e-09, 0.4 x real time, 5s left\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	if speed, left := newPace(3, 6, 2).at(3); speed != 0 || left != 0 {
		t.Errorf("before the first step: %v, %v", speed, left)
	}
}

// A bar shows a run, and what is logged meanwhile, whole lines above it, even
// where training begins several times or not at all.
func TestBar(t *testing.T) {
	for _, begins := range []int{0, 1, 2} {
		var b bytes.Buffer
		bar := NewBar(&b)
		fmt.Fprintln(bar, "logged before")
		for k := range begins {
			bar.Begin(0, 5, 1)
			for step := 1; step <= 5-k; step++ {
				bar.Step(step, 0.5)
				fmt.Fprintf(bar, "logged %d\n", step)
			}
			bar.Valid(5-k, "esr", 0.25, true)
		}
		bar.End()
		want := []string{"logged before\n"}
		if begins > 0 {
			want = append(want, "logged 1\n", "logged 4\n", "step 5: validation esr 0.25 (best so far)\n", "loss 0.5 · ", "5/5") // what is no terminal is narrow
		}
		if begins > 1 {
			want = append(want, "step 4: validation esr", "4/5")
		}
		for _, part := range want {
			if !strings.Contains(b.String(), part) {
				t.Errorf("%d beginnings: %q lacks %q", begins, b.String(), part)
			}
		}
	}
}

// A run behind a bar ends it, however it ends, also one of several segments
// that is reproduced.
func TestRunBehindBar(t *testing.T) {
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=2"), o)
	if err := goOn(context.Background(), dir, o, "steps=4"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	bar := NewBar(&b)
	o.Display, o.Log = bar, slog.New(slog.NewTextHandler(bar, nil))
	if rep := reproduce(t, dir, o); !rep.Same {
		t.Errorf("%+v", rep)
	}
	if got := b.String(); !strings.Contains(got, "2/2") || !strings.Contains(got, "4/4") || strings.Count(got, "msg=training") != 2 {
		t.Errorf("%q", got)
	}
	b.Reset()
	bar = NewBar(&b)
	o.Display, o.Log = bar, slog.New(slog.NewTextHandler(bar, nil))
	_, err := Start(context.Background(), recipeOf(t, "data.input=none.wav"), o)
	wantError(t, err, "none.wav")
	if !strings.Contains(b.String(), `msg="cpu: `) {
		t.Errorf("what was logged before the error is lost: %q", b.String())
	}
}
