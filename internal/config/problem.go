package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problem is one mistake in a recipe: where it is and what to do.
type Problem struct {
	File         string // the name given to Load
	Line, Column int    // 1-based; 0 where the value came from no file
	Override     string // the text of the override that gave the value, or ""
	Path         string // of the value or its section, as loss[0].weight; "" is the whole recipe
	Text         string // the message, without the place

	order int // of the override among all
}

// Error is "file:line:column: text", or the override's text in place of a position.
func (p Problem) Error() string {
	switch {
	case p.Override != "":
		return "override " + quote(p.Override) + ": " + p.Text
	case p.Line > 0:
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
	case p.File != "":
		return p.File + ": " + p.Text
	}
	return p.Text
}

// Errors is what Load returns: all problems, those of the file first, by line, then
// those of overrides, in their order, then those of defaults.
type Errors []Problem

// Error gives one problem a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted orders the problems and drops repetitions: a Validate that an embedded
// struct lends to its parent is called for both.
func (e Errors) sorted() Errors {
	group := func(p Problem) int {
		switch {
		case p.Override != "":
			return 1
		case p.Line > 0:
			return 0
		}
		return 2
	}
	slices.SortStableFunc(e, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(group(a), group(b)), cmp.Compare(a.order, b.order),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	seen := make(map[Problem]bool, len(e))
	return slices.DeleteFunc(e, func(p Problem) bool {
		again := seen[p]
		seen[p] = true
		return again
	})
}

// broken tells whether the value at a path, or one below it, already has a problem: its Validate
// would judge defaults that stand in for what could not be read.
func (e Errors) broken(at string) bool {
	return slices.ContainsFunc(e, func(p Problem) bool {
		rest, ok := strings.CutPrefix(p.Path, at)
		return ok && (at == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// quote quotes a user's text, cut where it is long.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "..."
	}
	return strconv.Quote(s)
}
