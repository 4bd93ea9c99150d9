package datasets

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
)

// corpus is where a folder that was recognised keeps its sounds.
type corpus struct {
	kind  string
	clean []string // globs below the root
	noise []string
	test  bool // it has a test set of clean and noisy recordings
}

// apply makes a mix read the corpus. What the recipe says of shares stays.
func (c corpus) apply(m *Mix) {
	m.Clean.Root, m.Noise.Root = m.Root, m.Root
	m.Clean.Glob, m.Noise.Glob = below(c.clean, m.Clean.Glob), below(c.noise, m.Noise.Glob)
	if c.test && m.ValidationMix == "" {
		m.ValidationMix = m.Root
	}
}

// below is every pattern of a tree in each of the folders.
func below(folders, glob []string) []string {
	var out []string
	for _, f := range folders {
		for _, g := range glob {
			out = append(out, path.Join(f, g))
		}
	}
	return out
}

// recognise says how a corpus is laid out: VoiceBank-DEMAND
// (https://doi.org/10.7488/ds/2117), whose noise is what its noisy recordings
// have more than its clean ones; the DNS challenge
// (https://github.com/microsoft/DNS-Challenge); or plain folders.
func recognise(root string) (corpus, error) {
	folders, err := foldersOf(root)
	if err != nil {
		return corpus{}, err
	}
	if clean, noisy := begins(folders, "clean_train"), begins(folders, "noisy_train"); len(clean) > 0 && len(noisy) > 0 {
		return corpus{kind: "VoiceBank-DEMAND", clean: clean, noise: noisy,
			test: len(begins(folders, "clean_test")) > 0 && len(begins(folders, "noisy_test")) > 0}, nil
	}
	for _, inner := range append([]string{""}, begins(folders, "datasets")...) {
		folders := folders
		if inner != "" {
			if folders, err = foldersOf(path.Join(root, inner)); err != nil {
				return corpus{}, err
			}
		}
		clean, noise := begins(folders, "clean", "speech", "voice"), begins(folders, "noise")
		if len(clean) == 0 || len(noise) == 0 {
			continue
		}
		c := corpus{kind: "plain folders", clean: within(inner, clean), noise: within(inner, noise)}
		if inner != "" || len(begins(folders, "impulse_responses")) > 0 {
			c.kind = "DNS"
		}
		return c, nil
	}
	return corpus{}, fmt.Errorf("root: %s is not recognised: it holds %s; wanted are clean_trainset... and noisy_trainset... (VoiceBank-DEMAND), "+
		"clean... and noise... (plain, or DNS with them in datasets...); name the folders by clean and noise", root, foldersInWords(folders))
}

func foldersOf(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// begins are the names that begin with one of the words.
func begins(names []string, words ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(strings.ToLower(n), w) })
	})
}

func within(folder string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = path.Join(folder, n)
	}
	return out
}

func foldersInWords(names []string) string {
	if len(names) == 0 {
		return "no folders"
	}
	return "the folders " + listed(names)
}
