// Package config turns YAML recipes into Go structs, strictly, and back.
//
// The struct is the YAML, its literal carries the defaults, Validate names field, value and bound:
//
//	type Adam struct {
//		LR    float64    `yaml:"lr" doc:"learning rate"`
//		Betas [2]float64 `yaml:"betas"`
//	}
//
//	func (a Adam) Validate() error {
//		if a.LR <= 0 {
//			return config.Field("lr", a.LR, "> 0")
//		}
//		return nil
//	}
//
// A package whose sections come in kinds declares one table, a function, so that a kind may hold
// sections of the same table and every caller gets values of its own:
//
//	func Kinds() config.Kinds[Loss] {
//		return config.Kinds[Loss]{
//			"esr":          ESR{},
//			"pre_emphasis": PreEmphasis{Coef: 0.85, Losses: config.ListOf(Kinds, "esr")},
//		}
//	}
//
// and a recipe names the table and its default:
//
//	recipe := Recipe{
//		Model: config.Of(model.Kinds, "tcn"),      // config.Section[model.Config]
//		Loss:  config.ListOf(loss.Kinds, "mrstft"), // config.List[loss.Config]
//	}
//	err := config.Load(&recipe, "tcn.yaml", data, []string{"optim.lr=1e-3"})
//
// What a field may be: bool, any int, uint or float type, string, a type with text methods
// (such as Length), a struct, a Section, a List, and pointers to, slices, arrays and
// string-keyed maps of these. Its key is the yaml tag, or the field name in lower case; "-" hides it.
// The keys of an embedded struct are keys of its parent. A pointer is an optional value: null is nil.
// A struct with a Shorthand may be given as the one field's value that this names.
// Anything else is a programmer's mistake and panics.
//
// A mapping in the file merges over the defaults; a list or a map replaces its default whole.
// Elements of a slice, values of a map and what a nil pointer becomes start from zero values, and
// so can hold no Section or List: a List is the slice whose elements have defaults.
package config
