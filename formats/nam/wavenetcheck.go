package nam

import "fmt"

// check implements Network.
func (w *WaveNet) check() error {
	if err := within("in_channels", w.Inputs, 1, maxChannels); err != nil {
		return err
	}
	if n := len(w.Arrays); n < 1 || n > maxLayers {
		return fmt.Errorf("layers has %d arrays; it must be from 1 to %d", n, maxLayers)
	}
	var past history
	for i := range w.Arrays {
		a := &w.Arrays[i]
		if err := a.check(&past); err != nil {
			return fmt.Errorf("layers[%d]: %w", i, err)
		}
		if err := w.checkJoint(i); err != nil {
			return fmt.Errorf("layers[%d]: %w", i, err)
		}
	}
	if w.Head != nil {
		if err := w.Head.check(w.Arrays[len(w.Arrays)-1].Head.Out, &past); err != nil {
			return fmt.Errorf("head: %w", err)
		}
	}
	if w.Condition == nil {
		return nil
	}
	in, _ := w.Condition.Net.Channels()
	if in != w.Inputs {
		return fmt.Errorf("condition_dsp takes %d channels, and the model %d", in, w.Inputs)
	}
	if err := w.Condition.check(); err != nil {
		return fmt.Errorf("condition_dsp: %w", err)
	}
	return nil
}

// checkJoint holds array i against what comes before it.
func (w *WaveNet) checkJoint(i int) error {
	a := &w.Arrays[i]
	input, condition := w.Inputs, w.Inputs
	if w.Condition != nil {
		_, condition = w.Condition.Net.Channels()
	}
	if a.Condition != condition {
		return fmt.Errorf("condition_size is %d, but the condition has %d channels", a.Condition, condition)
	}
	if i > 0 {
		before := &w.Arrays[i-1]
		input = before.Channels
		if before.Head.Out != a.Channels {
			return fmt.Errorf("channels is %d, but the head before it has %d outputs; they must be equal", a.Channels, before.Head.Out)
		}
		if before.Head.Out != a.headIn() {
			return fmt.Errorf("its head adds up %d channels, but the head before it has %d outputs", a.headIn(), before.Head.Out)
		}
	}
	if a.Input != input {
		return fmt.Errorf("input_size is %d, but its input has %d channels", a.Input, input)
	}
	return nil
}

func (a *LayerArray) check(past *history) error {
	for _, x := range []struct {
		name  string
		value int
		most  int
	}{
		{"input_size", a.Input, maxChannels}, {"condition_size", a.Condition, maxChannels}, {"channels", a.Channels, maxChannels},
		{"bottleneck", a.Bottleneck, maxChannels}, {"head out_channels", a.Head.Out, maxChannels},
		{"head kernel_size", a.Head.Kernel, maxKernel}, {"head_dilation", a.Head.Dilation, maxDilation},
		{"the number of dilations", len(a.Layers), maxLayers},
	} {
		if err := within(x.name, x.value, 1, x.most); err != nil {
			return err
		}
	}
	if a.Layer1x1 == nil && a.Bottleneck != a.Channels {
		return fmt.Errorf("bottleneck is %d and channels %d; without layer1x1 they must be equal", a.Bottleneck, a.Channels)
	}
	if a.Layer1x1 != nil {
		if err := divides("layer1x1 groups", a.Layer1x1.Groups, a.Bottleneck, a.Channels); err != nil {
			return err
		}
	}
	if a.Head1x1 != nil {
		if err := within("head1x1 out_channels", a.Head1x1.Out, 1, maxChannels); err != nil {
			return err
		}
		if err := divides("head1x1 groups", a.Head1x1.Groups, a.Bottleneck, a.Head1x1.Out); err != nil {
			return err
		}
	}
	if a.FiLM[head1x1Post] != nil && a.Head1x1 == nil {
		return fmt.Errorf("head1x1_post_film is active without head1x1")
	}
	if a.FiLM[layer1x1Post] != nil && a.Layer1x1 == nil {
		return fmt.Errorf("layer1x1_post_film is active without layer1x1")
	}
	for i := range a.Layers {
		if err := a.checkLayer(&a.Layers[i], past); err != nil {
			return fmt.Errorf("layer %d: %w", i, err)
		}
	}
	return past.add(a.headIn(), a.Head.Kernel, a.Head.Dilation)
}

func (a *LayerArray) checkLayer(l *Layer, past *history) error {
	if err := within("kernel_size", l.Kernel, 1, maxKernel); err != nil {
		return err
	}
	if err := within("dilation", l.Dilation, 1, maxDilation); err != nil {
		return err
	}
	width := a.width(l)
	if err := divides("groups_input", a.Groups, a.Channels, width); err != nil {
		return err
	}
	if err := divides("groups_input_mixin", a.MixinGroups, a.Condition, width); err != nil {
		return err
	}
	if err := l.Activation.check(a.Bottleneck); err != nil {
		return err
	}
	if l.Gating != Plain {
		if err := l.Secondary.check(a.Bottleneck); err != nil {
			return err
		}
	}
	for place, f := range a.FiLM {
		if f == nil {
			continue
		}
		if err := divides(filmKeys[place]+" groups", f.Groups, a.Condition, f.outputs(a.filmed(place, l))); err != nil {
			return err
		}
	}
	return past.add(a.Channels, l.Kernel, l.Dilation)
}

func (h *StackHead) check(in int, past *history) error {
	for _, x := range []struct {
		name  string
		value int
		most  int
	}{{"channels", h.Channels, maxChannels}, {"out_channels", h.Out, maxChannels}, {"the number of kernel_sizes", len(h.Kernels), maxLayers}} {
		if err := within(x.name, x.value, 1, x.most); err != nil {
			return err
		}
	}
	for i, k := range h.Kernels {
		if err := within("kernel_sizes", k, 1, maxKernel); err != nil {
			return err
		}
		if err := h.Activation.check(in); err != nil {
			return err
		}
		if err := past.add(in, k, 1); err != nil {
			return err
		}
		in = h.width(i)
	}
	return nil
}
