package train

import "fmt"

// length is how long a run is.
type length struct {
	steps int // updates in all
	// unit is what schedule, validate.every and save.every count, in updates: one,
	// or an epoch where the recipe counts those.
	unit int
}

// lengthOf is that of a recipe's run on data with so many examples. An epoch is
// all of them but the last that do not fill a batch.
func lengthOf(r Recipe, examples int) (length, error) {
	if r.Epochs == 0 {
		return length{r.Steps, 1}, nil
	}
	unit := examples / r.Batch
	if unit == 0 {
		return length{}, fmt.Errorf("batch is %d, but an epoch has only %d examples; set batch to at most that, or a shorter segment", r.Batch, examples)
	}
	return length{r.Epochs * unit, unit}, nil
}

// due says whether something that happens every so many units happens after
// this step.
func (l length) due(step, every int) bool { return every > 0 && step%(every*l.unit) == 0 }

// longer is what to add to a command so that a run goes on past step.
func (l length) longer(r Recipe, step int) string {
	if r.Epochs > 0 {
		return fmt.Sprintf("epochs=%d", max(2*step/l.unit, r.Epochs))
	}
	return fmt.Sprintf("steps=%d", max(2*step, r.Steps))
}
