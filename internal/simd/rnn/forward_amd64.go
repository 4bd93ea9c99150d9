//go:build amd64 && !purego

package rnn

// outputs are where a run writes, and the state that it starts from.
type outputs struct {
	y, cells, gates, h, c plane
	gate                  int // numbers from one gate of a row to the next
}

func (f *Forward) run(s *Scratch, first, last, from, to int) {
	if !useAVX2 {
		f.generic(first, last, from, to)
		return
	}
	if f.Hidden < lanes {
		f.staged(s, first, last, from, to)
		return
	}
	n, g := f.Hidden, f.Kind.Gates()
	for t := from; t < to; {
		steps := min(f.steps(last-first), to-t)
		o := outputs{
			y:     planeOf(f.Y, first, t, f.Length, n),
			cells: planeOf(f.Cells, first, t, f.Length, n),
			gates: planeOf(f.Gates, first, t, f.Length, g*n),
			gate:  n,
		}
		if t == 0 {
			o.h, o.c = planeOf(f.H0, first, 0, 1, n), planeOf(f.C0, first, 0, 1, n)
		} else {
			o.h, o.c = planeOf(f.Y, first, t-1, f.Length, n), planeOf(f.Cells, first, t-1, f.Length, n)
		}
		f.call(s, o, first, last-first, t, steps, t-from)
		t += steps
	}
}

// staged is run for a layer of less than a vector, whose rows the assembly would
// write past.
func (f *Forward) staged(s *Scratch, first, last, from, to int) {
	n, g := f.Hidden, f.Kind.Gates()
	for ; first < last; first += stageItems {
		items := min(stageItems, last-first)
		for t := from; t < to; t += stageSteps {
			steps := min(stageSteps, to-t)
			stage := s.stage[:cap(s.stage)]
			take := func(rows, width int) plane {
				p := plane{stage[:items*rows*width], rows * width, width}
				stage = stage[len(p.rows):]
				return p
			}
			o := outputs{
				y: take(steps, lanes), cells: take(steps, lanes), gates: take(steps, g*lanes),
				h: take(1, lanes), c: take(1, lanes), gate: lanes,
			}
			for i := range items {
				copy(o.h.rows[i*lanes:], before(f.Y, f.H0, first+i, t, f.Length, n))
				if f.Kind == LSTM {
					copy(o.c.rows[i*lanes:], before(f.Cells, f.C0, first+i, t, f.Length, n))
				}
			}
			f.call(s, o, first, items, t, steps, t-from)
			for i := range items {
				for j := range steps {
					now, staged := (first+i)*f.Length+t+j, i*steps+j
					copy(row(f.Y, now, n), o.y.rows[staged*lanes:])
					copy(row(f.Cells, now, n), o.cells.rows[staged*lanes:])
					if f.Gates != nil {
						for q := range g {
							copy(f.Gates[(now*g+q)*n:][:n], o.gates.rows[(staged*g+q)*lanes:])
						}
					}
				}
			}
		}
	}
}

// call runs some steps of some items, from sample t, which is the at-th of the
// piece.
func (f *Forward) call(s *Scratch, o outputs, first, items, t, steps, at int) {
	r := &s.forwardRun
	r.h, r.hItem, _ = o.h.place()
	r.c, r.cItem, _ = o.c.place()
	r.y, r.yItem, r.yStep = o.y.place()
	r.cells, r.cellsItem, r.cellsStep = o.cells.place()
	r.gates, r.gatesItem, r.gatesStep = o.gates.place()
	r.gate = o.gate * size
	r.x, r.xItem, r.xStep = planeOf(f.X, first, t, f.Length, f.In).place()
	r.p, r.pItem, r.pStep = nil, 0, 0
	if f.In != f.Inputs {
		r.p, r.pItem, r.pStep = planeOf(f.Products, first, at, f.ProductSteps, f.Kind.Gates()*f.Slots).place()
	}
	r.slots, r.lastUnit = f.Slots*size, (max(f.Hidden, lanes)-lanes)*size
	r.w, r.k = &f.forward[0], &table[0][0]
	r.in, r.hidden, r.items, r.steps = f.In, f.Hidden, items, steps
	if f.Kind == GRU {
		gruForwardAVX2(r)
	} else {
		lstmForwardAVX2(r)
	}
}
