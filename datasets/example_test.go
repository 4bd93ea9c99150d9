package datasets_test

import (
	"fmt"

	"partials/datasets"
)

// The guitar and its amplifier inside the program, and a batch of examples of
// them.
func Example() {
	pair := datasets.Kinds()["pair"].(datasets.Pair) // its fields are its YAML
	pair.Input = []string{"embedded:amp/input.wav"}
	pair.Target = []string{"embedded:amp/output.wav"}
	data, err := pair.Open(datasets.Env{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer data.Close()
	held := data.Excerpts()[0]
	fmt.Println(data.Rate(), "Hz;", held.Frames(), "samples held out:", held.Name())

	cut := datasets.Cut{Segment: 8192, Context: 1000}
	if err := data.Cut(cut); err != nil {
		fmt.Println(err)
		return
	}
	loader := datasets.NewLoader(data, datasets.LoaderOptions{Batch: 4, Seed: 1, Last: 100, Cut: cut})
	defer loader.Close()
	batch, err := loader.Batch(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(data.Len(), "examples;", batch.InputShape, "to", batch.TargetShape)
	// Output:
	// 44100 Hz; 17640 samples held out: input.wav from 3.6 s to 4 s
	// 19 examples; (4, 1, 9192) to (4, 1, 8192)
}

// Sounds inside the program are opened as files are.
func ExampleOpenAudio() {
	r, err := datasets.OpenAudio("embedded:amp/input.wav")
	if err != nil {
		fmt.Println(err)
		return
	}
	info := r.Info()
	fmt.Println(info.Format, info.Rate, "Hz", info.Channels, "channel", info.Seconds(), "s")
	// Output: WAV PCM 16-bit 44100 Hz 1 channel 4 s
}
