package audio

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zooFile is what the wavzoo says of one file: what libsndfile 1.2.0 and sox 14.4.2 read from it.
type zooFile struct {
	File       string
	Libsndfile zooReading
	Sox        zooReading
}

type zooReading struct {
	Error    string
	Rate     int
	Channels int
	Frames   int64       `json:"frames_read"`
	Peak     *float64    // null where samples are not finite
	RMS      *float64    `json:"rms"`
	First    [][]float64 // the first frames
}

// The fixtures are named by their specification; licences are in testdata/wavzoo.
func TestZoo(t *testing.T) { readZoo(t, "testdata/wavzoo") }

// TestWholeZoo reads the files that are too large or not free enough for the repository.
func TestWholeZoo(t *testing.T) {
	dir := os.Getenv("PARTIALS_WAVZOO")
	if dir == "" {
		t.Skip("PARTIALS_WAVZOO names no folder; set it to the wavzoo data to read all 159 files")
	}
	readZoo(t, dir)
}

func readZoo(t *testing.T, dir string) {
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files []zooFile
	if err := json.Unmarshal(text, &files); err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files in the zoo", len(files))
	}
	for _, want := range files {
		t.Run(want.File, func(t *testing.T) {
			path := filepath.Join(dir, want.File)
			a, info, err := ReadFile(path)
			reading := want.Libsndfile
			if reading.Error != "" {
				reading = want.Sox
			}
			if reading.Error != "" {
				if err == nil {
					t.Fatalf("read %+v where libsndfile says %q", info, want.Libsndfile.Error)
				}
				if !strings.Contains(err.Error(), path) || len(err.Error()) < len(path)+20 {
					t.Errorf("the error names no file or no reason: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if info.Rate != reading.Rate || info.Channels != reading.Channels || info.Frames != reading.Frames {
				t.Fatalf("got %d Hz, %d channels, %d frames; want %d, %d, %d", info.Rate, info.Channels, info.Frames, reading.Rate, reading.Channels, reading.Frames)
			}
			checkSamples(t, a, reading)
		})
	}
}

// roundings is the relative error of a correct sample: half a unit of float32, and nine digits of text.
const roundings = 1./(1<<24) + 5e-9

// checkSamples holds a sound against the peak, the RMS and the first frames of another reader, which have nine digits.
func checkSamples(t *testing.T, a *Audio, want zooReading) {
	t.Helper()
	for i, frame := range want.First {
		for c, v := range frame {
			if got := float64(a.Channels[c][i]); math.Abs(got-v) > roundings*math.Abs(v) {
				t.Errorf("frame %d channel %d: got %.9g, want %.9g", i, c, got, v)
			}
		}
	}
	if want.Peak == nil || want.RMS == nil {
		return
	}
	var all Levels
	for _, ch := range a.Channels {
		all.Add(ch)
	}
	if math.Abs(all.Peak-*want.Peak) > roundings**want.Peak {
		t.Errorf("peak %.9g, want %.9g", all.Peak, *want.Peak)
	}
	if math.Abs(all.RMS()-*want.RMS) > roundings**want.RMS {
		t.Errorf("RMS %.9g, want %.9g", all.RMS(), *want.RMS)
	}
}
