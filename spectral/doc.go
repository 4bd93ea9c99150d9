// Package spectral holds the differentiable transforms between sound and
// spectrum: rfft, fft and their inverses, the STFT and its inverse, windows,
// magnitudes, mel and chroma filterbanks. Values and gradients are those of
// PyTorch.
//
// Each is an autograd.Function declared as a user would declare one, with a
// wrapper that applies it. Shapes stand in the comments: B is the batch, T
// samples, F frames, K bins.
//
// Complex data is planar. The axis of length 2 (real, imaginary) stands before
// the rows:
//
//	real     complex
//	(n)      (2, n)
//	(R, n)   (2, R, n)
//	(B, R, n) (B, 2, R, n)
//
// A gradient of a spectrum is the pair (dL/dre, dL/dim), which is PyTorch's
// convention. A spectrogram is always (B, 2, F, K), its magnitude (B, F, K).
package spectral
