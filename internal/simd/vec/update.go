package vec

import (
	"fmt"
	"math"
)

// Adam holds the settings of one AdamStep, in PyTorch's terms.
type Adam struct {
	LR, Beta1, Beta2, Eps float64
	WeightDecay           float64
	Decoupled             bool // AdamW: the decay acts on the weights and not through the gradient
	Step                  int  // 1 for the first step
}

// adamConstants are the settings as the kernels read them.
type adamConstants struct {
	coupled, keep    float32 // g += coupled*p; p *= keep
	beta1, oneMinus1 float32
	beta2, oneMinus2 float32
	correct2, eps    float32 // denominator: sqrt(v)*correct2 + eps
	rate             float32 // LR over the bias correction of m
}

// AdamStep updates the weights p and the moments m and v by the gradient g, which
// it leaves as it is (Kingma and Ba, https://arxiv.org/abs/1412.6980; Decoupled:
// Loshchilov and Hutter, https://arxiv.org/abs/1711.05101):
//
//	d := g[i] + coupled*p[i]                 // coupled = WeightDecay, or 0 if Decoupled
//	m[i] = Beta1*m[i] + (1-Beta1)*d
//	v[i] = Beta2*v[i] + (1-Beta2)*d*d
//	p[i] = keep*p[i] - rate*m[i] / (sqrt(v[i])/sqrt(1-Beta2^Step) + Eps)
//	                                         // keep = 1-LR*WeightDecay, or 1 if not Decoupled
//	                                         // rate = LR/(1-Beta1^Step)
//
// in float32, every product rounded. Moments start at zero. It panics where Step < 1.
func AdamStep(p, g, m, v []float32, o Adam) {
	same2("AdamStep (weights and gradient)", len(p), len(g))
	same3("AdamStep", len(p), len(m), len(v))
	if o.Step < 1 {
		panic(fmt.Sprintf("vec: AdamStep with Step %d; the first is 1", o.Step))
	}
	c := adamConstants{
		coupled: float32(o.WeightDecay), keep: 1,
		beta1: float32(o.Beta1), oneMinus1: float32(1 - o.Beta1),
		beta2: float32(o.Beta2), oneMinus2: float32(1 - o.Beta2),
		correct2: float32(1 / math.Sqrt(1-math.Pow(o.Beta2, float64(o.Step)))),
		eps:      float32(o.Eps),
		rate:     float32(o.LR / (1 - math.Pow(o.Beta1, float64(o.Step)))),
	}
	if o.Decoupled {
		c.coupled, c.keep = 0, float32(1-o.LR*o.WeightDecay)
	}
	for i := adam(p, g, m, v, &c); i < len(p); i++ {
		d := g[i] + float32(c.coupled*p[i])
		m[i] = float32(c.beta1*m[i]) + float32(c.oneMinus1*d)
		v[i] = float32(c.beta2*v[i]) + float32(float32(c.oneMinus2*d)*d)
		root := float32(math.Sqrt(float64(v[i])))
		p[i] = float32(c.keep*p[i]) - float32(c.rate*m[i])/(float32(root*c.correct2)+c.eps)
	}
}

// SGD holds the settings of one SGDStep, in PyTorch's terms.
type SGD struct {
	LR, Momentum, WeightDecay float32
	Nesterov                  bool
}

// SGDStep updates the weights p by the gradient g, which it leaves as it is:
//
//	d := g[i] + WeightDecay*p[i]
//	velocity[i] = Momentum*velocity[i] + d    // starts at zero
//	p[i] -= LR * velocity[i]                  // Nesterov: LR * (d + Momentum*velocity[i])
//
// in float32, every product rounded. Without Momentum the velocity is not used
// and may be nil.
func SGDStep(p, g, velocity []float32, o SGD) {
	same2("SGDStep", len(p), len(g))
	if o.Momentum == 0 {
		for i := range p {
			p[i] -= float32(o.LR * (g[i] + float32(o.WeightDecay*p[i])))
		}
		return
	}
	same2("SGDStep (weights and velocity)", len(p), len(velocity))
	for i := range p {
		d := g[i] + float32(o.WeightDecay*p[i])
		velocity[i] = float32(o.Momentum*velocity[i]) + d
		if o.Nesterov {
			d += float32(o.Momentum * velocity[i])
		} else {
			d = velocity[i]
		}
		p[i] -= float32(o.LR * d)
	}
}
