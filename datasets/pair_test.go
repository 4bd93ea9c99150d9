package datasets

import (
	"fmt"
	"math"
	"testing"

	"partials/internal/config"
)

// pairFiles writes a ramp and the same late by d samples, negative.
func pairFiles(t *testing.T, n, d int) (in, target string) {
	dir := t.TempDir()
	x := ramp(n)
	y := make([]float32, n)
	for k := range y {
		if k-d >= 0 && k-d < n {
			y[k] = -x[k-d]
		}
	}
	return save(t, dir, "in.wav", 1000, x), save(t, dir, "out.wav", 1000, y)
}

// Output t of an example stands for input Context+t; the target there lies
// Latency earlier, and Delay later in its file.
func TestPairStaysAlignedThroughCut(t *testing.T) {
	for _, crop := range []string{cropRandom, cropGrid} {
		for _, delay := range []int{0, 7, -5} {
			for _, c := range []Cut{{64, 0, 0}, {64, 13, 0}, {50, 13, 4}, {50, 3, 9}, {1, 0, 2}} {
				in, target := pairFiles(t, 1000, delay)
				d := openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\ndelay: %d\ncrop: %s\nholdout: 0.25", in, target, delay, crop), c)
				starts := map[int]bool{}
				for i := range d.Len() {
					x, y, files := fill(t, d, c, 3, i)
					at := place(x[0][0])
					starts[at] = true
					for k := range x[0] {
						if place(x[0][k]) != at+k {
							t.Fatalf("input %d is %d, want %d", k, place(x[0][k]), at+k)
						}
					}
					for k := range y[0] {
						if got, want := place(-y[0][k]), at+c.Context+k-c.Latency; got != want {
							t.Fatalf("%s delay %d %+v: target %d is %d, want %d", crop, delay, c, k, got, want)
						}
					}
					if at < 0 || at+len(x[0]) > 750+max(0, -delay) {
						t.Fatalf("%s delay %d %+v: example %d to %d reaches into validation", crop, delay, c, at, at+len(x[0]))
					}
					if len(files) != 2 || files[0] != in || files[1] != target {
						t.Fatalf("files are %q", files)
					}
				}
				if len(starts) < d.Len()/2 {
					t.Errorf("%s: %d examples begin at only %d places", crop, d.Len(), len(starts))
				}
			}
		}
	}
}

// NAM: count = (N-nx+1)//ny, item i: x[i*ny : i*ny+nx+ny-1], y[i*ny+nx-1 : +ny].
func TestPairGridIsNAMs(t *testing.T) {
	in, target := pairFiles(t, 1000, 0)
	for _, nx := range []int{1, 2, 100, 937} {
		for _, ny := range []int{1, 7, 64} {
			c := Cut{Segment: ny, Context: nx - 1}
			d := openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\ncrop: grid\nholdout: 0", in, target), c)
			if want := (1000 - nx + 1) / ny; d.Len() != want {
				t.Fatalf("nx %d ny %d: %d windows, want %d", nx, ny, d.Len(), want)
			}
			for _, i := range []int{0, d.Len() / 2, d.Len() - 1} {
				x, y, _ := fill(t, d, c, 0, i)
				if len(x[0]) != nx+ny-1 || place(x[0][0]) != i*ny || place(-y[0][0]) != i*ny+nx-1 {
					t.Errorf("nx %d ny %d: item %d is x[%d:+%d], y[%d:]", nx, ny, i, place(x[0][0]), len(x[0]), place(-y[0][0]))
				}
			}
		}
	}
}

func TestPairGridCountsEveryFile(t *testing.T) {
	dir := t.TempDir()
	var lists [2]string
	var want []float32
	for k, n := range []int{100, 57, 200} {
		x := ramp(n)
		for i := range x {
			x[i] += float32(k) / 4
		}
		for i, s := range []string{"in", "out"} {
			lists[i] += save(t, dir, fmt.Sprintf("%s%d.wav", s, k), 1000, x) + ", "
		}
		for at := 5; at+10 <= n; at += 10 {
			want = append(want, x[at])
		}
	}
	c := Cut{Segment: 10, Context: 5}
	d := openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\ncrop: grid\nholdout: 0", lists[0], lists[1]), c)
	if d.Len() != len(want) {
		t.Fatalf("%d windows, want %d", d.Len(), len(want))
	}
	for i := range want {
		if _, y, _ := fill(t, d, c, 0, i); y[0][0] != want[i] {
			t.Errorf("window %d begins with %v, want %v", i, y[0][0], want[i])
		}
	}
}

// Random crops reach both ends of the range, change with the epoch and the
// seed's stream, and repeat with the same.
func TestPairCropsCoverTheRange(t *testing.T) {
	in, target := pairFiles(t, 400, 0)
	c := Cut{Segment: 100, Context: 20}
	d := openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\ntrain: {start: 30, stop: -50}\nvalidation: {start: -50}", in, target), c)
	lo, hi := math.MaxInt, 0
	for epoch := range 1000 {
		x, _, _ := fill(t, d, c, epoch, 1)
		at := place(x[0][0])
		lo, hi = min(lo, at), max(hi, at+len(x[0]))
		again, _, _ := fill(t, d, c, epoch, 1)
		if !equal(x[0], again[0]) {
			t.Fatal("the same example differs")
		}
	}
	if lo != 30 || hi != 350 {
		t.Errorf("1000 crops lie in %d to %d, want 30 to 350", lo, hi)
	}
}

func TestPairRanges(t *testing.T) {
	in, target := pairFiles(t, 1000, 0) // 1 s
	for _, x := range []struct {
		yaml                   string
		train, valid, excerpts [2]int
	}{
		{"", [2]int{0, 900}, [2]int{900, 1000}, [2]int{}},
		{"holdout: 0.255", [2]int{0, 745}, [2]int{745, 1000}, [2]int{}},
		{"holdout: 0", [2]int{0, 1000}, [2]int{}, [2]int{}},
		{"validation: {start: 0, stop: 100ms}", [2]int{100, 1000}, [2]int{0, 100}, [2]int{}},
		{"validation: {start: -0.2s}", [2]int{0, 800}, [2]int{800, 1000}, [2]int{}},
		{"validation: {start: -200, stop: -100}", [2]int{0, 800}, [2]int{800, 900}, [2]int{}},
		{"train: {start: 0.1s, stop: 500}", [2]int{100, 500}, [2]int{900, 1000}, [2]int{}},
	} {
		d, log := open(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\n%s", in, target, x.yaml))
		p := d.(*pair)
		if p.takes[0].train != x.train {
			t.Errorf("%q: train is %v, want %v", x.yaml, p.takes[0].train, x.train)
		}
		ex := d.Excerpts()
		if x.valid == [2]int{} {
			if len(ex) != 0 || log.Len() == 0 {
				t.Errorf("%q: %d excerpts, log %q", x.yaml, len(ex), log)
			}
			continue
		}
		if len(ex) != 1 || ex[0].Frames() != x.valid[1]-x.valid[0] {
			t.Fatalf("%q: excerpts %v", x.yaml, ex)
		}
		// Read over the end: zeros from there.
		a, b := [][]float32{make([]float32, 70)}, [][]float32{make([]float32, 70)}
		at := ex[0].Frames() - 40
		if err := ex[0].Read(a, b, at); err != nil {
			t.Fatal(err)
		}
		for k := range 70 {
			want := x.valid[0] + at + k
			if k >= 40 {
				want = -1 // zero
			}
			if place(a[0][k]) != want || place(-b[0][k]) != want {
				t.Fatalf("%q: sample %d is %d and %d, want %d", x.yaml, k, place(a[0][k]), place(-b[0][k]), want)
			}
		}
	}
}

func TestPairValidationFiles(t *testing.T) {
	in, target := pairFiles(t, 500, 0)
	vin, vtarget := pairFiles(t, 80, 0)
	d, _ := open(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\nvalidation_input: [%s]\nvalidation_target: [%s]", in, target, vin, vtarget))
	if got := d.(*pair).takes[0].train; got != [2]int{0, 500} {
		t.Errorf("train is %v", got)
	}
	if ex := d.Excerpts(); len(ex) != 1 || ex[0].Frames() != 80 || ex[0].Name() != "in.wav" {
		t.Errorf("excerpts are %v", ex)
	}
	if got := d.Files(); len(got) != 4 {
		t.Errorf("files are %q", got)
	}
}

// The embedded pair opens with nothing but its names, without a warning.
func TestPairOfEmbeddedSounds(t *testing.T) {
	c := Cut{Segment: 8192, Context: 4092}
	d, log := open(t, "input: ['embedded:amp/input.wav']\ntarget: ['embedded:amp/output.wav']")
	if err := d.Cut(c); err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 {
		t.Errorf("warnings: %s", log)
	}
	if d.Rate() != 44100 || d.Len() != (158760-4092)/8192 || d.Excerpts()[0].Frames() != 17640 {
		t.Errorf("rate %d, %d windows, %d frames of validation", d.Rate(), d.Len(), d.Excerpts()[0].Frames())
	}
}

func TestPairChannels(t *testing.T) {
	dir := t.TempDir()
	left, right := ramp(300), ramp(300)
	for k := range right {
		right[k] *= -3
	}
	in := save(t, dir, "stereo.wav", 1000, left, right)
	target := save(t, dir, "mono.wav", 1000, left)
	c := Cut{Segment: 10}
	for choice, want := range map[string]float32{channelsMix: -1, channelsLeft: 1} {
		d := openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\nchannels: %s\ncrop: grid", in, target, choice), c)
		x, y, _ := fill(t, d, c, 0, 0)
		if len(x) != 1 || x[0][3] != want*y[0][3] {
			t.Errorf("%s: %d channels, %v beside %v", choice, len(x), x[0][3], y[0][3])
		}
	}
	d := openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\nchannels: all\ncrop: grid", in, target), c)
	x, y, _ := fill(t, d, c, 0, 0)
	if len(x) != 2 || len(y) != 1 || x[1][3] != right[3] || y[0][3] != left[3] {
		t.Errorf("all: %d and %d channels", len(x), len(y))
	}
	d = openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\nchannels: right\ncrop: grid", in, in), c)
	if x, _, _ := fill(t, d, c, 0, 0); x[0][3] != right[3] {
		t.Errorf("right: %v", x[0][3])
	}
}

// A recording shorter than an example is an error, left out, or padded with
// silence, never with what stands in another part of the file.
func TestPairShort(t *testing.T) {
	dir := t.TempDir()
	ramp := make([]float32, 300)
	for i := range ramp {
		ramp[i] = 0.001 * float32(i+1)
	}
	a := save(t, dir, "a.wav", 8000, ramp)
	b := save(t, dir, "b.wav", 8000, ramp[:150])
	p := Kinds()["pair"].(Pair)
	p.Input, p.Target, p.Holdout, p.Crop = []string{a, b}, []string{a, b}, 0, cropGrid
	cut := Cut{Segment: 100, Context: 60}
	open := func(short string) (Dataset, error) {
		p.Short = short
		d, err := p.Open(Env{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d, d.Cut(cut)
	}
	_, err := open("error")
	wantError(t, err, "b.wav has 150 samples", "short: pad")
	if d, err := open("skip"); err != nil || d.Len() != 2 {
		t.Errorf("skip: %v", err)
	}
	d, err := open("pad")
	if err != nil || d.Len() != 3 {
		t.Fatalf("pad: %v", err)
	}
	in, target := make([]float32, 160), make([]float32, 100)
	if _, err := d.Fill(0, 2, in, target); err != nil {
		t.Fatal(err)
	}
	want := append(make([]float32, 10), ramp[:150]...)
	if !equal(in, want) || !equal(target, want[60:]) {
		t.Errorf("padded: in %v, target %v", in, target)
	}
	// Its validation part comes first: that is not what it is padded with.
	p.Input, p.Target = []string{a}, []string{a}
	p.Validation = &Range{Stop: lengthOf(t, "200")}
	d, err = open("pad")
	if err != nil || d.Len() != 1 {
		t.Fatalf("pad: %v", err)
	}
	if _, err := d.Fill(0, 0, in, target); err != nil {
		t.Fatal(err)
	}
	if !equal(in, append(make([]float32, 60), ramp[200:]...)) || !equal(target, ramp[200:]) {
		t.Errorf("padded: in %v, target %v", in, target)
	}
	p.Validation = &Range{Stop: lengthOf(t, "250")}
	if d, err = open("pad"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Fill(0, 0, in, target); err != nil {
		t.Fatal(err)
	}
	if !equal(target, append(make([]float32, 50), ramp[250:]...)) {
		t.Errorf("padded: target %v", target)
	}
	p.Input, p.Target, p.Validation = []string{b}, []string{b}, nil
	_, err = open("skip")
	wantError(t, err, "all 1 recordings", "short: pad")
}

func lengthOf(t *testing.T, text string) (l config.Length) {
	t.Helper()
	if err := l.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return l
}

// target_band silences what is above it and leaves the rest as it is and where
// it is.
func TestPairTargetBand(t *testing.T) {
	const rate = 48000
	low, both := make([]float32, rate), make([]float32, rate)
	for i := range low {
		low[i] = 0.3 * float32(math.Sin(2*math.Pi*3000*float64(i)/rate))
		both[i] = low[i] + 0.3*float32(math.Sin(2*math.Pi*15000*float64(i)/rate))
	}
	dir := t.TempDir()
	p := Kinds()["pair"].(Pair)
	p.Input, p.Target = []string{save(t, dir, "in.wav", rate, low)}, []string{save(t, dir, "out.wav", rate, both)}
	p.Holdout, p.TargetBand = 0.5, 10000
	d, err := p.Open(Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	x, y := [][]float32{make([]float32, 4096)}, [][]float32{make([]float32, 4096)}
	if err := d.Excerpts()[0].Read(x, y, 4096); err != nil {
		t.Fatal(err)
	}
	for i, v := range y[0] {
		if math.Abs(float64(v-x[0][i])) > 1e-3 {
			t.Fatalf("sample %d is %g, want %g", i, v, x[0][i])
		}
	}
	p.Memory = 0
	_, err = p.Open(Env{})
	wantError(t, err, "target_band", "memory")
	p.TargetBand = 10
	wantError(t, p.Validate(), "target_band")
}
