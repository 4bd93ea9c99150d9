package partials_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"partials/datasets"
	"partials/internal/config"
	"partials/loss"
	"partials/model"
	"partials/optim"
	"partials/spectral"
	"partials/train"
)

var update = flag.Bool("update", false, "rewrite the generated pages in docs")

// table is a table of kinds: a part of docs/recipes.md.
type table struct {
	title, intro string
	kinds        map[string]any
}

func tableOf[T any](title, intro string, kinds func() config.Kinds[T]) table {
	t := table{title, intro, map[string]any{}}
	for name, value := range kinds() {
		t.kinds[name] = value
	}
	return t
}

func tables() []table {
	return []table{
		tableOf("Data", "`data:` is one of these.", datasets.Kinds),
		tableOf("Effects", "`augment:` and `degrade:` of the data are lists of these.", datasets.Effects),
		tableOf("Models", "`model:` is one of these.", model.Kinds),
		tableOf("Losses", "`loss:` is a list of these; the run minimises their weighted sum. A row is one channel of one example.", loss.Kinds),
		tableOf("Optimizers", "`optim:` is one of these.", optim.Kinds),
		tableOf("Schedules", "`schedule:`, the learning rate over the steps, is one of these.", optim.Schedules),
	}
}

// groups are the kinds in alphabetical order, those of one struct together.
func (t table) groups() [][]string {
	var out [][]string
	place := map[reflect.Type]int{}
	for _, kind := range slices.Sorted(maps.Keys(t.kinds)) {
		s := reflect.TypeOf(t.kinds[kind])
		if i, ok := place[s]; ok {
			out[i] = append(out[i], kind)
			continue
		}
		place[s] = len(out)
		out = append(out, []string{kind})
	}
	return out
}

// part is where the kinds of a list or a section stand on the page.
func part(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[config.Section[datasets.Config]]():
		return "Data"
	case reflect.TypeFor[config.List[datasets.EffectConfig]]():
		return "Effects"
	case reflect.TypeFor[config.Section[model.Config]](), reflect.TypeFor[config.List[model.Config]]():
		return "Models"
	case reflect.TypeFor[config.List[loss.Config]]():
		return "Losses"
	case reflect.TypeFor[config.Section[optim.Config]]():
		return "Optimizers"
	case reflect.TypeFor[config.Section[optim.ScheduleConfig]]():
		return "Schedules"
	}
	return ""
}

// row is one key of a recipe.
type row struct{ path, typ, value, doc string }

// typeOf is what a field of a recipe takes, in the words of the page's
// introduction; many is their plural.
func typeOf(t *testing.T, f reflect.Type) (one, many string) {
	t.Helper()
	value := reflect.New(f).Interface()
	_, text := value.(interface{ UnmarshalText([]byte) error })
	switch {
	case strings.HasPrefix(f.Name(), "Section["):
		return "section", "sections"
	case strings.HasPrefix(f.Name(), "List["):
		return "list of sections", "lists of sections"
	case f == reflect.TypeFor[config.Length]():
		return "length", "lengths"
	case f == reflect.TypeFor[spectral.Window]():
		return "window", "windows"
	case text:
		return "text", "texts"
	}
	switch f.Kind() {
	case reflect.Bool:
		return "true/false", ""
	case reflect.Int, reflect.Uint64:
		return "integer", "integers"
	case reflect.Float64:
		return "number", "numbers"
	case reflect.String:
		return "text", "texts"
	case reflect.Struct:
		return "mapping", "mappings"
	case reflect.Pointer:
		one, _ = typeOf(t, f.Elem())
		return one + " or null", ""
	case reflect.Slice:
		_, many = typeOf(t, f.Elem())
		return "list of " + many, ""
	case reflect.Map:
		_, many = typeOf(t, f.Elem())
		return "names with " + many, ""
	case reflect.Array:
		_, many = typeOf(t, f.Elem())
		return fmt.Sprintf("list of %d %s", f.Len(), many), ""
	}
	t.Fatalf("docs/recipes.md has no word for the type %s", f)
	return "", ""
}

// rowsOf lists the keys of a struct and, under dotted paths, of the structs in
// it. n is the struct as YAML with its defaults, or nil where there is none.
func rowsOf(t *testing.T, s reflect.Type, path string, n *yaml.Node) []row {
	t.Helper()
	var rows []row
	for i := range s.NumField() {
		f := s.Field(i)
		key := f.Tag.Get("yaml")
		if f.Anonymous && key == "" {
			rows = append(rows, rowsOf(t, f.Type, path, n)...)
			continue
		}
		if key == "-" || !f.IsExported() {
			continue
		}
		if key == "" {
			key = strings.ToLower(f.Name)
		}
		at, doc, value := path+key, f.Tag.Get("doc"), entry(n, key)
		typ, _ := typeOf(t, f.Type)
		if p := part(f.Type); p != "" {
			link := fmt.Sprintf("[%s](#%[1]s)", strings.ToLower(p))
			rows = append(rows, row{at, typ, shown(value), strings.TrimPrefix(doc+"; see "+link, "; ")})
			continue
		}
		inner := f.Type
		at += map[reflect.Kind]string{reflect.Slice: "[]"}[inner.Kind()]
		if inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		_, text := reflect.New(inner).Interface().(interface{ UnmarshalText([]byte) error })
		if inner.Kind() != reflect.Struct || text {
			rows = append(rows, row{path + key, typ, shown(value), doc})
			continue
		}
		if doc != "" {
			rows = append(rows, row{path + key, typ, shown(value), doc})
		}
		rows = append(rows, rowsOf(t, inner, at+".", value)...)
	}
	return rows
}

// entry is the value of a key of a mapping, or nil.
func entry(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// shown is a default as a recipe would give it on one line; a section is its
// kind, and any other mapping stands in rows of its own.
func shown(n *yaml.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind == yaml.SequenceNode:
		items := make([]string, len(n.Content))
		for i, c := range n.Content {
			items[i] = shown(c)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case n.Kind == yaml.MappingNode:
		return shown(entry(n, "kind"))
	case n.Value == "":
		return `""`
	}
	return n.Value
}

func parse(t *testing.T, text []byte) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return n.Content[0]
}

func defaultsOf(t *testing.T, v any) *yaml.Node {
	t.Helper()
	text, err := config.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, text)
}

// comment is the doc comment of a type of this module, on one line.
func comment(t *testing.T, s reflect.Type) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(strings.TrimPrefix(s.PkgPath(), "partials/"), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if ok && g.Tok == token.TYPE && g.Specs[0].(*ast.TypeSpec).Name.Name == s.Name() {
				return strings.Join(strings.Fields(g.Doc.Text()), " ")
			}
		}
	}
	return ""
}

// page generates docs/recipes.md.
func page(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Recipes: every key

A recipe is a YAML file that decides a run. This page lists what it may say: every section, every kind of it, every key with its
type and default. ` + "`train validate my.yaml`" + ` writes a recipe out with all of them, and any key can be given on the command line, as
` + "`model.channels=8`, `loss[0].weight=0.5` or `data.augment=[polarity]`" + `. Sections and a list of sections look so:

` + "```yaml" + `
model: {kind: tcn, channels: 8}
loss: [mrstft, {kind: esr, weight: 0.5}]
schedule: cosine
` + "```" + `

These are the types:

| type | |
|---|---|
| integer | a whole number; where it counts samples it takes no seconds |
| number | any finite number |
| true/false | true or false |
| text | a word, a name or a path; where there is a choice the key's line says so |
| length | seconds (2.5s, 300ms) or samples (4096); negative from the end, where the key's line says so |
| window | text: hann, hamming, blackman, bartlett, kaiser(beta) or rectangular; with the word symmetric in front, not periodic; with sqrt in front of all, its square root; or its samples, as the text "[0, 0.5, 1, 0.5]" |
| section | a mapping with the key ` + "`kind`" + ` and the keys of that kind, or the kind's name alone; without ` + "`kind`" + ` the default kind stays |
| list of sections | a list, even of one, each item a section that names its kind; it replaces the default list whole |
| list of ... | a list, of just so many where a number is given; for a list of texts one text alone will do |
| names with ... | a mapping whose keys are names of your own |
| mapping | keys of its own, which stand under it after a dot; ` + "`[]`" + ` stands for any item of a list of mappings |
| ... or null | null for none |

The page is generated from the code by ` + "`go test . -update`" + `.

## The recipe

`)
	whole, err := train.Options{}.Fields("")
	if err != nil {
		t.Fatal(err)
	}
	writeRows(&b, quoted(rowsOf(t, reflect.TypeFor[train.Recipe](), "", parse(t, []byte(whole)))))
	for _, table := range tables() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", table.title, table.intro)
		for _, kinds := range table.groups() {
			s := reflect.TypeOf(table.kinds[kinds[0]])
			fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", strings.Join(kinds, ", "), markdown(comment(t, s)))
			rows := make([][]row, len(kinds))
			for i, kind := range kinds {
				rows[i] = rowsOf(t, s, "", defaultsOf(t, table.kinds[kind]))
			}
			writeRows(&b, merged(kinds, rows))
		}
	}
	return b.String()
}

func writeRows(b *strings.Builder, rows []row) {
	if len(rows) == 0 {
		b.WriteString("No keys.\n")
		return
	}
	b.WriteString("| key | type | default | |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", r.path, r.typ, r.value, markdown(r.doc))
	}
}

// markdown is text without the marks that Markdown would take for its own.
func markdown(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;").Replace(text)
}

// quoted is rows whose defaults are Markdown.
func quoted(rows []row) []row {
	for i := range rows {
		if v := &rows[i].value; *v != "" {
			*v = "`" + *v + "`"
		}
	}
	return rows
}

// merged is the rows of kinds that have the same keys: where their defaults
// differ each is named.
func merged(kinds []string, rows [][]row) []row {
	out := quoted(rows[0])
	for i := range out {
		values := out[i].value + " " + kinds[0]
		differ := false
		for k := 1; k < len(kinds); k++ {
			v := quoted(rows[k][i : i+1])[0].value
			differ = differ || v != out[i].value
			values += ", " + v + " " + kinds[k]
		}
		if differ {
			out[i].value = values
		}
	}
	return out
}

// docs/recipes.md says what the code says.
func TestRecipesPage(t *testing.T) { holdPage(t, "docs/recipes.md", page(t)) }

// holdPage holds a generated page against what it must be, or writes it with
// -update.
func holdPage(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(want, "\n"), strings.Split(string(got), "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		a, b := line(gotLines, i), line(wantLines, i)
		if a != b {
			t.Fatalf("%s is not what the code says; `go test . -update` rewrites it. Line %d is\n%s\nnot\n%s", name, i+1, a, b)
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// Every key of every kind is explained where a user meets it, and every kind
// says what it is.
func TestEveryKeyIsDocumented(t *testing.T) {
	for _, table := range tables() {
		for kind, value := range table.kinds {
			s := reflect.TypeOf(value)
			if comment(t, s) == "" {
				t.Errorf("%s %s: %s has no doc comment", table.title, kind, s)
			}
			for _, r := range rowsOf(t, s, "", defaultsOf(t, value)) {
				if strings.TrimSpace(r.doc) == "" || strings.HasPrefix(r.doc, "see [") {
					t.Errorf("%s %s: %s (%s) has no doc tag", table.title, kind, r.path, s)
				}
			}
		}
	}
}
