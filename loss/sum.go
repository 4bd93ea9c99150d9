package loss

import (
	"fmt"

	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
	"partials/tensor"
)

// Sum is the weighted sum of the terms of a recipe. It is used by one goroutine
// at a time.
type Sum struct {
	terms  []Loss
	weight []float64
	names  []string
	last   []*autograd.Var // of the last Apply
	values []float64

	balancing Balance
	norms     []meanNorm // of the terms, where they are balanced
	weights   float64    // their sum
}

// New builds the terms of a recipe. Errors name the term and its fields.
func New(list config.List[Config], env Env) (*Sum, error) {
	s := &Sum{balancing: env.Balance}
	taken := map[string]bool{}
	for i, item := range list.Items {
		l, err := item.Value.Build(env)
		if err != nil {
			return nil, fmt.Errorf("item %d (%s): %w", i, item.Kind, err)
		}
		common := item.Value.Common()
		name := common.Name
		if name == "" {
			name = item.Kind
		}
		unique := name
		for k := 2; taken[unique]; k++ {
			unique = fmt.Sprintf("%s_%d", name, k)
		}
		taken[unique] = true
		s.terms = append(s.terms, l)
		s.weight = append(s.weight, common.Weight)
		s.weights += common.Weight
		s.names = append(s.names, unique)
	}
	if len(s.terms) == 0 {
		return nil, fmt.Errorf("the list of losses is empty; give at least one term")
	}
	s.last = make([]*autograd.Var, len(s.terms))
	s.values = make([]float64, len(s.terms))
	s.norms = make([]meanNorm, len(s.terms))
	return s, nil
}

// Apply returns the sum, of shape (), of all weighted terms of pred against
// target, both (B, C, T). The step decides the choices of Drawn terms.
func (s *Sum) Apply(t *autograd.Tape, step int, pred, target *autograd.Var) *autograd.Var {
	if pred.Shape != target.Shape || pred.Rank() != 3 {
		panic(&autograd.Fault{Op: "loss.Sum", In: []tensor.Shape{pred.Shape, target.Shape},
			Cause: "prediction and target must have one shape (B, C, T)"})
	}
	var total *autograd.Var
	for i, l := range s.terms {
		if d, ok := l.(Drawn); ok {
			d.Draw(step)
		}
		v := l.Apply(t, s.balance(t, i, pred), target)
		s.last[i] = v
		if total == nil {
			total = ops.Scale(t, v, s.weight[i])
		} else {
			total = ops.Combine(t, 1, total, s.weight[i], v)
		}
	}
	return total
}

// Terms returns the names of the terms, in order and all different: the name
// that the recipe gives, or the kind; repeated ones get "_2", "_3". The slice
// is shared and read-only.
func (s *Sum) Terms() []string { return s.names }

// Values returns the unweighted values of the terms of the last Apply, whose
// tape must not have been Reset. The slice is good until the next call.
func (s *Sum) Values(t *autograd.Tape) []float64 {
	for i, v := range s.last {
		s.values[i] = t.Scalar(v)
	}
	return s.values
}
