// Package spectral holds the differentiable transforms between sound and
// spectrum: rfft, fft and their inverses, the STFT and its inverse, windows,
// magnitudes, mel and chroma filterbanks, and the losses that compare spectra.
// Values and gradients are those of PyTorch.
//
// RFFT and FFT transform rows. An STFT describes a short-time transform, and
// NewAnalysis builds it: Apply gives spectrograms, Inverse the way back.
// Magnitude, Power, Phase, LogMagnitude and Mask work on them; Mel, Chroma and
// MFCC make features of them.
//
// NewSTFTLoss (one resolution or several, of bins, mel or chroma bands),
// NewCompressedLoss and NewRandomSTFTLoss are the spectral losses. Each computes
// its gradient along with its value, one resolution after the other in the same
// memory. Package loss gives them their names in recipes.
//
// Each is an autograd.Function declared as a user would declare one, with a
// wrapper that applies it. Shapes stand in the comments: B is the batch, T
// samples, F frames, K bins.
//
// Complex data is planar. The axis of length 2 (real, imaginary) stands before
// the rows:
//
//	real       complex
//	(n)        (2, n)
//	(R, n)     (2, R, n)
//	(B, R, n)  (B, 2, R, n)
//
// A gradient of a spectrum is the pair (dL/dre, dL/dim), which is PyTorch's
// convention. A spectrogram is always (B, 2, F, K), its magnitude (B, F, K).
package spectral
