package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Setting is one value of a recipe, as an override would name it.
type Setting struct{ Key, Value string }

// Flatten lists the values of a YAML document in their order: "optim.lr",
// "loss[1].weight". A list of plain values is one value, "[64, 128]".
func Flatten(name string, text []byte) ([]Setting, error) {
	root, _, err := documents(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var list []Setting
	if root != nil {
		flatten(root, "", &list)
	}
	return list, nil
}

func flatten(n *yaml.Node, at string, list *[]Setting) {
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			flatten(n.Content[i+1], join(at, n.Content[i].Value), list)
		}
	case n.Kind == yaml.SequenceNode && !scalars(n):
		for i, c := range n.Content {
			flatten(c, item(at, i), list)
		}
	default:
		*list = append(*list, Setting{at, inline(n)})
	}
}

// scalars says whether a list holds scalars only.
func scalars(n *yaml.Node) bool {
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}

// inline is a value on one line.
func inline(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "{}"
	case yaml.AliasNode: // none in a recipe that the program wrote
		return "*" + n.Value
	case yaml.SequenceNode:
		var items []string
		for _, c := range n.Content {
			items = append(items, c.Value)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return n.Value
}
