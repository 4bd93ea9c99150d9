package optim

import "partials/internal/config"

// bound is nil where ok, and else says which field of a recipe is outside
// which bound. A NaN fails every comparison that ok may be.
func bound(ok bool, field string, value any, must string) error {
	if ok {
		return nil
	}
	return config.Field(field, value, must)
}
