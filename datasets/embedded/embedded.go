// Package embedded holds the real sounds inside the program: a guitar and the
// same through an amplifier (amp), speech, noise, and instrument hits (notes).
// All are CC0 or in the public domain; LICENSES.md says where each comes from.
package embedded

import "embed"

// FS holds the files by their paths below this folder, as "amp/input.wav",
// with their origin (LICENSES.md), licences (licence-texts), levels
// (MANIFEST.tsv) and hashes (SHA256SUMS).
//
//go:embed amp speech noise notes licence-texts LICENSES.md MANIFEST.tsv SHA256SUMS
var FS embed.FS
