package partials_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// licencesPage lists what the command is built from.
const licencesPage = "docs/licences.md"

// licenceMarks tell licences apart by words that only they have. The first that
// fits counts. A module under a licence that is not here needs a decision, and
// then a line.
var licenceMarks = []struct{ name, mark string }{
	{"Apache-2.0", "Apache License"},
	{"CC-BY-4.0", "Creative Commons Attribution 4.0"},
	{"Unlicense", "free and unencumbered software"},
	{"Unlicense", "dedicate any and all copyright interest"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"FTL or GPL-2.0", "The FreeType License"},
	{"BSD-3-Clause", "Redistribution and use in source and binary forms"},
}

// dependency is a module that the command is built from.
type dependency struct{ Path, Version, Dir string }

// dependencies are the modules of cmd/train on any system that is released.
func dependencies(t *testing.T) []dependency {
	t.Helper()
	seen := map[string]bool{}
	var list []dependency
	for _, system := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/train")
		cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p struct{ Module *dependency }
			if err := dec.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if p.Module == nil || p.Module.Path == "partials" || seen[p.Module.Path] {
				continue
			}
			seen[p.Module.Path] = true
			list = append(list, *p.Module)
		}
	}
	return list
}

func licenceOf(t *testing.T, d dependency) string {
	t.Helper()
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*", "UNLICENSE*"} {
		paths, err := filepath.Glob(filepath.Join(d.Dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			words := strings.Join(strings.Fields(string(text)), " ")
			for _, l := range licenceMarks {
				if strings.Contains(words, l.mark) {
					return l.name
				}
			}
		}
	}
	t.Errorf("%s %s has no licence that is known here", d.Path, d.Version)
	return "?"
}

// The page of licences lists every module in the program, with its licence. go
// test . -update writes it.
func TestLicences(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What the program is built from\n\nThe modules in `train`, with their licences. The binaries of `make release` come with the texts.\n" +
		"Go itself is BSD-3-Clause; the sounds inside the program are listed in `datasets/embedded/LICENSES.md`, the fonts of the\n" +
		"pictures (Liberation, in go-fonts) are under the SIL Open Font License.\n\n| module | licence |\n|---|---|\n")
	list := dependencies(t)
	slices.SortFunc(list, func(a, b dependency) int { return strings.Compare(a.Path, b.Path) })
	for _, d := range list {
		fmt.Fprintf(&b, "| %s | %s |\n", d.Path, licenceOf(t, d))
	}
	holdPage(t, licencesPage, b.String())
}
