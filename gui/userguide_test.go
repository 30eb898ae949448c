package gui

import (
	"html"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"muvpn/client"
	"muvpn/gui/tray"
)

// guideFile is what users read, and guidePictures what they see in it.
const (
	guideFile     = "../docs/user.md"
	guidePictures = "../docs/guide"
)

// maxPictures bounds the pictures of the guide, in octets.
const maxPictures = 1_000_000

// guide is the user guide.
func guide(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(guideFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// all are the first groups of every place where a pattern is found, on one line
// each.
func all(pattern, text string) (list []string) {
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		list = append(list, strings.Join(strings.Fields(found[1]), " "))
	}
	return list
}

// headlines are those of the answers, which are bold, too.
var headlines = regexp.MustCompile(`(?m)^\*\*.*[.?]\*\* `)

// What the questions and answers say stands on the screen does, too.
func TestAnswersQuoteTheWindow(t *testing.T) {
	text, err := os.ReadFile("../docs/faq.md")
	if err != nil {
		t.Fatal(err)
	}
	answers := headlines.ReplaceAllString(string(text), "")
	for _, quoted := range misquoted(answers, translations(t, "en")) {
		t.Errorf("%q stands nowhere in the window", quoted)
	}
}

// What the guide says stands on the screen is one of the window's texts, or of the
// tray's.
func TestUserGuideQuotesTheWindow(t *testing.T) {
	for _, quoted := range misquoted(guide(t), translations(t, "en")) {
		t.Errorf("%q stands nowhere in the window", quoted)
	}
}

// misquoted are the bold words of a text that are none of ours. A profile is called
// Office there.
func misquoted(text string, ours map[string]string) (list []string) {
	known := map[string]bool{"bold": true} // as the guide explains
	for english := range ours {
		known[placeholder.ReplaceAllString(english, "Office")] = true
	}
	for _, quoted := range all(`(?s)\*\*(.+?)\*\*`, text) {
		if !known[quoted] {
			list = append(list, quoted)
		}
	}
	return list
}

// The test above finds what may be wrong.
func TestMisquoted(t *testing.T) {
	ours := map[string]string{"Connect": "", "Connect {{.Profile}}": "", "Not\nfound": ""}
	text := "Press **Connect**, **Connect Office** or\n**Conect**, not **Connect\nOffice** nor **Office**."
	if found := misquoted(text, ours); !slices.Equal(found, []string{"Conect", "Office"}) {
		t.Errorf("%q", found)
	}
}

// Every picture is there, says in words what it shows, and none is left over.
func TestUserGuidePictures(t *testing.T) {
	text := guide(t)
	named := all(`<img src="guide/([^"]*)" width="\d+" alt="[^"]+">`, text)
	if n := strings.Count(text, "<img") + strings.Count(text, "!["); n != len(named) {
		t.Errorf("%d pictures, but %d with a width and a text", n, len(named))
	}
	there, size := pictures(t)
	for _, name := range named {
		if !slices.Contains(there, name) {
			t.Errorf("%s is not there: make guide", name)
		}
	}
	for _, name := range there {
		if !slices.Contains(named, name) {
			t.Errorf("%s is in no guide", name)
		}
	}
	if size > maxPictures {
		t.Errorf("all pictures have %d octets, at most %d are good", size, maxPictures)
	}
}

// pictures are those in the folder, and their octets.
func pictures(t *testing.T) (names []string, size int64) {
	t.Helper()
	files, err := os.ReadDir(guidePictures)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := os.Open(filepath.Join(guidePictures, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := png.Decode(f); err != nil {
			t.Errorf("%s: %v", file.Name(), err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		names, size = append(names, file.Name()), size+info.Size()
	}
	return names, size
}

// Each state stands in the guide with the icon and the word that it has.
func TestUserGuideStates(t *testing.T) {
	lines := strings.Split(guide(t), "\n")
	for _, s := range client.States {
		icon := `"guide/` + tray.Look(tray.Seen{Status: client.Status{State: s}}).Shape + `.png"`
		_, word := state(s, english)
		if !slices.ContainsFunc(lines, func(line string) bool {
			return strings.HasPrefix(line, "| <img") && strings.Contains(line, icon) && strings.Contains(line, "**"+word+"**")
		}) {
			t.Errorf("%s: no line has the icon %s and the word %s", s, icon, word)
		}
	}
}

// Each key of the menu is in the guide and does what stands there.
func TestUserGuideKeys(t *testing.T) {
	text := guide(t)
	keys := []string{"☰", "Tab", "Space", "Enter", "Escape", "Command", "Ctrl", "Ctrl+F", "Ctrl+A", "Ctrl+C", "Ctrl+S", "Ctrl+W"}
	for _, e := range menu(Seen{}, english) {
		if e.Key == "" {
			continue
		}
		key := "Ctrl+" + string(e.Key)
		keys = append(keys, key)
		if line := "| <kbd>" + key + "</kbd> | **" + e.Label + "** |\n"; !strings.Contains(text, line) {
			t.Errorf("the guide has no line %q", line)
		}
	}
	for _, key := range all(`<kbd>(.*?)</kbd>`, text) {
		if key = html.UnescapeString(key); !slices.Contains(keys, key) {
			t.Errorf("nothing is known of the key %s", key)
		}
	}
}

// A link leads to a heading of the guide.
func TestUserGuideLinks(t *testing.T) {
	text := guide(t)
	var headings []string
	for _, heading := range all(`(?m)^#+ (.*)$`, text) {
		headings = append(headings, anchor(heading))
	}
	for _, link := range all(`\]\(([^)]*)\)`, text) {
		if name, here := strings.CutPrefix(link, "#"); !here || !slices.Contains(headings, name) {
			t.Errorf("%s leads nowhere", link)
		}
	}
}

// anchor is what a heading is called in a link.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// The commands are such as muvpn has.
func TestUserGuideCommands(t *testing.T) {
	files, err := filepath.Glob("../client/muvpn/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		have = append(have, all(`(?m)^\s*Use: +"([a-z]+)`, string(b))...)
	}
	commands := all("`muvpn ([^`]*)`", guide(t))
	if len(commands) == 0 {
		t.Error("the guide names no command")
	}
	for _, command := range commands {
		for _, word := range strings.Fields(command) {
			if !strings.Contains(word, ".") && !slices.Contains(have, word) {
				t.Errorf("muvpn %s: there is no %s", command, word)
			}
		}
	}
}
