package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"partials/autograd"
	"partials/loss"
	"partials/model"
	"partials/ops"
)

// member is a model of a packed one, or the recipe's only model.
type member struct {
	model model.Model
	loss  *loss.Sum
	eval  *evaluation // made by the first
}

// standing is how good a member of a packed model was at its best.
type standing struct {
	Best     Number `json:"best"`
	BestStep int    `json:"best_step"` // 0 before the first validation
}

// newMembers builds a loss for each member.
func (s *session) newMembers(env loss.Env) error {
	for _, m := range model.Members(s.model) {
		l, err := loss.New(s.recipe.Loss, env)
		if err != nil {
			return err
		}
		s.members = append(s.members, &member{model: m, loss: l})
	}
	s.terms = make([]float64, len(s.members[0].loss.Terms()))
	return nil
}

// packed says whether the model is several.
func (s *session) packed() bool { return len(s.members) > 1 }

// sumLoss is the loss of all members.
func (s *session) sumLoss(step int, pass model.Pass, x, target *autograd.Var) *autograd.Var {
	var total *autograd.Var
	for _, m := range s.members {
		l := m.loss.Apply(s.tape, step, m.model.Forward(pass, x), target)
		if total == nil {
			total = l
		} else {
			total = ops.Add(s.tape, total, l)
		}
	}
	return total
}

// balance is what the losses of all members remember; nil for nothing.
func (s *session) balance() (state [][]float64) {
	for _, m := range s.members {
		if b := m.loss.State(); b != nil {
			state = append(state, b)
		}
	}
	return state
}

// restoreBalance brings back what balance gave.
func (s *session) restoreBalance(state [][]float64) error {
	var errs []error
	for i, m := range s.members {
		var b []float64
		if i < len(state) {
			b = state[i]
		}
		errs = append(errs, m.loss.Restore(b))
	}
	return errors.Join(errs...)
}

// lossTerms are the names of the loss's terms.
func (s *session) lossTerms() []string { return s.members[0].loss.Terms() }

// sumTerms are the terms of the last sumLoss, added up over the members. They
// are good until the next.
func (s *session) sumTerms() []float64 {
	clear(s.terms)
	for _, m := range s.members {
		for i, v := range m.loss.Values(s.tape) {
			s.terms[i] += v
		}
	}
	return s.terms
}

// merged are the means of all members' values, and under each one's name those
// that it is told apart by.
func (s *session) merged(each []map[string]Number) map[string]Number {
	if len(each) == 1 {
		return each[0]
	}
	apart := []string{lossMetric, "esr", s.recipe.Validation.Metric}
	all := map[string]Number{}
	for name := range each[0] {
		sum := 0.0
		for i, values := range each {
			if slices.Contains(apart, name) {
				all[model.MemberName(i)+"."+name] = values[name]
			}
			sum += float64(values[name])
		}
		all[name] = Number(sum / float64(len(each)))
	}
	return all
}

// judgeMembers finds which members of a packed model are better than ever. The
// run's own best is the mean of theirs.
func (s *session) judgeMembers(values map[string]Number) {
	if s.prog.Members == nil {
		for range s.members {
			s.prog.Members = append(s.prog.Members, standing{Best: Number(math.NaN())})
		}
	}
	sum := 0.0
	for i := range s.prog.Members {
		m := &s.prog.Members[i]
		value := values[model.MemberName(i)+"."+s.recipe.Validation.Metric]
		if s.better(float64(value), float64(m.Best)) {
			m.Best, m.BestStep = value, s.prog.Step
			s.prog.BestStep = s.prog.Step
		}
		sum += float64(m.Best)
	}
	s.prog.Best = Number(sum / float64(len(s.prog.Members)))
}

// saveBest writes the file of the best weights: the run's state, in which each
// member of a packed model is at its own best. Those that are not now are as the
// file had them.
func (s *session) saveBest(path string) error {
	f, err := s.state()
	if err != nil {
		return err
	}
	for i, m := range s.prog.Members {
		if m.BestStep == s.prog.Step {
			continue
		}
		old, err := readTensors(path)
		if err != nil {
			return err
		}
		prefix := model.MemberName(i) + "."
		for name := range f.Tensors {
			if !strings.HasPrefix(strings.TrimPrefix(name, averagePrefix), prefix) {
				continue
			}
			t, ok := old.Tensors[name]
			if !ok {
				return fmt.Errorf("%s does not belong to this recipe: it has no tensor %q", path, name)
			}
			f.Tensors[name] = t
		}
	}
	return writeTensors(path, f)
}
