package desktop

import (
	"encoding/xml"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestQuoted(t *testing.T) {
	for path, want := range map[string]string{
		"/usr/bin/muvpn-gui":  `"/usr/bin/muvpn-gui"`,
		"/home/a b/muvpn-gui": `"/home/a b/muvpn-gui"`,
		`/100%/"$x"`:          `"/100%%/\\"\\$x\\""`,
		"/back`slash\\/x":     "\"/back\\\\`slash\\\\\\\\/x\"",
		"/line\nfeed":         `"/line\nfeed"`,
	} {
		if got := quoted(path); got != want {
			t.Errorf("%q is %s, not %s", path, got, want)
		}
	}
}

func TestEnabled(t *testing.T) {
	for text, want := range map[string]bool{
		entry("/usr/bin/muvpn-gui"):                                          true,
		entry("/usr/bin/muvpn-gui") + "Hidden=true\n":                        false,
		entry("/usr/bin/muvpn-gui") + "X-GNOME-Autostart-enabled = false":    false,
		entry("/usr/bin/muvpn-gui") + "X-GNOME-Autostart-enabled=true\n":     true,
		"[Desktop Entry]\n#Hidden=true\nComment=Hidden=true\nHidden=false\n": true,
	} {
		if got := enabled(text); got != want {
			t.Errorf("%v of:\n%s", got, text)
		}
	}
}

// What desktops themselves think of the entry, where their tool is at hand.
func TestEntryIsValid(t *testing.T) {
	tool, err := exec.LookPath("desktop-file-validate")
	if err != nil {
		t.Skip("desktop-file-validate is not installed (Debian package desktop-file-utils)")
	}
	file := filepath.Join(t.TempDir(), "muvpn.desktop")
	if err := os.WriteFile(file, []byte(entry(`/opt/100% "mine" $x`+"`y`\\/muvpn-gui")), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(tool, file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestAgent(t *testing.T) {
	var doc struct {
		Keys    []string `xml:"dict>key"`
		Program []string `xml:"dict>array>string"`
	}
	const program = `/Applications/<a & b>/muvpn-gui`
	if err := xml.Unmarshal([]byte(agent(program)), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Program) != 2 || doc.Program[0] != program || doc.Program[1] != "--tray" || doc.Keys[0] != "Label" {
		t.Errorf("%+v", doc)
	}
}

func TestStartAtLogin(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has it in a folder that a test may call its own")
	}
	folder := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", folder)
	says := func(want bool) {
		t.Helper()
		if got, err := StartsAtLogin(); got != want || err != nil {
			t.Errorf("starts at login: %v, %v", got, err)
		}
	}
	says(false)
	for range 2 { // what is so already is no fault
		if err := StartAtLogin(true); err != nil {
			t.Fatal(err)
		}
		says(true)
	}
	self, _ := os.Executable()
	file := filepath.Join(folder, "autostart", "muvpn.desktop")
	b, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(b), `Exec="`+self+`" --tray`) {
		t.Errorf("%v:\n%s", err, b)
	}
	os.WriteFile(file, append(b, "Hidden=true\n"...), 0o600) // as a desktop's own settings do
	says(false)
	for range 2 {
		if err := StartAtLogin(false); err != nil {
			t.Fatal(err)
		}
		says(false)
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) > 0 {
		t.Errorf("%v was left behind", left)
	}
}

func TestBounded(t *testing.T) {
	for scale, want := range map[float64]float32{1: 1, 1.25: 1.25, 3: 3, 0.5: 0.5, 0: 1, 100: 1, -1: 1, math.Inf(1): 1} {
		if got := bounded(scale); got != want {
			t.Errorf("%v is %v, not %v", scale, got, want)
		}
	}
	if bounded(math.NaN()) != 1 {
		t.Error("texts as large as no number")
	}
}
