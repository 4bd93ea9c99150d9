package config

import "strings"

// closest returns the known word that a mistyped one most likely meant, or "".
// It allows one edit for every three letters, at least one; of equals the first wins.
func closest(word string, known []string) string {
	normal := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }
	best, bestEdits := "", 1+max(1, min(len(word), 64)/3)
	for _, k := range known {
		if edits := edits(normal(word), normal(k), bestEdits); edits < bestEdits && edits < len(k) {
			best, bestEdits = k, edits
		}
	}
	return best
}

// edits counts insertions, deletions, substitutions and swaps of neighbours that lead from a to b
// (optimal string alignment); it stops early, with limit, where the lengths alone exceed it.
func edits(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var before []int // the row two above
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}

// unknown says that word is none of the known ones: "unknown key "lrr"; did you mean lr? known keys: ...".
func unknown(what, word string, known []string) string {
	text := "unknown " + what + " " + quote(word)
	if len(known) == 0 {
		return text + "; there are no " + what + "s here"
	}
	if best := closest(word, known); best != "" {
		text += "; did you mean " + best + "?"
	} else {
		text += ";"
	}
	return text + " known " + what + "s: " + strings.Join(known, ", ")
}
