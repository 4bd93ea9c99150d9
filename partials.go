// Package partials is the root of a module that trains small audio models
// through a differentiable STFT. The program is cmd/train; docs/design.md says
// which package does what.
package partials
