// Package configs carries the recipes inside the program: one commented YAML
// file for each result that the project claims. Names lists them, Get returns
// their text; docs/recipes.md explains every key.
package configs

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names lists the recipes in alphabetical order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names) // that of files counts the dot of their ending
	return names
}

// Get returns the text of the recipe of that name.
func Get(name string) ([]byte, bool) {
	data, err := files.ReadFile(name + ".yaml")
	return data, err == nil
}
