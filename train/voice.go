package train

import "partials/model"

// stream plays a signal block by block.
type stream interface {
	// Process plays the next samples of every channel, any number.
	Process(dst, src [][]float32)
	// Latency is the number of samples by which the output lags.
	Latency() int
}

// voice is a stream of a player's model that is given the audio alone: it knows
// where the knobs stand.
type voice struct {
	stream
	knobs []float32
	rows  [][]float32 // the audio's channels and the knobs'
	still [][]float32 // of each knob, as long as the longest block
}

// newVoice is a stream at the start of a signal, with the knobs where they are
// said to stand.
func (p *Player) newVoice(knobs []float32) *voice {
	if p.model == nil {
		return &voice{stream: p.plain()} // which has no knobs
	}
	return p.newVoiceOf(p.model, knobs)
}

// newVoiceOf is newVoice of another model.
func (p *Player) newVoiceOf(m model.Model, knobs []float32) *voice {
	return &voice{stream: model.NewStream(m, p.dev), knobs: knobs, still: make([][]float32, len(knobs))}
}

// fresh is another voice at the start of a signal.
func (p *Player) fresh() *voice { return p.newVoice(p.knobs) }

// Process implements stream.
func (v *voice) Process(dst, src [][]float32) {
	v.rows = append(v.rows[:0], src...)
	for i, at := range v.knobs {
		n := len(src[0])
		for len(v.still[i]) < n {
			v.still[i] = append(v.still[i], at)
		}
		v.rows = append(v.rows, v.still[i][:n])
	}
	v.stream.Process(dst, v.rows)
}
