// Package audio reads and writes sound files, changes sample rates and measures levels.
//
// Reading: WAV (integer PCM of 1 to 4 or 8 bytes a sample, float32 and float64, A-law, mu-law, IMA and Microsoft
// ADPCM, GSM 6.10; RIFF, RIFX, RF64 and BW64) and FLAC. Samples are float32, planar, full scale 1: a 16-bit
// value v reads as v/32768, and so on by width, as libsndfile does. Nothing that a file says about its own size is trusted.
//
// Writing: WAV of 16-bit, 24-bit or float32 samples.
package audio
