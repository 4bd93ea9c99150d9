package train

import (
	"context"
	"math"
	"testing"

	"partials/autograd"
	"partials/datasets"
	"partials/device"
	"partials/device/devices"
	"partials/internal/config"
	"partials/loss"
	"partials/metric"
	"partials/model"
	"partials/ops"
	"partials/tensor"
)

// delay is a model that gives its input back late: pure latency. Gain is a
// parameter, so that there is something to train.
type delay struct {
	Lag   int `yaml:"lag"`
	Block int `yaml:"block"`
}

func (d delay) Build(b *model.Builder) (model.Model, error) {
	return &delayed{delay: d, channels: b.Env.Inputs, gain: b.Ones("gain", tensor.Of(b.Env.Inputs, 1, 1))}, nil
}

type delayed struct {
	delay
	channels int
	gain     *autograd.Param
}

func (d *delayed) Facts() model.Facts {
	return model.Facts{Inputs: d.channels, Outputs: d.channels, Context: d.Lag, ReceptiveField: d.Lag + 1, Latency: d.Lag, Block: d.Block}
}

func (d *delayed) Forward(p model.Pass, x *autograd.Var) *autograd.Var {
	x = p.Context("past", x, d.Lag)
	if d.Lag > 0 {
		x = ops.Slice(p.Tape, x, -1, 0, x.Dim(-1)-d.Lag)
	}
	return ops.Conv1D(p.Tape, x, d.gain.Var(), nil, device.Conv{Dilation: 1, Groups: d.channels})
}

// kinds are the recipe's kinds and those of these tests.
var kinds = Kinds{Models: map[string]model.Config{"delay": delay{Block: 1}}}

// signals is a dataset of nothing but excerpts.
type signals struct {
	datasets.Dataset
	channels int
	excerpts []datasets.Excerpt
}

func (s signals) Rate() int                    { return 8000 }
func (s signals) Channels() (in, target int)   { return s.channels, s.channels }
func (s signals) Excerpts() []datasets.Excerpt { return s.excerpts }
func (s signals) Close() error                 { return nil }

// signal is an excerpt: frames of x, from start on.
type signal struct {
	x, y          [][]float32
	start, frames int
}

func (s signal) Name() string { return "signal" }
func (s signal) Frames() int  { return s.frames }
func (s signal) Read(in, target [][]float32, at int) error {
	for c := range in {
		for i := range in[c] {
			in[c][i], target[c][i] = 0, 0
			if k := s.start + at + i; k >= 0 && at+i < s.frames {
				in[c][i], target[c][i] = s.x[c][k], s.y[c][k]
			}
		}
	}
	return nil
}

// evaluated measures a model on excerpts.
func evaluated(t *testing.T, m model.Config, segment, channels int, excerpts ...datasets.Excerpt) *Evaluation {
	t.Helper()
	dev, _, err := devices.Open("cpu", devices.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := recipeOf(t, "loss=[{kind: mse},{kind: l1, weight: 3}]")
	r.Segment = segment
	s := &session{recipe: r, dev: dev, data: signals{nil, channels, excerpts}}
	t.Cleanup(func() { s.close() })
	if s.model, s.params, err = model.Build(m, dev, model.Env{Rate: 8000, Inputs: channels, Outputs: channels}); err != nil {
		t.Fatal(err)
	}
	if err := s.newMembers(loss.Env{Rate: 8000, Channels: channels, Samples: segment}); err != nil {
		t.Fatal(err)
	}
	e, err := s.evaluate(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A model that only delays is a perfect model once its latency is taken out:
// whatever the delay, the granularity, the length and the channels.
func TestEvaluationTakesLatencyOut(t *testing.T) {
	alone(t)
	x := [][]float32{noise(60000, 1), noise(60000, 2)}
	for _, d := range []delay{{0, 1}, {1, 1}, {100, 1}, {evaluateBlock - 1, 1}, {evaluateBlock, 1}, {40000, 1}, {0, 16}, {48, 16}, {333, 7}} {
		for _, frames := range []int{1, 100, evaluateBlock - 1, evaluateBlock, evaluateBlock + 1, 50000} {
			for channels := 1; channels <= 2; channels++ {
				e := evaluated(t, d, 1000, channels, signal{x[:channels], x[:channels], 5000, frames})
				for _, name := range []string{"mse", "mae", "peak", "loss", "loss.mse", "loss.l1", "esr"} {
					if v, ok := e.Mean[name]; v != 0 || !ok {
						t.Fatalf("%+v, %d frames, %d channels: %s is %v", d, frames, channels, name, v)
					}
				}
			}
		}
	}
}

// Values are those of whole signals: metrics of all samples, the loss as the
// mean of whole segments, both as means of excerpts and channels.
func TestEvaluationValues(t *testing.T) {
	x := [][]float32{noise(40000, 1), noise(40000, 2)}
	y := [][]float32{noise(40000, 3), noise(40000, 4)}
	frames := []int{39000, 700} // the second is shorter than a segment
	const segment = 1000
	e := evaluated(t, delay{0, 1}, segment, 2, signal{x, y, 0, frames[0]}, signal{x, y, 123, frames[1]})
	squares, n := 0.0, 0
	for k, start := range []int{0, 123} {
		want := 0.0
		for c := range 2 {
			m, _ := metric.Get("esr")
			meter := m.New(16000)
			meter.Add(x[c][start:start+frames[k]], y[c][start:start+frames[k]])
			want += meter.Value() / 2
		}
		if got := float64(e.Excerpts[k].Values["esr"]); !near(got, want) {
			t.Errorf("excerpt %d: ESR %v, want %v", k, got, want)
		}
		if got, want := e.Excerpts[k].Seconds, float64(frames[k])/8000; got != want {
			t.Errorf("excerpt %d: %v s, want %v", k, got, want)
		}
		whole := max(frames[k]/segment, 1)
		for c := range 2 {
			for t := range min(whole*segment, frames[k]) {
				d := float64(x[c][start+t]) - float64(y[c][start+t])
				squares += d * d
			}
		}
		n += 2 * whole * segment
	}
	if got, want := float64(e.Mean["loss.mse"]), squares/float64(n); math.Abs(got-want) > 1e-6*want {
		t.Errorf("the MSE loss is %v, want %v", got, want)
	}
	if got, want := float64(e.Mean["loss"]), float64(e.Mean["loss.mse"]+3*e.Mean["loss.l1"]); math.Abs(got-want) > 1e-6*want {
		t.Errorf("the loss is %v, its terms add up to %v", got, want)
	}
	if got, want := float64(e.Mean["esr"]), float64(e.Excerpts[0].Values["esr"]+e.Excerpts[1].Values["esr"])/2; !near(got, want) {
		t.Errorf("the mean ESR is %v, want %v", got, want)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(b) }

// The model hears what stands before an excerpt, as it does in training: a
// delay without its latency reported gives the samples before the start.
func TestEvaluationStartsWarm(t *testing.T) {
	x := [][]float32{noise(60000, 1)}
	for _, lag := range []int{1, 500, evaluateBlock + 5} {
		shifted := make([]float32, 60000)
		copy(shifted[lag:], x[0])
		e := evaluated(t, silentDelay{delay{lag, 1}}, 1000, 1, signal{x, [][]float32{shifted}, 20000, 3000})
		if e.Mean["peak"] != 0 {
			t.Errorf("delay %d: the peak error is %v", lag, e.Mean["peak"])
		}
	}
}

// silentDelay is a delay that does not tell of its latency.
type silentDelay struct{ delay }

func (d silentDelay) Build(b *model.Builder) (model.Model, error) {
	m, err := d.delay.Build(b)
	return silentDelayed{m}, err
}

type silentDelayed struct{ model.Model }

func (d silentDelayed) Facts() model.Facts {
	f := d.Model.Facts()
	f.Latency = 0
	return f
}

// An excerpt whose metric is not defined, of a silent target, does not make
// the mean undefined; a model that gives no numbers does.
func TestEvaluationOfUndefinedMetrics(t *testing.T) {
	x, silence := [][]float32{noise(2000, 1)}, [][]float32{make([]float32, 2000)}
	e := evaluated(t, delay{0, 1}, 1000, 1, signal{x, x, 0, 2000}, signal{x, silence, 0, 2000})
	if v := float64(e.Excerpts[1].Values["esr"]); isFinite(v) || e.Mean["esr"] != 0 {
		t.Errorf("the ESR of silence is %v, the mean %v", v, e.Mean["esr"])
	}
	if v := float64(e.Excerpts[0].Values["snr"]); !math.IsInf(v, 1) || !isFinite(float64(e.Mean["mse"])) {
		t.Errorf("the SNR of equal signals is %v, the mean MSE %v", v, e.Mean["mse"])
	}
	bad := noise(2000, 1)
	bad[700] = float32(math.Inf(1))
	e = evaluated(t, delay{0, 1}, 1000, 1, signal{x, x, 0, 2000}, signal{[][]float32{bad}, x, 0, 2000})
	for name, v := range e.Mean {
		if isFinite(float64(v)) {
			t.Errorf("%s of a model that gives infinity is %v", name, v)
		}
	}
}

// Evaluate measures the best weights, on the run's data or on other.
func TestEvaluate(t *testing.T) {
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "validate.every=1", "optim.lr=0.3"), o) // too high: the last is not the best
	p, err := readProgress(dir.path(lastFile))
	if err != nil {
		t.Fatal(err)
	}
	if p.BestStep == p.Step {
		t.Fatal("the last weights are the best: the test shows nothing")
	}
	o.Threads = 2
	e, err := Evaluate(context.Background(), dir, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if e.Mean["esr"] != p.Best {
		t.Errorf("the best ESR was %v and is %v", p.Best, e.Mean["esr"])
	}
	in := saveWAV(t, t.TempDir(), "x.wav", 44100, noise(2000, 1))
	e, err = Evaluate(context.Background(), dir, []string{"data={kind: pair, input: " + in + ", target: " + in + ", validation: null, holdout: 0.5}"}, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Excerpts) != 1 || e.Excerpts[0].Seconds != 1000.0/44100 || e.Mean["esr"] == p.Best {
		t.Errorf("%+v", e)
	}
	slow := saveWAV(t, t.TempDir(), "x.wav", 8000, noise(2000, 1))
	_, err = Evaluate(context.Background(), dir, []string{"data.input=" + slow, "data.target=" + slow, "data.validation=null"}, o)
	wantError(t, err, "trained on 44100 Hz with 1 input and 1 target channels, and the data has 8000 Hz, 1 and 1; data.rate=44100 resamples it")
	_, err = Evaluate(context.Background(), dir, []string{"data.validation=null", "data.holdout=0"}, o)
	wantError(t, err, "the recipe sets no validation data aside")
	_, err = Evaluate(context.Background(), dir, []string{"data.hold=0"}, o)
	if _, ok := err.(config.Errors); !ok {
		t.Errorf("%T: %v", err, err)
	}
}
