// Package capture looks at a recording and the same through a device, before a
// model is trained on them: are they a pair, how late is one, and what is wrong?
//
// Check is the whole of it. It takes two sounds and returns a Report: what was
// measured (latency, drift, polarity, how much a linear filter explains, noise),
// which test signal was recognised and what of it is for training and what for
// validation, and Findings, each a sentence that says what is wrong, where, and
// what to do.
//
// A model learns any device, so a check must not: it may assume that the output
// depends on the input alone and a bounded past of it, but not that it is
// linear, of the same polarity, of the same level, or free of noise.
//
// WriteSignal makes a test signal to play through a device. Samples are float32,
// full scale 1. Positions count samples of the input at the rate of the report.
package capture
