// Package datasets says what example i of epoch e is, and brings batches of
// them to the training loop.
//
// A Config is the data section of a recipe; Kinds is the table of them: pair
// (a recording and the same through a device), folder (any tree of sounds) and
// mix (clean sounds in noise). All read through one library, which keeps small
// corpora decoded in memory and reads large ones piece by piece, so that memory
// is bounded however large a corpus is.
//
// Open a Config, tell the Dataset by Cut how long an example is, and let a
// Loader make batches: (B, C, T), float32, full scale 1. An example's input
// begins Context samples before its target, which a model looks back at. The
// same seed gives the same examples in the same order, whatever reads them.
// A path that begins with EmbeddedPrefix is a sound inside the program.
package datasets

import "log/slog"

// Dataset is a source of training examples and validation excerpts. After Cut
// its methods are safe for concurrent use, and what they return is a pure
// function of the seed it was opened with and their arguments.
type Dataset interface {
	// Rate is the sampling rate in Hz.
	Rate() int
	// Channels is the number of channels of inputs and targets.
	Channels() (in, target int)
	// Files are all the files it reads, for the manifest.
	Files() []string

	// Cut says how examples are cut. It is called once, before Len and Fill,
	// and reports data too short for it, in the terms of the recipe.
	Cut(c Cut) error
	// Len is the number of examples of an epoch, at least 1.
	Len() int
	// Fill reads example i of an epoch, 0 <= i < Len(): in is
	// (Cin, Context+Segment) and target (Cout, Segment), row-major. It returns
	// the files that the example came from.
	Fill(epoch, i int, in, target []float32) (files []string, err error)

	// Excerpts are what validation runs on, in a fixed order; empty where the
	// recipe sets no validation data aside. They need no Cut.
	Excerpts() []Excerpt
	// Close closes the files.
	Close() error
}

// Conditioned is a dataset whose examples were made at settings of a device's
// knobs. Behind the audio channels of an input, of Fill and of Excerpt.Read,
// stands one channel a knob, constant at where it stood, from 0 to 1.
type Conditioned interface{ Controls() []string }

// Controls are the names of a dataset's knobs, in the order of their channels;
// nil where it has none.
func Controls(d Dataset) []string {
	if c, ok := d.(Conditioned); ok {
		return c.Controls()
	}
	return nil
}

// Scaled is a dataset whose targets are not at the level of their files.
type Scaled interface{ TargetGain() float64 }

// TargetGain is the factor by which a dataset's targets are larger than what is
// in their files.
func TargetGain(d Dataset) float64 {
	if s, ok := d.(Scaled); ok {
		return s.TargetGain()
	}
	return 1
}

// Cut says how an example is cut from a recording: Segment samples of output,
// Context samples of input before them, and a target that begins Latency
// samples earlier, because the model's output lags by as much.
type Cut struct{ Segment, Context, Latency int }

// Excerpt is a whole validation signal. Target sample t belongs to input
// sample t, whatever the model's latency.
type Excerpt interface {
	Name() string
	// Frames is its length in samples per channel.
	Frames() int
	// Read reads len(in[0]) samples from sample at on, into planar channels. at
	// may be negative: what stands there in the file, or zeros. Samples past
	// the end are zeros.
	Read(in, target [][]float32, at int) error
}

// Tag is what an excerpt is by some measure: "snr" "5 dB", "noise" "car".
type Tag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// TagsOf returns the tags of an excerpt whose type has a method Tags, which
// metrics are then averaged by; nil where it has none.
func TagsOf(x Excerpt) []Tag {
	if t, ok := x.(interface{ Tags() []Tag }); ok {
		return t.Tags()
	}
	return nil
}

// IsDegraded says whether a dataset's inputs are its targets made worse, by its
// method Degraded: then metrics of the two say where a model begins.
func IsDegraded(d Dataset) bool {
	x, ok := d.(interface{ Degraded() bool })
	return ok && x.Degraded()
}

// IsMixed says whether a dataset's excerpts are made of several files, by its
// method Mixed: WriteExcerpts then keeps them for other runs and programs.
func IsMixed(d Dataset) bool {
	x, ok := d.(interface{ Mixed() bool })
	return ok && x.Mixed()
}

// Env is what a dataset is told when it is opened.
type Env struct {
	Seed uint64
	Log  *slog.Logger // warnings about the data
}

// Config describes a dataset in a recipe and opens it. Its struct is the YAML.
type Config interface {
	// Open reads the headers of the files, and where they are few the files,
	// and says what is wrong with them. Relative paths begin at the working
	// directory.
	Open(env Env) (Dataset, error)
	// Absolute returns a copy whose relative paths begin at dir, made absolute.
	// Paths of sounds inside the program stay as they are.
	Absolute(dir string) Config
}
