package nam

// layerReader plays one layer.
type layerReader struct {
	layer    Layer
	conv     *convolution
	mixin    *convolution
	layer1x1 *convolution // or nil
	head1x1  *convolution // or nil
	film     [films]*filmReader
}

type arrayReader struct {
	rechannel, head *convolution
	layers          []layerReader
}

// filmReader scales and shifts by what a convolution makes of the condition.
type filmReader struct {
	conv  *convolution
	shift bool
}

func (f *filmReader) run(x, condition signal) signal {
	if f == nil {
		return x
	}
	by := f.conv.run(condition)
	y := newSignal(len(x), x.frames())
	for c := range y {
		for t, v := range x[c] {
			y[c][t] = v * by[c][t]
			if f.shift {
				y[c][t] += by[len(x)+c][t]
			}
		}
	}
	return y
}

// player implements Network.
func (w *WaveNet) player(from *weights) *player {
	p := &player{warm: 1}
	condition := func(x signal) signal { return x }
	if w.Condition != nil {
		inner := w.Condition.newPlayer()
		condition, p.warm = inner.run, p.warm+inner.warm
	}
	var arrays []*arrayReader
	for i := range w.Arrays {
		a := &w.Arrays[i]
		arrays = append(arrays, from.array(a))
		for _, l := range a.Layers {
			p.warm += (l.Kernel - 1) * l.Dilation
		}
		p.warm += (a.Head.Kernel - 1) * a.Head.Dilation
	}
	var stack []*convolution
	if w.Head != nil {
		in := w.Arrays[len(w.Arrays)-1].Head.Out
		for i, k := range w.Head.Kernels {
			stack = append(stack, from.convolution(in, w.Head.width(i), k, 1, 1, true))
			in = w.Head.width(i)
			p.warm += k - 1
		}
	}
	scale := from.take(1)[0]
	p.run = func(x signal) signal {
		c := condition(x)
		var head signal
		for _, a := range arrays {
			x, head = a.run(x, c, head)
		}
		for _, y := range head {
			for t := range y {
				y[t] *= scale
			}
		}
		for _, conv := range stack {
			head = conv.run(activate(head, w.Head.Activation))
		}
		return head
	}
	return p
}

// array takes an array's weights, in their order.
func (w *weights) array(a *LayerArray) *arrayReader {
	r := &arrayReader{rechannel: w.convolution(a.Input, a.Channels, 1, 1, 1, false)}
	for i := range a.Layers {
		l := &a.Layers[i]
		width := a.width(l)
		lr := layerReader{layer: *l,
			conv:  w.convolution(a.Channels, width, l.Kernel, l.Dilation, a.Groups, true),
			mixin: w.convolution(a.Condition, width, 1, 1, a.MixinGroups, false),
		}
		if a.Layer1x1 != nil {
			lr.layer1x1 = w.convolution(a.Bottleneck, a.Channels, 1, 1, a.Layer1x1.Groups, true)
		}
		if a.Head1x1 != nil {
			lr.head1x1 = w.convolution(a.Bottleneck, a.Head1x1.Out, 1, 1, a.Head1x1.Groups, true)
		}
		for place, f := range a.FiLM {
			if f != nil {
				lr.film[place] = &filmReader{w.convolution(a.Condition, f.outputs(a.filmed(place, l)), 1, 1, f.Groups, true), f.Shift}
			}
		}
		r.layers = append(r.layers, lr)
	}
	r.head = w.convolution(a.headIn(), a.Head.Out, a.Head.Kernel, a.Head.Dilation, 1, a.Head.Bias)
	return r
}

// run returns the residual stream and the head's output. The head's sum begins
// with the output of the head before it, nil for none.
func (a *arrayReader) run(x, condition, head signal) (stream, out signal) {
	x = a.rechannel.run(x)
	for i := range a.layers {
		var contribution signal
		x, contribution = a.layers[i].run(x, condition)
		if head == nil {
			head = contribution
		} else {
			head = add(head, contribution)
		}
	}
	return x, a.head.run(head)
}

// run returns the input of the next layer and what goes to the head.
func (l *layerReader) run(x, c signal) (next, head signal) {
	z := l.film[convPost].run(l.conv.run(l.film[convPre].run(x, c)), c)
	m := l.film[mixinPost].run(l.mixin.run(l.film[mixinPre].run(c, c)), c)
	z = l.film[activationPre].run(add(z, m), c)
	y := l.film[activationPost].run(l.gate(z), c)
	next = x
	if l.layer1x1 != nil {
		r := l.layer1x1.run(y)
		// The hosts' engine knows this FiLM in blended layers only.
		if l.layer.Gating == Blended {
			r = l.film[layer1x1Post].run(r, c)
		}
		next = add(x, r)
	}
	if l.head1x1 == nil {
		return next, y
	}
	return next, l.film[head1x1Post].run(l.head1x1.run(y), c)
}

// gate activates z.
func (l *layerReader) gate(z signal) signal {
	if l.layer.Gating == Plain {
		return activate(z, l.layer.Activation)
	}
	half := len(z) / 2
	first, second := activate(z[:half], l.layer.Activation), activate(z[half:], l.layer.Secondary)
	for c, y := range first {
		for t, s := range second[c] {
			if l.layer.Gating == Gated {
				y[t] *= s
			} else {
				y[t] = s*y[t] + (1-s)*z[c][t]
			}
		}
	}
	return first
}
