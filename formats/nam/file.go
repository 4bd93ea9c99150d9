// Package nam reads and writes the .nam files of the Neural Amp Modeler and
// plays them.
//
// A file is a JSON object: version, architecture, config, weights, and often
// sample_rate and metadata. Decode checks all of it, the sizes and the number of
// weights too, before memory is taken for it. NewReader plays a file in plain
// float64 Go, written from the format's description and independent of
// package model: it is what an export is held against. File.Model and FromModel
// go between files and package model, which is fast and can be trained.
//
// Format: https://github.com/sdatkinson/NeuralAmpModelerCore
package nam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// File is the content of a .nam file.
type File struct {
	Version    string  // "0.5.4"
	Net        Network // what is computed
	Weights    []float32
	SampleRate float64 // Hz; 0 where the file does not say
	Metadata   Metadata
}

// Network is the architecture of a file and its config: *WaveNet, *LSTM,
// *ConvNet, *Linear or *Container.
type Network interface {
	// Architecture is its name in files.
	Architecture() string
	// Channels are those of the input and the output.
	Channels() (in, out int)

	// check reports a config that cannot be, or is larger than any model.
	check() error
	// parts are the weights in the order of the file. It is called after check.
	parts() []part
	// encode is the config in the file's version, as encoding/json takes it.
	encode(version string) any
	// player makes what plays the network, from its weights.
	player(w *weights) *player
}

// part is a run of weights that belong together: a parameter of package model
// where it has one of that name.
type part struct {
	name string
	n    int
}

// count is the number of weights that a network has.
func count(n Network) int {
	sum := 0
	for _, p := range n.parts() {
		sum += p.n
	}
	return sum
}

// maxBytes is the largest file that Read takes: a thousand times an amplifier.
const maxBytes = 64 << 20

// Read reads the file at a path.
func Read(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxBytes {
		return nil, fmt.Errorf("%s has %d MB; a .nam file has at most %d", path, info.Size()>>20, maxBytes>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// fileJSON is a file's outermost object.
type fileJSON struct {
	Version      *string         `json:"version"`
	Metadata     json.RawMessage `json:"metadata,omitempty"`
	Architecture *string         `json:"architecture"`
	Config       json.RawMessage `json:"config"`
	Weights      json.RawMessage `json:"weights"`
	SampleRate   json.RawMessage `json:"sample_rate,omitempty"`
}

// Decode reads a file's bytes. An error says what is wrong with it.
func Decode(data []byte) (*File, error) { return decode(data, 0) }

// maxDepth is how deep files may stand in files: a condition_dsp in a submodel
// of a container.
const maxDepth = 3

func decode(data []byte, depth int) (*File, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("models stand in models more than %d deep", maxDepth)
	}
	var raw fileJSON
	if err := unmarshal(data, &raw); err != nil {
		return nil, err
	}
	for _, x := range []struct {
		name    string
		missing bool
	}{{"version", raw.Version == nil}, {"architecture", raw.Architecture == nil}, {"config", absent(raw.Config)}, {"weights", absent(raw.Weights)}} {
		if x.missing {
			return nil, fmt.Errorf("it is no .nam file: there is no %s in it", x.name)
		}
	}
	f := &File{Version: *raw.Version}
	if err := checkVersion(f.Version); err != nil {
		return nil, err
	}
	var err error
	if f.SampleRate, err = sampleRate(raw.SampleRate); err != nil {
		return nil, err
	}
	if f.Weights, err = weightsOf(raw.Weights); err != nil {
		return nil, err
	}
	if f.Net, err = decodeNetwork(*raw.Architecture, raw.Config, depth); err != nil {
		return nil, err
	}
	if raw.Metadata != nil {
		if f.Metadata, err = decodeMetadata(raw.Metadata); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

// check reports a file whose parts do not fit together.
func (f *File) check() error {
	if err := checkVersion(f.Version); err != nil {
		return err
	}
	if err := f.Net.check(); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	if want := count(f.Net); want != len(f.Weights) {
		return fmt.Errorf("its config asks for %d weights, and it has %d: the file is damaged, or was written for something else", want, len(f.Weights))
	}
	for i, w := range f.Weights {
		if w-w != 0 { // NaN or infinite
			return fmt.Errorf("weight %d is %v: the model diverged in training", i, w)
		}
	}
	return f.checkRates()
}

// absent says whether a key is missing or null.
func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// decodeNetwork reads a config.
func decodeNetwork(architecture string, config []byte, depth int) (Network, error) {
	var n Network
	var err error
	switch architecture {
	case "WaveNet":
		n, err = decodeWaveNet(config, depth)
	case "LSTM":
		n, err = decodeLSTM(config)
	case "ConvNet":
		n, err = decodeConvNet(config)
	case "Linear":
		n, err = decodeLinear(config)
	case "SlimmableContainer":
		n, err = decodeContainer(config, depth)
	default:
		return nil, fmt.Errorf("its architecture is %.40q; WaveNet, LSTM, ConvNet, Linear and SlimmableContainer can be played", architecture)
	}
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return n, nil
}

// checkVersion takes what the hosts' engine takes: 0.5.0 to 0.7.x.
func checkVersion(v string) error {
	part := strings.Split(v, ".")
	if len(part) != 3 {
		return fmt.Errorf("its version is %.20q; it must be three numbers, as in 0.5.4", v)
	}
	var n [3]int
	for i, p := range part {
		x, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return fmt.Errorf("its version is %.20q; it must be three numbers, as in 0.5.4", v)
		}
		n[i] = int(x)
	}
	if n[0] != 0 || n[1] < 5 || n[1] > 7 {
		return fmt.Errorf("its version is %.20s; 0.5.0 to 0.7.x can be read", v)
	}
	return nil
}

// sampleRate reads the rate, which may be missing, but not null: the hosts'
// engine refuses that.
func sampleRate(raw json.RawMessage) (float64, error) {
	if raw == nil {
		return 0, nil
	}
	var rate *float64
	if err := unmarshal(raw, &rate); err != nil {
		return 0, fmt.Errorf("sample_rate: %w", err)
	}
	if rate == nil {
		return 0, errors.New("its sample_rate is null, which hosts refuse; give the rate in Hz, or leave the key out")
	}
	if !(*rate >= 1 && *rate <= 1e6) || *rate != math.Trunc(*rate) {
		return 0, fmt.Errorf("its sample_rate is %v; it must be a whole number of Hz up to 1000000", *rate)
	}
	return *rate, nil
}

func weightsOf(raw []byte) ([]float32, error) {
	w := []float32{}
	if err := unmarshal(raw, &w); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return w, nil
}

// unmarshal is json.Unmarshal with errors for people.
func unmarshal(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		rest := data[max(0, min(int(syntax.Offset)-2, len(data))):]
		for _, word := range []string{"NaN", "Infinity"} {
			if bytes.Contains(rest[:min(len(rest), 12)], []byte(word)) {
				return fmt.Errorf("there is %s at byte %d, which is no number: the model diverged in training", word, syntax.Offset)
			}
		}
		if int(syntax.Offset) >= len(data) {
			return errors.New("it is no JSON, or ends too early: the file is damaged")
		}
		return fmt.Errorf("it is no JSON at byte %d: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		where := "it"
		if kind.Field != "" {
			where = kind.Field
		}
		return fmt.Errorf("%s is a %.40s where %s belongs", where, kind.Value, belongs(kind.Type.String()))
	}
	return err
}

// belongs is a Go type in words.
func belongs(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case goType == "string" || goType == "bool":
		return "a " + goType
	}
	return "an object"
}

// Encode returns the file's bytes. Equal files give equal bytes.
func (f *File) Encode() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return json.Marshal(f.tree())
}

// tree is the file, which was checked, as encoding/json takes it.
func (f *File) tree() *fileJSON {
	architecture := f.Net.Architecture()
	raw := &fileJSON{Version: &f.Version, Architecture: &architecture}
	for _, x := range []struct {
		to    *json.RawMessage
		value any
		skip  bool
	}{
		{&raw.Metadata, f.Metadata, false},
		{&raw.Config, f.Net.encode(f.Version), false},
		{&raw.Weights, append([]float32{}, f.Weights...), false},
		{&raw.SampleRate, f.SampleRate, f.SampleRate == 0},
	} {
		if x.skip {
			continue
		}
		data, err := json.Marshal(x.value)
		if err != nil {
			panic(err) // there are names and finite numbers in it
		}
		*x.to = data
	}
	return raw
}
