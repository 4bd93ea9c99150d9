package train

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSpikes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s spikes
	// A loss that falls, noisy as that of small batches: no spike in 5000 steps.
	at := func(step int) float64 { return math.Exp(-float64(step)/500)*math.Exp(0.5*r.NormFloat64()) + 0.01 }
	for step := range 5000 {
		if usual, spike := s.add(at(step)); spike {
			t.Fatalf("step %d: a spike above %g in a smooth run", step, usual)
		}
	}
	if usual, spike := s.add(1); !spike || math.Abs(usual-0.01) > 0.001 {
		t.Errorf("a loss of 1 among 0.01: usual %g, spike %t", usual, spike)
	}
	if _, spike := s.add(1); spike {
		t.Error("the next step is told at once")
	}
	// A loss in dB, below zero.
	s = spikes{}
	for range 100 {
		s.add(-10 + 0.3*r.NormFloat64())
	}
	if _, spike := s.add(2); !spike {
		t.Error("2 among -10 is no spike")
	}
	// A loss that does not move at all: a step of any size up is one, of rounding is not.
	s = spikes{}
	for range 100 {
		s.add(1)
	}
	if _, spike := s.add(1.0000001); spike {
		t.Error("rounding is a spike")
	}
}
