package gui

import (
	"runtime"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/encoding/japanese"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/gui/language"
)

// speak has Fyne take the language of a locale, named as in the environment,
// until the test ends. Windows and macOS do not ask the environment: there the
// language stays that of the system.
func speak(t *testing.T, locale string) {
	t.Helper()
	load := func() {
		if err := language.Load("system"); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(load) // after the environment is as it was
	for _, name := range []string{"LANGUAGE", "LC_MESSAGES", "LANG"} {
		t.Setenv(name, "")
	}
	t.Setenv("LC_ALL", locale)
	load()
}

// onlyByEnvironment skips where the environment does not say the language.
func onlyByEnvironment(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the language is the system's, whatever the environment says")
	}
}

// Whoever has set up his system in a language meets the window in it; in one that
// we do not speak, in English.
func TestLanguageOfTheSystem(t *testing.T) {
	onlyByEnvironment(t)
	for locale, want := range map[string]string{
		"C": "Not connected", "en_GB.UTF-8": "Not connected",
		"de_DE.UTF-8": "Nicht verbunden", "de_CH.UTF-8": "Nicht verbunden", "de": "Nicht verbunden",
		"es_ES.UTF-8": "Sin conexión", "es_MX.UTF-8": "Sin conexión",
		"fr_FR.UTF-8": "Non connecté", "fr_CA.UTF-8": "Non connecté",
		"ja_JP.UTF-8": "未接続",
		"nl_NL.UTF-8": "Not connected", "pl_PL.UTF-8": "Not connected",
	} {
		t.Run(locale, func(t *testing.T) {
			speak(t, locale)
			if got := Look(Seen{Asked: true, Status: failed(), Now: noon}, lang.L).Word; got != want {
				t.Errorf("%q, not %q", got, want)
			}
		})
	}
}

// What Fyne makes of every text of every scene is what stands in the file, with
// its fields filled.
func TestEverySceneIsTranslated(t *testing.T) {
	onlyByEnvironment(t)
	for _, language := range spoken {
		t.Run(language, func(t *testing.T) {
			speak(t, language)
			translated := translations(t, language)
			for _, sc := range scenes() {
				Look(sc.seen, func(text string, data ...any) string {
					got := lang.L(text, data...)
					if want := english(translated[text], data...); got != want {
						t.Errorf("%s: %q: got %q, not %q", sc.name, text, got, want)
					}
					return got
				})
			}
		})
	}
}

// The scenes with the longest texts, in the language with the longest words.
func TestMainWindowInGerman(t *testing.T) {
	onlyByEnvironment(t)
	for _, sc := range scenes() {
		switch sc.name {
		case "first", "connected", "failed", "blocked":
			t.Run(sc.name, func(t *testing.T) {
				speak(t, "de_DE.UTF-8")
				a := test.NewTempApp(t)
				a.Settings().SetTheme(goFonts{NewTheme("light", 0)})
				steady()
				w := still(t, a)
				w.see(func(s *Seen) { *s = sc.seen })
				picture(t, "german-"+sc.name+"-light.png", w.window)
			})
		}
	}
}

// No text makes the window wider than it opens, in no language, and so is cut off
// on a small screen: what is long wraps.
func TestNoTextIsWiderThanTheWindow(t *testing.T) {
	onlyByEnvironment(t)
	all := scenes()
	for _, code := range reason.Codes {
		s := ofOffice(client.Failed)
		s.SetFailure(&reason.Reason{Code: code, Side: reason.Network})
		all = append(all, scene{string(code), Seen{Asked: true, Status: s, Profiles: []client.Profile{office}, Now: noon}})
	}
	for _, language := range []string{"en", "de", "es", "fr"} { // a Japanese font may be missing, and texts without blanks wrap anywhere
		t.Run(language, func(t *testing.T) {
			speak(t, language)
			a := test.NewTempApp(t)
			a.Settings().SetTheme(goFonts{NewTheme("light", 0)})
			w := still(t, a)
			for _, sc := range all {
				w.see(func(s *Seen) { *s = sc.seen })
				if width := w.window.Content().MinSize().Width; width > openWidth {
					t.Errorf("%s is %v wide, the window %v", sc.name, width, openWidth)
				}
			}
		})
	}
}

// Fyne's own font has every character but the Japanese ones, in both weights that
// the window uses. Those come from a font of the system: every Japanese font has
// the characters of JIS X 0208, and no others are used. Whether there is such a
// font, no test can say of another computer.
func TestEveryCharacterIsInAFont(t *testing.T) {
	fonts := []*sfnt.Font{fyneFont(t, fyne.TextStyle{}), fyneFont(t, fyne.TextStyle{Bold: true})}
	for _, language := range spoken {
		for text, translation := range translations(t, language) {
			for _, r := range translation {
				if r == '\n' || language == "ja" && r > unicode.MaxASCII && inEveryJapaneseFont(r) {
					continue
				}
				for _, f := range fonts {
					if glyph, err := f.GlyphIndex(nil, r); err != nil || glyph == 0 {
						t.Errorf("%s: %q has %q", language, text, r)
					}
				}
			}
		}
	}
}

func inEveryJapaneseFont(r rune) bool {
	_, err := japanese.ShiftJIS.NewEncoder().String(string(r))
	return err == nil
}

func fyneFont(t *testing.T, style fyne.TextStyle) *sfnt.Font {
	t.Helper()
	f, err := sfnt.Parse(theme.DefaultTheme().Font(style).Content())
	if err != nil {
		t.Fatal(err)
	}
	return f
}
