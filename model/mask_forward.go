package model

import (
	"fmt"
	"math"

	"partials/autograd"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

// Build implements Config.
func (c Mask) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	channels := b.Env.Inputs
	if b.Env.Outputs != channels {
		return nil, fmt.Errorf("a mask changes the channels it hears: the data has %d input but %d output channels", channels, b.Env.Outputs)
	}
	analysis, err := spectral.NewAnalysis(spectral.STFT{
		NFFT: c.NFFT, Hop: c.Hop, Window: c.Window, PadMode: spectral.PadConstant, Onesided: true,
	})
	if err != nil {
		return nil, err
	}
	synthesis, err := spectral.NewAnalysis(spectral.STFT{
		NFFT: c.NFFT, Hop: c.Hop, Onesided: true,
		Window: spectral.Window{Samples: synthesisWindow(c.Window.Values(c.NFFT), c.Hop)},
	})
	if err != nil {
		return nil, err
	}
	m := &mask{config: c, channels: channels, analysis: analysis, synthesis: synthesis, parts: 1}
	f := frameShape{planes: channels, channels: channels, parts: 1, rows: c.NFFT/2 + 1}
	if c.Bands > 0 {
		if m.bands, m.bins, err = bandsOf(c.Bands, b.Env.Rate, c.NFFT); err != nil {
			return nil, err
		}
		f.rows = c.Bands
	}
	if c.Type == maskComplex {
		m.parts, f.parts = 2, 2
		f.planes = 3 * channels
	}
	m.frames = c.network(b, f)
	m.facts = m.measure(channels)
	if err := contextError(m.facts.Context); err != nil {
		return nil, err
	}
	return m, nil
}

type mask struct {
	config    Mask
	facts     Facts
	channels  int
	parts     int // of a mask: 1, or 2 for a complex one
	analysis  *spectral.Analysis
	synthesis *spectral.Analysis   // with the window of the way back
	bands     *spectral.Filterbank // (bands, K), nil for every bin
	bins      *spectral.Filterbank // (K, bands), back from bands
	frames    frameNet
}

// measure states the facts. An output sample is the sum of r = n_fft/hop
// frames, each of which sees r hops.
func (m *mask) measure(channels int) Facts {
	c := m.config
	past := c.NFFT - c.Hop
	f := Facts{
		Inputs: channels, Outputs: channels, Latency: past, Block: c.Hop,
		Context: 2*past + m.frames.Context()*c.Hop,
		MACs:    m.frames.MACs() / float64(c.Hop),
	}
	if c.Network == networkConv {
		f.ReceptiveField = f.Context + c.Hop
	}
	return f
}

func (m *mask) Facts() Facts { return m.facts }

func (m *mask) Forward(p Pass, x *autograd.Var) *autograd.Var {
	t, c := p.Tape, m.config
	batch, past := x.Dim(0), c.NFFT-c.Hop
	n := x.Dim(2) - m.facts.Context // samples of output, of a whole segment
	if p.Streams() {
		n = x.Dim(2)
		x = p.Context("frames", x, past)
	} else { // the same frames as a stream that begins here, and all of the last one
		x = ops.Pad(t, x, 2, past, (c.Hop-x.Dim(2)%c.Hop)%c.Hop)
	}
	spectra := m.analysis.Apply(t, x) // (B*C, 2, F, K)
	gains := m.frames.Forward(p, m.features(t, spectra, batch))
	spectra = ops.Slice(t, spectra, 2, spectra.Dim(2)-gains.Dim(1), spectra.Dim(2))
	spectra = m.apply(t, spectra, gains)
	y := m.synthesis.OverlapAdd(t, spectra, 0)
	if p.Streams() {
		// What the next frames will add to waits for them.
		if tail := p.Recall("overlap", tensor.Of(y.Dim(0), past)); past > 0 {
			y = ops.Add(t, y, ops.Pad(t, tail, 1, 0, n))
		}
		p.Keep("overlap", ops.Slice(t, y, 1, n, y.Dim(1)))
		y = ops.Slice(t, y, 1, 0, n)
	} else {
		y = ops.Slice(t, y, 1, 2*past, 2*past+n)
	}
	return ops.Reshape(t, y, tensor.Of(batch, m.channels, n))
}

const (
	// magnitudeFloor keeps the logarithm of a silent bin finite: 1e-8 is -80 dB
	// below a bin of power 1.
	magnitudeFloor = 1e-8
	// levelScale brings the logarithm of a power to between -2.3 and about 1.5.
	levelScale = 0.125
	// phaseExponent compresses magnitudes where phases are seen: |X|^0.3, as in
	// DeepFilterNet's loss.
	phaseExponent = 0.3
)

// features are what the network sees of spectra (B*C, 2, F, K), as
// (B, F, planes, rows): the level of every bin or band, and for a complex mask
// the spectrum itself, compressed.
func (m *mask) features(t *autograd.Tape, spectra *autograd.Var, batch int) *autograd.Var {
	power := spectral.Power(t, spectra)
	if m.bands != nil {
		power = m.bands.Apply(t, power)
	}
	power = ops.Shift(t, power, magnitudeFloor)
	seen := ops.Scale(t, ops.Log(t, power), levelScale)
	frames, rows, planes := seen.Dim(1), seen.Dim(2), m.channels
	if m.parts == 2 {
		compressed := spectral.Mask(t, spectra, ops.Pow(t, power, (phaseExponent-1)/2))
		seen = ops.Reshape(t, seen, tensor.Of(seen.Dim(0), 1, frames, rows))
		seen = ops.Concat(t, 1, seen, compressed)
		planes *= 3
	}
	return ops.Transpose(t, ops.Reshape(t, seen, tensor.Of(batch, planes, frames, rows)), 1, 2)
}

// apply multiplies spectra (B*C, 2, F, K) by the mask that gains
// (B, F, C*parts*rows) describe before their bounding function.
func (m *mask) apply(t *autograd.Tape, spectra, gains *autograd.Var) *autograd.Var {
	batch, frames, planes := gains.Dim(0), gains.Dim(1), m.channels*m.parts
	rows := gains.Dim(2) / planes
	gains = ops.Reshape(t, gains, tensor.Of(batch, frames, planes, rows))
	gains = ops.Transpose(t, gains, 1, 2) // (B, C*parts, F, rows)
	if m.bins != nil {
		gains = m.bins.Apply(t, gains)
	}
	bins := spectra.Dim(3)
	if m.parts == 2 {
		gains = ops.Reshape(t, ops.Tanh(t, gains), tensor.Of(batch*m.channels, 2, frames, bins))
		if m.config.PostFilter > 0 {
			gains = spectral.Mask(t, gains, m.postFilter(t, spectral.Magnitude(t, gains, spectral.FloorAdd, 0)))
		}
		return spectral.ComplexMul(t, spectra, gains)
	}
	gains = ops.Reshape(t, ops.Sigmoid(t, gains), tensor.Of(batch*m.channels, frames, bins))
	if m.config.PostFilter > 0 {
		gains = ops.Mul(t, gains, m.postFilter(t, gains))
	}
	return spectral.Mask(t, spectra, gains)
}

// postFilter is by how much gains of the given magnitude are lowered further:
//
//	(1+b) s / (s+b),  s = sin(pi/2 min(g, 1))^2
//
// which leaves 1 at 1 and goes to 0 with g: Valin's post-filter
// (https://arxiv.org/abs/2008.04259, section 3.4) in DeepFilterNet's form,
// https://arxiv.org/abs/2305.08227.
func (m *mask) postFilter(t *autograd.Tape, g *autograd.Var) *autograd.Var {
	b := m.config.PostFilter
	cos := ops.Cos(t, ops.Scale(t, ops.Hardtanh(t, g), math.Pi))
	s := ops.Shift(t, ops.Scale(t, cos, -0.5), 0.5)
	return ops.Scale(t, ops.Div(t, s, ops.Shift(t, s, b)), 1+b)
}
