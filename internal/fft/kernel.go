package fft

// pkg is this package's name in internal/impl.
const pkg = "fft"
