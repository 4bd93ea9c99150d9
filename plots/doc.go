// Package plots draws the pictures of a training run and writes its report page.
//
// Every chart is a struct of plain Go values with a Figure method:
//
//	Curves       loss terms, learning rate or gradient norm against the step
//	Spectrogram  one spectrogram in dB
//	Triptych     target, output and their difference in dB, one above the other
//	Overlay      target, output and residual over a few milliseconds
//	Envelope     peak and RMS level of whole recordings
//	Bars         one number for each file
//	Histogram    how numbers are spread
//
// A Figure is written as PNG (two pixels for each point) or SVG. The same input gives the
// same bytes. No chart panics on its data: empty, constant, non-finite or (on a log axis)
// non-positive values give a picture that says so in a line below the axis.
//
// Report is one HTML page that holds its pictures and sounds itself and loads nothing.
package plots
