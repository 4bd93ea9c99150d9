package train

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Display shows people how a run goes on.
type Display interface {
	// Begin announces training from one step to another; sound is the seconds
	// of sound in a step. A run that is reproduced may begin several times, and
	// one that fails early not at all.
	Begin(from, to int, sound float64)
	// Step tells of a step that is done.
	Step(step int, loss float64)
	// Valid tells of a validation.
	Valid(step int, metric string, value float64, best bool)
	// End is called once, last of all, however the run ended.
	End()
}

// Bar is a progress bar for a terminal, with loss, speed and time left.
type Bar struct {
	progress *mpb.Progress
	bar      *mpb.Bar
	pace     pace
	status   atomic.Pointer[string] // what stands behind the bar
}

// NewBar returns a Bar that draws on w. Whatever else is written to that
// terminal must go through the Bar's Write, or it tears it.
func NewBar(w io.Writer) *Bar {
	return &Bar{progress: mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithAutoRefresh())}
}

// Write prints above the bar.
func (b *Bar) Write(p []byte) (int, error) { return b.progress.Write(p) }

// Begin implements Display.
func (b *Bar) Begin(from, to int, sound float64) {
	b.stop()
	b.pace = newPace(from, to, sound)
	status := ""
	b.status.Store(&status)
	b.bar = b.progress.AddBar(int64(to),
		mpb.PrependDecorators(decor.CountersNoUnit("step %d/%d ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return *b.status.Load() })))
	b.bar.SetCurrent(int64(from))
}

// Step implements Display.
func (b *Bar) Step(step int, loss float64) {
	speed, left := b.pace.at(step)
	status := fmt.Sprintf(" loss %.4g · %.3g x real time · %s left", loss, speed, left)
	b.status.Store(&status)
	b.bar.SetCurrent(int64(step))
}

// Valid implements Display.
func (b *Bar) Valid(step int, metric string, value float64, best bool) {
	fmt.Fprintln(b.progress, validLine(step, metric, value, best))
}

// End implements Display.
func (b *Bar) End() {
	b.stop()
	b.progress.Wait()
}

// stop leaves the bar as it is.
func (b *Bar) stop() {
	if b.bar != nil && !b.bar.Completed() {
		b.bar.Abort(false)
	}
}

// Lines is a Display for output that is no terminal: a line now and then.
type Lines struct {
	w    io.Writer
	pace pace
	next time.Time
}

// NewLines returns a Lines that prints on w.
func NewLines(w io.Writer) *Lines { return &Lines{w: w} }

// linesEvery is the time between two lines about steps.
const linesEvery = 10 * time.Second

// Begin implements Display.
func (l *Lines) Begin(from, to int, sound float64) {
	l.pace = newPace(from, to, sound)
	l.next = time.Now().Add(linesEvery)
}

// Step implements Display.
func (l *Lines) Step(step int, loss float64) {
	if step == l.pace.from+1 && step < l.pace.to { // training goes; how fast, nobody can say yet
		fmt.Fprintf(l.w, "step %d/%d: loss %.4g\n", step, l.pace.to, loss)
		return
	}
	if now := time.Now(); now.After(l.next) || step == l.pace.to {
		l.next = now.Add(linesEvery)
		speed, left := l.pace.at(step)
		fmt.Fprintf(l.w, "step %d/%d: loss %.4g, %.3g x real time, %s left\n", step, l.pace.to, loss, speed, left)
	}
}

// Valid implements Display.
func (l *Lines) Valid(step int, metric string, value float64, best bool) {
	fmt.Fprintln(l.w, validLine(step, metric, value, best))
}

// End implements Display.
func (l *Lines) End() {}

func validLine(step int, metric string, value float64, best bool) string {
	line := fmt.Sprintf("step %d: validation %s %.5g", step, metric, value)
	if best {
		line += " (best so far)"
	}
	return line
}

// pace knows how fast a run goes.
type pace struct {
	from, to int
	sound    float64 // seconds of sound in a step
	begin    time.Time
}

func newPace(from, to int, sound float64) pace { return pace{from, to, sound, time.Now()} }

// at returns the speed so far, as seconds of sound a second, and the time
// left.
func (p pace) at(step int) (speed float64, left time.Duration) {
	done := step - p.from
	if done == 0 {
		return 0, 0
	}
	spent := time.Since(p.begin)
	speed = float64(done) * p.sound / spent.Seconds()
	left = time.Duration(float64(spent) / float64(done) * float64(p.to-step))
	return speed, left.Round(time.Second)
}
