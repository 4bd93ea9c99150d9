package train

import (
	"errors"

	"partials/internal/config"
	"partials/model"
)

// Checked is what Check found of a recipe that can run.
type Checked struct {
	Recipe     string // resolved YAML
	Facts      model.Facts
	Parameters int
	Rate       int // Hz
	Examples   int // of an epoch
	Excerpts   int // of validation
}

// Check says whether a recipe can run: it opens the data, builds everything
// and runs one batch forward and backward, and leaves nothing behind.
func Check(r Recipe, o Options) (_ *Checked, err error) {
	s, _, err := fit(r, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	resolved, err := config.Marshal(s.recipe)
	if err != nil {
		return nil, err
	}
	return &Checked{Recipe: string(resolved), Facts: s.model.Facts(), Parameters: s.params.Len(), Rate: s.data.Rate(),
		Examples: s.data.Len(), Excerpts: len(s.data.Excerpts())}, nil
}
