package device

import "math"

// Func names an elementwise function of one number and one parameter p. Its
// row in Funcs serves every device.
type Func uint8

// The elementwise functions. Where a row says nothing of p, p is ignored.
const (
	Exp        Func = iota
	Log             // natural
	Sqrt            // gradient 0 at 0
	Square          //
	Reciprocal      //
	Abs             // gradient 0 at 0
	Scale           // p*x
	Shift           // x + p
	Pow             // x^p
	ClampMin        // max(x, p); gradient 0 below p
	Tanh
	Sigmoid
	ReLU
	LeakyReLU // slope p below 0
	SiLU      // x * sigmoid(x)
	GELU      // exact, by erf
	Softplus  // log(1 + exp(x))
	ELU       // p*(exp(x)-1) below 0
	Hardtanh  // x clamped to [-1, 1]
	Hardswish // x * clamp(x+3, 0, 6) / 6
	Softsign  // x / (1 + |x|)
	LogCosh   // log(cosh(x) + p), stable for large x
	Sin
	Cos
)

// FuncRow declares an elementwise function: its value and its derivative with
// respect to x, given the value y.
type FuncRow struct {
	Name string
	F    func(x, p float64) float64
	DF   func(x, y, p float64) float64
}

// Funcs is the table of elementwise functions, indexed by Func. Adding one is
// a constant, a row, and a wrapper in ops.
var Funcs = [...]FuncRow{
	Exp: {"Exp",
		func(x, _ float64) float64 { return math.Exp(x) },
		func(_, y, _ float64) float64 { return y }},
	Log: {"Log",
		func(x, _ float64) float64 { return math.Log(x) },
		func(x, _, _ float64) float64 { return 1 / x }},
	Sqrt: {"Sqrt",
		func(x, _ float64) float64 { return math.Sqrt(x) },
		func(_, y, _ float64) float64 {
			if y == 0 {
				return 0
			}
			return 0.5 / y
		}},
	Square: {"Square",
		func(x, _ float64) float64 { return x * x },
		func(x, _, _ float64) float64 { return 2 * x }},
	Reciprocal: {"Reciprocal",
		func(x, _ float64) float64 { return 1 / x },
		func(_, y, _ float64) float64 { return -y * y }},
	Abs: {"Abs",
		func(x, _ float64) float64 { return math.Abs(x) },
		func(x, _, _ float64) float64 {
			switch {
			case x > 0:
				return 1
			case x < 0:
				return -1
			}
			return 0
		}},
	Scale: {"Scale",
		func(x, p float64) float64 { return p * x },
		func(_, _, p float64) float64 { return p }},
	Shift: {"Shift",
		func(x, p float64) float64 { return x + p },
		func(_, _, _ float64) float64 { return 1 }},
	Pow: {"Pow",
		func(x, p float64) float64 { return math.Pow(x, p) },
		func(x, _, p float64) float64 {
			if p == 0 {
				return 0
			}
			return p * math.Pow(x, p-1)
		}},
	ClampMin: {"ClampMin",
		func(x, p float64) float64 {
			if x < p {
				return p
			}
			return x
		},
		func(x, _, p float64) float64 {
			if x < p {
				return 0
			}
			return 1
		}},
	Tanh: {"Tanh",
		func(x, _ float64) float64 { return math.Tanh(x) },
		func(_, y, _ float64) float64 { return 1 - y*y }},
	Sigmoid: {"Sigmoid",
		func(x, _ float64) float64 { return sigmoid(x) },
		func(_, y, _ float64) float64 { return y * (1 - y) }},
	ReLU: {"ReLU",
		func(x, _ float64) float64 {
			if x < 0 {
				return 0
			}
			return x
		},
		func(x, _, _ float64) float64 { return step(x, 0) }},
	LeakyReLU: {"LeakyReLU",
		func(x, p float64) float64 {
			if x < 0 {
				return p * x
			}
			return x
		},
		func(x, _, p float64) float64 { return step(x, p) }},
	SiLU: {"SiLU",
		func(x, _ float64) float64 { return x * sigmoid(x) },
		func(x, _, _ float64) float64 {
			s := sigmoid(x)
			return s * (1 + x*(1-s))
		}},
	GELU: {"GELU",
		func(x, _ float64) float64 { return 0.5 * x * (1 + math.Erf(x/math.Sqrt2)) },
		func(x, _, _ float64) float64 {
			return 0.5*(1+math.Erf(x/math.Sqrt2)) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		}},
	Softplus: {"Softplus",
		func(x, _ float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
		func(x, _, _ float64) float64 { return sigmoid(x) }},
	ELU: {"ELU",
		func(x, p float64) float64 {
			if x < 0 {
				return p * math.Expm1(x)
			}
			return x
		},
		func(x, y, p float64) float64 {
			if x < 0 {
				return y + p
			}
			return 1
		}},
	Hardtanh: {"Hardtanh",
		func(x, _ float64) float64 {
			switch {
			case x < -1:
				return -1
			case x > 1:
				return 1
			}
			return x
		},
		func(x, _, _ float64) float64 {
			if x <= -1 || x >= 1 {
				return 0
			}
			return 1
		}},
	Hardswish: {"Hardswish",
		func(x, _ float64) float64 {
			switch {
			case x <= -3:
				return 0
			case x >= 3:
				return x
			}
			return x * (x + 3) / 6
		},
		func(x, _, _ float64) float64 {
			switch {
			case x <= -3:
				return 0
			case x >= 3:
				return 1
			}
			return x/3 + 0.5
		}},
	Softsign: {"Softsign",
		func(x, _ float64) float64 { return x / (1 + math.Abs(x)) },
		func(x, _, _ float64) float64 {
			d := 1 + math.Abs(x)
			return 1 / (d * d)
		}},
	LogCosh: {"LogCosh",
		func(x, p float64) float64 {
			a := math.Abs(x)
			y := a + math.Log1p(math.Exp(-2*a)) - math.Ln2
			if a < 1 { // keeps x^2/2 near zero
				s := math.Sinh(x / 2)
				y = math.Log1p(2 * s * s)
			}
			return y + math.Log1p(p*sech(x))
		},
		func(x, _, p float64) float64 { return math.Tanh(x) / (1 + p*sech(x)) }},
	Sin: {"Sin",
		func(x, _ float64) float64 { return math.Sin(x) },
		func(x, _, _ float64) float64 { return math.Cos(x) }},
	Cos: {"Cos",
		func(x, _ float64) float64 { return math.Cos(x) },
		func(x, _, _ float64) float64 { return -math.Sin(x) }},
}

// String is the name of its row.
func (f Func) String() string { return Funcs[f].Name }

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// sech is 1/cosh.
func sech(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	return 2 * e / (1 + e*e)
}

func step(x, below float64) float64 {
	if x > 0 {
		return 1
	}
	return below
}
