package policy

import (
	"encoding/xml"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muvpn/assets"
	read "muvpn/service/policy"
)

// node is an element of a template.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

const namespace = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"

// load reads a template.
func load(t *testing.T, path string) node {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var n node
	if err := xml.Unmarshal(text, &n); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if n.XMLName.Space != namespace {
		t.Errorf("%s is of the namespace %q", path, n.XMLName.Space)
	}
	return n
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all are the elements of a name within n, at any depth.
func (n node) all(name string) (list []node) {
	for _, c := range n.Children {
		if c.XMLName.Local == name {
			list = append(list, c)
		}
		list = append(list, c.all(name)...)
	}
	return list
}

// one is the only element of a name within n.
func (n node) one(t *testing.T, name string) node {
	t.Helper()
	list := n.all(name)
	if len(list) != 1 {
		t.Fatalf("%s has %d of %s", n.XMLName.Local, len(list), name)
	}
	return list[0]
}

// walk calls f for n and everything in it.
func (n node) walk(f func(node)) {
	f(n)
	for _, c := range n.Children {
		c.walk(f)
	}
}

// order is which children an element may have, and in which order, by the schema
// that Microsoft has published; of those that are used here.
var order = map[string][]string{
	"policyDefinitions":         {"policyNamespaces", "resources", "supportedOn", "categories", "policies"},
	"policyNamespaces":          {"target", "using"},
	"policy":                    {"parentCategory", "supportedOn", "enabledValue", "disabledValue", "elements"},
	"policyDefinitionResources": {"displayName", "description", "resources"},
	"resources":                 {"stringTable", "presentationTable"},
}

func TestOrderOfElements(t *testing.T) {
	check := func(n node) {
		allowed, known := order[n.XMLName.Local]
		last := 0
		for _, c := range n.Children {
			at := slices.Index(allowed, c.XMLName.Local)
			if known && at < last {
				t.Errorf("in %s the element %s is not in its place", n.XMLName.Local, c.XMLName.Local)
			}
			last = at
		}
	}
	load(t, "muvpn.admx").walk(check)
	for _, path := range languages(t) {
		load(t, path).walk(check)
	}
}

// languages are the files of the languages, which are those of the window.
func languages(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	found, err := filepath.Glob("*/muvpn.adml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		language, _, _ := strings.Cut(filepath.Dir(path), "-")
		files[language] = path
	}
	words, err := assets.Words.ReadDir("words")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range words {
		want = append(want, strings.TrimSuffix(f.Name(), ".json"))
	}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) || len(found) != len(want) {
		t.Errorf("there are %q, want %q", found, want)
	}
	return files
}

var reference = regexp.MustCompile(`\$\((string|presentation)\.(\w+)\)`)

// references are the texts and presentations that the template names.
func references(admx node) map[string]bool {
	named := map[string]bool{}
	admx.walk(func(n node) {
		for _, a := range n.Attrs {
			for _, m := range reference.FindAllStringSubmatch(a.Value, -1) {
				named[m[1]+" "+m[2]] = true
			}
		}
	})
	return named
}

// Every language has every text that the template names, and no other; and a box
// for every element that somebody fills in.
func TestTexts(t *testing.T) {
	admx := load(t, "muvpn.admx")
	named := references(admx)
	texts := map[string]map[string]string{}
	for language, path := range languages(t) {
		adml, has, words := load(t, path), map[string]bool{}, map[string]string{}
		for _, kind := range []string{"string", "presentation"} {
			for _, n := range adml.all(kind) {
				if has[kind+" "+n.attr("id")] {
					t.Errorf("%s has %s twice", path, n.attr("id"))
				}
				has[kind+" "+n.attr("id")] = true
				if kind == "string" {
					words[n.attr("id")] = strings.TrimSpace(n.Text)
				}
			}
		}
		if !maps.Equal(has, named) {
			t.Errorf("%s has %v, named are %v", path, slices.Sorted(maps.Keys(has)), slices.Sorted(maps.Keys(named)))
		}
		for _, list := range admx.all("list") {
			if box := adml.one(t, "listBox"); box.attr("refId") != list.attr("id") || strings.TrimSpace(box.Text) == "" {
				t.Errorf("%s: the box is of %q, and called %q", path, box.attr("refId"), box.Text)
			}
		}
		texts[language] = words
	}
	for language, words := range texts {
		for id, text := range words {
			same := text == texts["en"][id] && language != "en" && id != "MobileUserVPN"
			if same || text == "" {
				t.Errorf("%s: %s is not translated: %q", language, id, text)
			}
		}
	}
}

// What the template refers to within itself is there, and used.
func TestDefinitions(t *testing.T) {
	admx := load(t, "muvpn.admx")
	for refers, defines := range map[string]string{"supportedOn": "definition", "parentCategory": "category"} {
		defined, used := map[string]bool{}, map[string]bool{}
		for _, n := range admx.all(defines) {
			defined[n.attr("name")] = true
		}
		for _, p := range admx.all("policy") {
			used[p.one(t, refers).attr("ref")] = true
		}
		if !maps.Equal(defined, used) {
			t.Errorf("of %s there are %v, used are %v", defines, defined, used)
		}
	}
}

// What the templates write is what the service reads: the names, and the types.
func TestWhatTheServiceReads(t *testing.T) {
	names := read.RegistryNames()
	var seen []string
	for _, p := range load(t, "muvpn.admx").all("policy") {
		name := p.attr("name")
		seen = append(seen, name)
		if p.attr("class") != "Machine" || p.attr("key") != names.Source {
			t.Errorf("%s is of the class %s, in the key %s", name, p.attr("class"), p.attr("key"))
		}
		switch name {
		case names.KillSwitch, names.ReadOnly:
			if p.attr("valueName") != name || len(p.all("elements")) != 0 {
				t.Errorf("%s is the value %q", name, p.attr("valueName"))
			}
			for element, want := range map[string]string{"enabledValue": "1", "disabledValue": "0"} { // a decimal is a REG_DWORD
				if got := p.one(t, element).one(t, "decimal").attr("value"); got != want {
					t.Errorf("%s: %s is %s, want %s", name, element, got, want)
				}
			}
		case names.Signers:
			list := p.one(t, "elements").one(t, "list")
			if list.attr("key") != names.Source+`\`+names.Signers || p.attr("valueName") != "" {
				t.Errorf("%s is the list in %s, and the value %q", name, list.attr("key"), p.attr("valueName"))
			}
			// A prefix, though empty, numbers the values: without it a key would be its
			// own name. Anything else would make them of another type or name.
			prefixed := slices.ContainsFunc(list.Attrs, func(a xml.Attr) bool { return a.Name.Local == "valuePrefix" })
			if !prefixed || len(list.Attrs) != 3 {
				t.Errorf("%s is a list with %v", name, list.Attrs)
			}
		}
	}
	slices.Sort(seen)
	if want := []string{names.KillSwitch, names.Signers, names.ReadOnly}; !slices.Equal(seen, want) {
		t.Errorf("there are policies for %q, the service reads %q", seen, want)
	}
}
