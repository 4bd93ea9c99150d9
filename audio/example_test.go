package audio_test

import (
	"fmt"
	"os"
	"path/filepath"

	"partials/audio"
)

// A file is brought to another rate and written with 16 bits.
func Example() {
	sound, info, err := audio.ReadFile("testdata/wavzoo/gen/wavex_s24_stereo.wav")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Format, info.Rate, info.Channels, info.Frames)

	sound, err = sound.Resample(16000)
	if err != nil {
		fmt.Println(err)
		return
	}
	left := audio.Measure(sound.Channels[0])
	fmt.Printf("%d frames, peak %.1f dBFS\n", sound.Frames(), left.PeakDB())

	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	clipped, err := audio.WriteFile(filepath.Join(dir, "out.wav"), sound, audio.PCM16)
	fmt.Println(clipped, "clipped,", err)
	// Output:
	// WAV PCM 24-bit 22050 2 2205
	// 1600 frames, peak -13.3 dBFS
	// 0 clipped, <nil>
}

// A crop is read without loading the file.
func ExampleReader_ReadAt() {
	r, err := audio.Open("testdata/flac/s16_stereo_44k_b576.flac")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	crop := [][]float32{make([]float32, 4), make([]float32, 4)}
	n, err := r.ReadAt(crop, 4408)
	fmt.Println(r.Info().Format, r.Info().Frames, n, err)
	// Output: FLAC 16-bit 4410 2 EOF
}
