package language

import (
	"os"
	"testing"

	"fyne.io/fyne/v2/lang"
)

// french is a word of Fyne's own, which it translates.
const english, german, french = "Cancel", "Abbrechen", "Annuler"

// The user's language counts whatever the system's is, and C is no obstacle.
func TestLoad(t *testing.T) {
	for _, c := range []struct{ setting, locale, want string }{
		{"system", "de_DE.UTF-8", german}, {"", "fr_FR.UTF-8", french}, {"system", "C", english}, {"system", "", english},
		{"de", "C", german}, {"de-CH", "", german}, {"fr", "de_DE.UTF-8", french}, {"en", "de_DE.UTF-8", english}, {"system", "pl_PL.UTF-8", english},
	} {
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"} {
			t.Setenv(name, "")
		}
		t.Setenv("LANG", c.locale)
		if err := Load(c.setting); err != nil {
			t.Fatal(err)
		}
		if got := lang.L(english); got != c.want {
			t.Errorf("the setting %q at %q says %q, not %q", c.setting, c.locale, got, c.want)
		}
		if c.locale == "de_DE.UTF-8" && os.Getenv("LANG") != c.locale {
			t.Error("the locale was changed, and with it how the keyboard is read")
		}
	}
}

// Where programs cannot choose, a language is passed off as the system's.
func TestLoadAs(t *testing.T) {
	t.Setenv("LC_ALL", "eo")
	if err := loadAs("en-GB", "eo"); err != nil {
		t.Fatal(err)
	}
	if err := loadAs("tlh", "eo"); err != nil {
		t.Errorf("a language that we do not speak: %v", err)
	}
	if got := lang.L("Never translated"); got != "Never translated" {
		t.Errorf("said %q", got)
	}
}

func TestTextOf(t *testing.T) {
	for tag, want := range map[string]bool{"en": true, "en-US": true, "en-Latn-US": true, "tlh": false, "": false} {
		if got := textOf(tag) != nil; got != want {
			t.Errorf("%q: %v", tag, got)
		}
	}
}
