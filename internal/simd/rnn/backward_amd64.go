//go:build amd64 && !purego

package rnn

// inputs are what a run back reads.
type inputs struct {
	gates, cells, before, dy plane
	gate                     int // numbers from one gate of a row to the next
}

func (b *Backward) run(s *Scratch, first, last, from, to, origin int) {
	if !useAVX2 {
		b.generic(first, last, from, to, origin)
		return
	}
	if b.Hidden < lanes {
		b.staged(s, first, last, from, to, origin)
		return
	}
	n, g := b.Hidden, b.Kind.Gates()
	states, initial := b.Y, b.H0 // what a step back reads of the state before it
	if b.Kind == LSTM {
		states, initial = b.Cells, b.C0
	}
	for t := to; t > from; {
		steps := min(b.steps(last-first), t-from)
		if t > 1 {
			steps = min(steps, t-1) // the first sample by itself, from the initial states
		}
		t -= steps
		in := inputs{
			gates: planeOf(b.Gates, first, t, b.Length, g*n),
			cells: planeOf(b.Cells, first, t, b.Length, n),
			dy:    planeOf(b.DY, first, t, b.Length, n),
			gate:  n,
		}
		if t == 0 {
			in.before = planeOf(initial, first, 0, 1, n)
		} else {
			in.before = planeOf(states, first, t-1, b.Length, n)
		}
		b.call(s, in, first, last-first, t-origin, steps)
	}
}

// staged is run for a layer of less than a vector, whose rows the assembly would
// read past.
func (b *Backward) staged(s *Scratch, first, last, from, to, origin int) {
	n, g := b.Hidden, b.Kind.Gates()
	states, initial := b.Y, b.H0
	if b.Kind == LSTM {
		states, initial = b.Cells, b.C0
	}
	for ; first < last; first += stageItems {
		items := min(stageItems, last-first)
		for end := to; end > from; {
			t := max(from, end-stageSteps)
			steps := end - t
			stage := s.stage[:items*steps*(g+3)*lanes]
			clear(stage) // the units that are not there
			take := func(width int) plane {
				p := plane{stage[:items*steps*width], steps * width, width}
				stage = stage[len(p.rows):]
				return p
			}
			in := inputs{cells: take(lanes), before: take(lanes), dy: take(lanes), gates: take(g * lanes), gate: lanes}
			for i := range items {
				for j := range steps {
					now, staged := (first+i)*b.Length+t+j, i*steps+j
					copy(in.cells.rows[staged*lanes:], row(b.Cells, now, n))
					copy(in.dy.rows[staged*lanes:], row(b.DY, now, n))
					copy(in.before.rows[staged*lanes:], before(states, initial, first+i, t+j, b.Length, n))
					for q := range g {
						copy(in.gates.rows[(staged*g+q)*lanes:], b.Gates[(now*g+q)*n:][:n])
					}
				}
			}
			b.call(s, in, first, items, t-origin, steps)
			end = t
		}
	}
}

// call goes back over some steps of some items, down to the at-th sample of the
// piece.
func (b *Backward) call(s *Scratch, in inputs, first, items, at, steps int) {
	r := &s.backwardRun
	last := func(p plane) (*float32, int, int) {
		if len(p.rows) > 0 {
			p.rows = p.rows[(steps-1)*p.step:]
		}
		return p.place()
	}
	r.gates, r.gatesItem, r.gatesStep = last(in.gates)
	r.cells, r.cellsItem, r.cellsStep = last(in.cells)
	r.before, r.beforeItem, r.beforeStep = last(in.before)
	r.dy, r.dyItem, r.dyStep = last(in.dy)
	r.sums, r.sumsItem, r.sumsStep = last(planeOf(b.Sums, first, at, b.SumSteps, 4*b.Slots))
	r.dh, r.dhItem, _ = planeOf(b.DH, first, 0, 1, b.Slots).place()
	r.dc, r.dcItem, _ = planeOf(b.DC, first, 0, 1, b.Slots).place()
	r.gate, r.slots = in.gate*size, b.Slots*size
	r.w, r.k = &b.back[0], &table[0][0]
	r.blocks, r.lastUnit, r.items, r.steps = b.Slots/lanes, (max(b.Hidden, lanes)-lanes)*size, items, steps
	if b.Kind == GRU {
		gruBackwardAVX2(r)
	} else {
		lstmBackwardAVX2(r)
	}
}
