package train

// Costs are what a run has taken so far, by its timing.jsonl. They are of this
// machine and its load, and differ from run to run.
type Costs struct {
	Seconds  float64 `json:"seconds"`      // of training and validation
	RealTime float64 `json:"real_time"`    // seconds of sound trained on for each second of training
	Arena    int64   `json:"arena_bytes"`  // the most that a step held
	Memory   int64   `json:"memory_bytes"` // the most that the process had in memory; 0 where the system does not say
}

// costs adds up the run's timings.
func (d Dir) costs() (Costs, error) {
	timings, err := ReadTimings(d)
	var c Costs
	training, sound := 0.0, 0.0
	for _, t := range timings {
		spent := t.Load + t.Forward + t.Backward + t.Update + t.Write
		training += spent
		sound += spent * t.RealTime
		c.Seconds += spent + t.Validate
		c.Arena, c.Memory = max(c.Arena, t.Arena), max(c.Memory, t.Memory)
	}
	if training > 0 {
		c.RealTime = sound / training
	}
	return c, err
}
