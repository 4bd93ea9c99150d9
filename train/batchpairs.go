package train

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// BatchPair is two recordings that belong together by their names.
type BatchPair struct {
	Name          string // of the model
	Input, Output string
	Error         string // where one is missing
}

// What the names of inputs and of outputs end in, or are.
var (
	inputWords  = []string{"input", "in", "di", "dry"}
	outputWords = []string{"output", "out", "wet", "amp", "target"}
)

// FindBatchPairs finds the pairs of a folder, in alphabetical order:
//
//   - with input given, every other sound file of the folder is an output of it;
//   - two folders in it, in and out (or input and output, dry and wet), hold
//     files of the same names;
//   - NAME-input.wav belongs to NAME-output.wav; the words may also be in, di,
//     dry and out, wet, amp, target, and a dash, underscore, dot or space may
//     stand between;
//   - one file called input.wav (or in, di, dry) is the input of all others.
func FindBatchPairs(folder, input string) ([]BatchPair, error) {
	files, folders, err := sounds(folder)
	if err != nil {
		return nil, err
	}
	if input != "" {
		return pairsOf(input, files)
	}
	in, out := named(folders, inputWords), named(folders, outputWords)
	if in != "" && out != "" {
		return pairsInFolders(in, out)
	}
	if pairs := pairsByName(files); len(pairs) > 0 {
		return pairs, nil
	}
	if one := named(files, inputWords); one != "" {
		return pairsOf(one, files)
	}
	return nil, fmt.Errorf("no pairs were found in %s. Give the one input that all were played from before --batch, or name the files NAME-input.wav and NAME-output.wav, "+
		"or put them under the same names into two folders, in and out", folder)
}

// sounds lists the sound files and the folders in a folder.
func sounds(folder string) (files, folders []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("the folder of the batch: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		ending := strings.ToLower(filepath.Ext(path))
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			folders = append(folders, path)
		case ending == ".wav" || ending == ".flac":
			files = append(files, path)
		}
	}
	return files, folders, nil
}

// stem is a file's name without folder and ending.
func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// named returns the path whose name is one of words, or "".
func named(paths, words []string) string {
	for _, w := range words {
		for _, p := range paths {
			if strings.EqualFold(stem(p), w) || strings.EqualFold(stem(p), w+"s") {
				return p
			}
		}
	}
	return ""
}

// pairsOf are all files as outputs of one input.
func pairsOf(input string, files []string) ([]BatchPair, error) {
	var pairs []BatchPair
	for _, f := range files {
		if !sameFile(f, input) {
			pairs = append(pairs, BatchPair{Name: stem(f), Input: input, Output: f})
		}
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("there are no recordings besides the input %s", input)
	}
	return pairs, nil
}

// pairsInFolders are the files of two folders that have the same name.
func pairsInFolders(in, out string) ([]BatchPair, error) {
	inputs, _, err := sounds(in)
	if err != nil {
		return nil, err
	}
	outputs, _, err := sounds(out)
	if err != nil {
		return nil, err
	}
	var pairs []BatchPair
	for _, o := range outputs {
		p := BatchPair{Name: stem(o), Output: o}
		if i := slices.IndexFunc(inputs, func(x string) bool { return strings.EqualFold(stem(x), stem(o)) }); i >= 0 {
			p.Input = inputs[i]
		} else {
			p.Error = fmt.Sprintf("%s has no input of that name in %s", o, in)
		}
		pairs = append(pairs, p)
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("there are no recordings in %s", out)
	}
	return pairs, nil
}

// pairsByName are the files whose names are alike but for the word at the end.
func pairsByName(files []string) (pairs []BatchPair) {
	for _, f := range files {
		name, ok := without(stem(f), outputWords)
		if !ok {
			continue
		}
		p := BatchPair{Name: name, Output: f}
		for _, g := range files {
			if other, ok := without(stem(g), inputWords); ok && strings.EqualFold(other, name) {
				p.Input = g
				break
			}
		}
		if p.Input == "" {
			p.Error = fmt.Sprintf("%s has no input: there is no %s-input%s", f, name, filepath.Ext(f))
		}
		pairs = append(pairs, p)
	}
	if !slices.ContainsFunc(pairs, func(p BatchPair) bool { return p.Input != "" }) {
		return nil
	}
	return pairs
}

// without takes a word and what stands before it off the end of a name.
func without(name string, words []string) (string, bool) {
	for _, w := range words {
		if n := len(name) - len(w) - 1; n > 0 && strings.EqualFold(name[n+1:], w) && strings.ContainsRune("-_. ", rune(name[n])) {
			return name[:n], true
		}
	}
	return "", false
}
