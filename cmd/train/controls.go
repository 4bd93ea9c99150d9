package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// controls is a flag's value: where the knobs of a model stand.
type controls struct{ to *map[string]float64 }

// controlsFlag gives a command --controls.
func controlsFlag(c *cobra.Command, to *map[string]float64) {
	c.Flags().Var(controls{to}, "controls", "where the knobs of a model stand, from 0 to 1, as in gain=0.7,tone=0.3")
}

// String implements pflag.Value.
func (c controls) String() string {
	if c.to == nil {
		return ""
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(*c.to)) {
		list = append(list, fmt.Sprintf("%s=%v", name, (*c.to)[name]))
	}
	return strings.Join(list, ",")
}

// Type implements pflag.Value.
func (c controls) Type() string { return "name=value,..." }

// Set implements pflag.Value.
func (c controls) Set(text string) error {
	if *c.to == nil {
		*c.to = map[string]float64{}
	}
	for _, item := range strings.Split(text, ",") {
		name, value, ok := strings.Cut(item, "=")
		v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if !ok || err != nil || strings.TrimSpace(name) == "" {
			return fmt.Errorf("%q is not of the form name=number", item)
		}
		(*c.to)[strings.TrimSpace(name)] = v
	}
	return nil
}
