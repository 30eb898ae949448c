package screen

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"muvpn/assets"
	"muvpn/gui/desktop/desktoptest"
)

// tongue is a language as the system and as tesseract name it.
type tongue struct{ name, locale, read string }

// TestWords has people with other languages look at the window, and one with weak
// eyes, who has the desktop's texts made twice as large meanwhile.
func TestWords(t *testing.T) {
	o := scene(t, Desk{})
	o.stores()
	desk := o.portal()
	for _, l := range []tongue{{"ja", "ja_JP.UTF-8", "jpn"}, {"de", "de_DE.UTF-8", "deu"}} {
		words := wordsOf(t, l.name)
		shown := []string{words["Disconnected"], words["Connect"], words["Press Connect to reach the office network."], words["Import…"]}
		o.env = append(o.env, "LANG="+l.locale, "LC_ALL="+l.locale)
		o.language = l.read
		o.window = o.Start(program("muvpn-gui"))
		usual := o.reads(shown...)
		o.Picture("words-" + l.name)
		if l.name == "de" {
			desk.Rescale(t, 2)
			o.grows(words["Disconnected"], usual)
			o.reads(shown...)
			o.Picture("words-" + l.name + "-large")
		}
		o.Press("alt+F4")
		o.Until("the window has ended", o.window.Ended)
	}
}

// portal is where the desktop says how large texts are.
func (o *office) portal() *desktoptest.Desktop {
	o.t.Helper()
	bus, err := dbus.Connect("unix:path=" + o.dir + "/run/bus")
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { bus.Close() })
	d := &desktoptest.Desktop{Bus: bus}
	d.Portal(o.t, 1.0, 0)
	return d
}

// grows waits until a word is about twice as high as it was.
func (o *office) grows(word string, before []Word) {
	o.t.Helper()
	was, _ := Find(before, word)
	o.Until(word+" is large", func() bool {
		is, _ := Find(o.Read("R"), word)
		return 10*is.Dy() > 17*was.Dy()
	})
}

// stores imports lisa.exp by the command line, which asks nothing.
func (o *office) stores() {
	o.t.Helper()
	o.write("passphrase", "correct-horse-battery\n")
	o.Must("sh", "-c", program("muvpn")+" import lisa.exp --passphrase-stdin --yes --legacy <passphrase")
}

// wordsOf are the texts of a language by the English ones.
func wordsOf(t *testing.T, name string) (words map[string]string) {
	t.Helper()
	text, err := assets.Words.ReadFile("words/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(text, &words)
	}
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// reads waits until the texts are on the screen. Japanese has no spaces, and
// tesseract sees some; it takes three dots for one sign or for none.
func (o *office) reads(texts ...string) (words []Word) {
	o.t.Helper()
	look := 0
	o.Until(strings.Join(texts, ", ")+" on the screen", func() bool {
		words = o.Read(channels[look%len(channels)])
		look++
		seen := solid(Text(words))
		for _, text := range texts {
			if !strings.Contains(seen, solid(strings.TrimSuffix(text, "…"))) {
				return false
			}
		}
		return true
	})
	return words
}

// solid is a text without its spaces.
func solid(text string) string { return strings.Join(strings.Fields(text), "") }
