package plots_test

import (
	"bytes"
	"fmt"
	"image/png"

	"partials/plots"
)

// The loss of a run against its steps, as a PNG in memory.
func ExampleCurves() {
	figure := plots.Curves{
		Title:  "Training loss",
		YLabel: "ESR",
		Log:    true,
		Series: []plots.Series{{Name: "train", X: []float64{0, 100, 200, 300}, Y: []float64{1, 0.3, 0.1, 0.04}}},
		Levels: []plots.Level{{Name: "goal", Y: 0.05}},
	}.Figure()
	var file bytes.Buffer
	if err := figure.WritePNG(&file); err != nil {
		fmt.Println(err)
		return
	}
	picture, err := png.DecodeConfig(&file)
	fmt.Println(picture.Width, "x", picture.Height, err)
	fmt.Println(figure.Alt())
	// Output:
	// 1800 x 800 <nil>
	// Line chart "Training loss", logarithmic y axis; train from 1 to 0.04.
}

// A page that holds its pictures itself.
func ExampleReport() {
	report := plots.Report{
		Title:  "my-amp",
		Status: "finished",
		Facts:  [][2]string{{"parameters", "6,369"}},
		Curves: []*plots.Figure{plots.Curves{Title: "Loss"}.Figure()},
	}
	var page bytes.Buffer
	if err := report.Write(&page); err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range []string{"<title>my-amp", "6,369", "data:image/svg+xml;base64,", `src="http`} {
		fmt.Println(part, bytes.Contains(page.Bytes(), []byte(part)))
	}
	// Output:
	// <title>my-amp true
	// 6,369 true
	// data:image/svg+xml;base64, true
	// src="http false
}
