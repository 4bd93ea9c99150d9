package rnn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"partials/internal/impl/impltest"
	"partials/internal/rng"
)

// problem is a layer, and a batch of sequences through it, with random numbers.
type problem struct {
	kind                 Kind
	batch, length, in, n int
	own                  bool // the steps multiply the input
	wi, wh, bi, bh       []float32
	layer                Layer
	f                    Forward
	b                    Backward
	dh, dc               []float32 // after the last sample, (B, H)
}

func random(s *rng.Source, n int, scale float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Uniform(-scale, scale))
	}
	return x
}

func newProblem(kind Kind, batch, length, in, n int, own bool) *problem {
	source := rng.New(1, fmt.Sprint(kind, batch, length, in, n, own))
	s := &source
	g := kind.Gates()
	p := &problem{kind: kind, batch: batch, length: length, in: in, n: n, own: own}
	scale := 1.5 / math.Sqrt(float64(n))
	p.wi, p.wh, p.bi, p.bh = random(s, g*n*in, 1), random(s, g*n*n, scale), random(s, g*n, 1), random(s, g*n, 1)
	p.layer.Pack(kind, in, n, own, p.wi, p.wh, p.bi, p.bh)
	p.layer.packBack(p.wh)
	p.f = Forward{
		Layer: &p.layer, Length: length, X: random(s, batch*length*in, 1),
		H0: random(s, batch*n, 1), C0: random(s, batch*n, 1),
		Y: fill(batch * length * n), Cells: fill(batch * length * n), Gates: fill(batch * length * g * n),
	}
	if !own {
		width := g * p.layer.Slots
		p.f.ProductSteps, p.f.Products = length, make([]float32, batch*length*width)
		for i := range batch * length {
			for j := range width {
				for k, v := range row(p.f.X, i, in) {
					p.f.Products[i*width+j] += v * p.layer.InputRows[j*in+k]
				}
			}
		}
	}
	p.dh, p.dc = random(s, batch*n, 1), random(s, batch*n, 1)
	p.b = Backward{Layer: &p.layer, Length: length, H0: p.f.H0, C0: p.f.C0, DY: random(s, batch*length*n, 1), SumSteps: length}
	return p
}

// fill is n numbers that are none.
func fill(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	return x
}

// forward runs the layer whole.
func (p *problem) forward() {
	var s Scratch
	s.Prepare(&p.layer)
	p.f.Run(&s, 0, p.batch, 0, p.length)
}

// backward goes back over the layer whole.
func (p *problem) backward() {
	p.b.Gates, p.b.Cells, p.b.Y = p.f.Gates, p.f.Cells, p.f.Y
	p.b.Sums = fill(p.batch * p.length * 4 * p.layer.Slots)
	p.b.DH, p.b.DC = p.slots(p.dh), p.slots(p.dc)
	var s Scratch
	s.Prepare(&p.layer)
	p.b.Run(&s, 0, p.batch, 0, p.length)
}

// slots spreads rows of units over slots.
func (p *problem) slots(x []float32) []float32 {
	y := fill(p.batch * p.layer.Slots)
	for b := range p.batch {
		p.layer.Spread(y[b*p.layer.Slots:], row(x, b, p.n))
	}
	return y
}

// definition computes sample t of item b in float64, from the numbers that the
// run left before it.
func (p *problem) definition(b, t int) (gates, cell, y []float64) {
	n, g := p.n, p.kind.Gates()
	h := before(p.f.Y, p.f.H0, b, t, p.length, n)
	c := before(p.f.Cells, p.f.C0, b, t, p.length, n)
	fromX, fromH := make([]float64, g*n), make([]float64, g*n)
	for o := range g * n {
		fromX[o], fromH[o] = float64(p.bi[o]), float64(p.bh[o])
		for i, v := range row(p.f.X, b*p.length+t, p.in) {
			fromX[o] += float64(v) * float64(p.wi[o*p.in+i])
		}
		for i, v := range h {
			fromH[o] += float64(v) * float64(p.wh[o*n+i])
		}
	}
	sig := func(o int) float64 { return 1 / (1 + math.Exp(-fromX[o]-fromH[o])) }
	gates, cell, y = make([]float64, g*n), make([]float64, n), make([]float64, n)
	for u := range n {
		if p.kind == GRU {
			r, z := sig(u), sig(n+u)
			cell[u] = fromH[2*n+u]
			c := math.Tanh(fromX[2*n+u] + r*cell[u])
			gates[u], gates[n+u], gates[2*n+u] = r, z, c
			y[u] = c + z*(float64(h[u])-c)
			continue
		}
		i, f, g, o := sig(u), sig(n+u), math.Tanh(fromX[2*n+u]+fromH[2*n+u]), sig(3*n+u)
		gates[u], gates[n+u], gates[2*n+u], gates[3*n+u] = i, f, g, o
		cell[u] = f*float64(c[u]) + i*g
		y[u] = o * math.Tanh(cell[u])
	}
	return gates, cell, y
}

func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	for i, v := range want {
		if !(math.Abs(float64(got[i])-v) <= tol*max(1, math.Abs(v))) {
			t.Fatalf("%s: number %d is %g, want %g", what, i, got[i], v)
		}
	}
}

var (
	hiddens = []int{1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 129}
	batches = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 17}
)

func eachProblem(f func(p *problem)) {
	for _, kind := range []Kind{LSTM, GRU} {
		for _, n := range hiddens {
			f(newProblem(kind, 3, 3, 1, n, true))
			f(newProblem(kind, 2, 2, 3, n, false))
			f(newProblem(kind, 1, 1, 0, n, true))
		}
		for _, b := range batches {
			f(newProblem(kind, b, 3, 2, 9, true))
			f(newProblem(kind, b, 2, 5, 5, true))
			f(newProblem(kind, b, 2, 2, 24, false))
		}
		f(newProblem(kind, 2, 513, 1, 8, true))
		f(newProblem(kind, 3, 150, 33, 3, true))
	}
}

func (p *problem) String() string {
	return fmt.Sprintf("kind %d, B%d T%d %d->%d own %v", p.kind, p.batch, p.length, p.in, p.n, p.own)
}

// TestForward holds every step against float64, from the numbers before it.
func TestForward(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		eachProblem(func(p *problem) {
			p.forward()
			for b := range p.batch {
				for at := range p.length {
					gates, cells, y := p.definition(b, at)
					now := b*p.length + at
					tol := 2e-6 * math.Sqrt(float64(1+p.in+p.n))
					near(t, p.String()+" gates", row(p.f.Gates, now, len(gates)), gates, tol)
					near(t, p.String()+" cells", row(p.f.Cells, now, p.n), cells, tol)
					near(t, p.String()+" y", row(p.f.Y, now, p.n), y, tol)
				}
			}
		})
	})
}

// TestPieces: items and pieces of a sequence have the bits of the whole, with and
// without the gates.
func TestPieces(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, kind := range []Kind{LSTM, GRU} {
			for _, n := range []int{3, 8, 13, 24} {
				for _, own := range []bool{true, false} {
					p := newProblem(kind, 7, 150, 2, n, own)
					p.forward()
					p.backward()
					whole := [][]float32{p.f.Y, p.f.Cells, p.b.Sums, p.b.DH}
					q := newProblem(kind, 7, 150, 2, n, own)
					q.f.Gates = nil
					var s Scratch
					s.Prepare(&q.layer)
					width := kind.Gates() * q.layer.Slots
					products := q.f.Products
					for first := 0; first < 7; {
						last := min(7, first+1+first)
						for from := 0; from < 150; {
							to := min(150, from+1+from*2)
							if !own {
								q.f.Products = products[from*width:]
							}
							q.f.Run(&s, first, last, from, to)
							from = to
						}
						first = last
					}
					q.f.Gates = p.f.Gates
					q.b.Gates, q.b.Cells, q.b.Y, q.b.DH, q.b.DC = q.f.Gates, q.f.Cells, q.f.Y, q.slots(q.dh), q.slots(q.dc)
					sums := fill(len(p.b.Sums))
					for _, items := range [][2]int{{5, 7}, {4, 5}, {0, 4}} {
						for to := 150; to > 0; {
							from := max(0, to-37)
							q.b.Sums = sums[from*4*q.layer.Slots:]
							q.b.Run(&s, items[0], items[1], from, to)
							to = from
						}
					}
					for i, x := range [][]float32{q.f.Y, q.f.Cells, sums, q.b.DH} {
						if !slices.Equal(x, whole[i]) {
							t.Errorf("%v: array %d of Y, Cells, Sums, DH has other bits in pieces", p, i)
						}
					}
				}
			}
		}
	})
}

// TestBackward holds the gradients against float64, step by step from the numbers
// that the run left after it.
func TestBackward(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		eachProblem(func(p *problem) {
			p.forward()
			for _, detach := range []int{0, 2} {
				p.b.Detach = detach
				p.backward()
				p.checkBackward(t)
			}
		})
	})
}

func (p *problem) checkBackward(t *testing.T) {
	t.Helper()
	n, s := p.n, p.layer.Slots
	for b := range p.batch {
		dh, dc := wide64(row(p.dh, b, n)), wide64(row(p.dc, b, n))
		for at := p.length - 1; at >= 0; at-- {
			now := b*p.length + at
			got := row(p.b.Sums, now, 4*s)
			gates, cells, dy := row(p.f.Gates, now, p.kind.Gates()*n), row(p.f.Cells, now, n), row(p.b.DY, now, n)
			want := make([]float64, 4*n)
			for u := range n {
				h := dh[u] + float64(dy[u])
				if p.kind == GRU {
					r, z, c := float64(gates[u]), float64(gates[n+u]), float64(gates[2*n+u])
					dn := h * (1 - z) * (1 - c*c)
					want[u], want[n+u] = dn, dn*float64(cells[u])*r*(1-r)
					want[2*n+u] = h * (float64(before(p.f.Y, p.f.H0, b, at, p.length, n)[u]) - c) * z * (1 - z)
					want[3*n+u] = dn * r
					dh[u] = h * z
					continue
				}
				i, f, g, o := float64(gates[u]), float64(gates[n+u]), float64(gates[2*n+u]), float64(gates[3*n+u])
				c := math.Tanh(float64(cells[u]))
				d := dc[u] + h*o*(1-c*c)
				want[u], want[n+u] = d*g*i*(1-i), d*float64(before(p.f.Cells, p.f.C0, b, at, p.length, n)[u])*f*(1-f)
				want[2*n+u], want[3*n+u] = d*i*(1-g*g), h*c*o*(1-o)
				dc[u], dh[u] = d*f, 0
			}
			tol := 1e-5 * math.Sqrt(float64(n))
			for q := range 4 {
				for slot := range s {
					w := 0.0
					if unit, is, _ := p.layer.unit(slot); is {
						w = want[q*n+unit]
					}
					if !(math.Abs(float64(got[q*s+slot])-w) <= tol*max(1, math.Abs(w))) {
						t.Fatalf("%v detach %d: item %d sample %d: sum %d of slot %d is %g, want %g", p, p.b.Detach, b, at, q, slot, got[q*s+slot], w)
					}
				}
			}
			toState := want[:4*n]
			if p.kind == GRU {
				toState = want[n:]
			}
			for o := range p.kind.Gates() * n {
				d := toState[o]
				for u := range n {
					dh[u] += d * float64(p.wh[o*n+u])
				}
			}
			if p.b.Detach > 0 && at > 0 && at%p.b.Detach == 0 {
				clear(dh)
				clear(dc)
			}
		}
		for slot := range s {
			if unit, is, _ := p.layer.unit(slot); is {
				near(t, p.String()+" dh", p.b.DH[b*s+slot:][:1], dh[unit:unit+1], 1e-4)
				if p.kind == LSTM {
					near(t, p.String()+" dc", p.b.DC[b*s+slot:][:1], dc[unit:unit+1], 1e-4)
				}
			}
		}
	}
}

func wide64(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// TestActivations reads sigmoid and tanh of many numbers off the gates of a layer
// that passes its input on.
func TestActivations(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		const n = 8
		var x []float32
		for e := -40.0; e <= 8; e += 1.0 / 512 {
			x = append(x, float32(math.Exp2(e)), -float32(math.Exp2(e)))
		}
		x = append(x, 0, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()))
		wi := slices.Repeat([]float32{1}, 4*n)
		l := &Layer{}
		l.Pack(LSTM, 1, n, true, wi, make([]float32, 4*n*n), make([]float32, 4*n), make([]float32, 4*n))
		f := Forward{Layer: l, Length: 1, X: x, Y: fill(len(x) * n), Cells: fill(len(x) * n), Gates: fill(len(x) * 4 * n),
			H0: make([]float32, len(x)*n), C0: make([]float32, len(x)*n)}
		f.Run(&Scratch{}, 0, len(x), 0, 1)
		for i, v := range x {
			v := float64(v)
			sig, tan := float64(f.Gates[i*4*n]), float64(f.Gates[i*4*n+2*n])
			if math.IsNaN(v) {
				if !math.IsNaN(sig) || !math.IsNaN(tan) {
					t.Errorf("of NaN: sigmoid %g, tanh %g", sig, tan)
				}
				continue
			}
			if want := 1 / (1 + math.Exp(-v)); !(math.Abs(sig-want) <= 2e-7 && math.Abs(sig-want) <= want*(4e-7+1e-7*math.Abs(v)) || v < -80) {
				t.Errorf("sigmoid(%g) = %g, want %g", v, sig, want)
			}
			if want := math.Tanh(v); !(math.Abs(tan-want) <= 7e-7*math.Abs(want) && math.Abs(tan-want) <= 3e-7) || math.Abs(tan) > 1 {
				t.Errorf("tanh(%g) = %g, want %g", v, tan, want)
			}
		}
	})
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, n := range []int{3, 24} {
		p := newProblem(LSTM, 5, 100, 1, n, true)
		p.forward()
		p.backward()
		var s Scratch
		s.Prepare(&p.layer)
		if a := testing.AllocsPerRun(3, func() {
			p.f.Run(&s, 0, 5, 0, 100)
			p.b.Run(&s, 0, 5, 0, 100)
		}); a != 0 {
			t.Errorf("%d units: a run forward and back allocates %v times", n, a)
		}
	}
}

// BenchmarkRun reports the nanoseconds of one step of one item.
func BenchmarkRun(b *testing.B) {
	for _, c := range []struct {
		name              string
		kind              Kind
		batch, in, hidden int
	}{
		{"LSTM24", LSTM, 1, 1, 24}, {"LSTM24", LSTM, 2, 1, 24}, {"LSTM24", LSTM, 4, 1, 24}, {"LSTM24", LSTM, 8, 1, 24}, {"LSTM24", LSTM, 16, 1, 24},
		{"LSTM8", LSTM, 8, 1, 8}, {"GRU24", GRU, 8, 1, 24}, {"GRU128", GRU, 4, 16, 128}, {"GRU128", GRU, 8, 16, 128},
	} {
		for _, back := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/batch%d/back=%v", c.name, c.batch, back), func(b *testing.B) {
				const length = 61
				p := newProblem(c.kind, c.batch, length, c.in, c.hidden, true)
				p.forward()
				p.backward()
				var s Scratch
				run := func() { p.f.Run(&s, 0, c.batch, 0, length) }
				flops := 2 * c.kind.Gates() * c.hidden * (c.in + c.hidden)
				if back {
					run = func() { p.b.Run(&s, 0, c.batch, 0, length) }
					flops = 2 * c.kind.Gates() * c.hidden * c.hidden
				}
				for b.Loop() {
					run()
				}
				steps := float64(b.N) * length * float64(c.batch)
				b.ReportMetric(b.Elapsed().Seconds()*1e9/steps, "ns/step")
				b.ReportMetric(steps*float64(flops)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
