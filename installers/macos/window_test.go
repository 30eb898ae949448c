package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"howett.net/plist"

	"muvpn/installers/making"
)

// The icon, taken apart, has a picture of every width, and the tool that others read
// such files with finds as many.
func TestIcon(t *testing.T) {
	text, err := icon()
	if err != nil {
		t.Fatal(err)
	}
	if string(text[:4]) != "icns" || int(binary.BigEndian.Uint32(text[4:])) != len(text) {
		t.Fatalf("it begins with %q", text[:8])
	}
	rest := text[8:]
	for _, want := range pictures {
		length := binary.BigEndian.Uint32(rest[4:])
		picture, err := png.Decode(bytes.NewReader(rest[8:length]))
		if string(rest[:4]) != want.name || err != nil || picture.Bounds().Dx() != want.width || picture.Bounds().Dy() != want.width {
			t.Fatalf("%q is not a picture of %d, %v", rest[:4], want.width, err)
		}
		if !drawnOn(picture) {
			t.Errorf("%s: nothing is drawn", want.name)
		}
		rest = rest[length:]
	}
	if len(rest) != 0 {
		t.Errorf("%d octets are left", len(rest))
	}
	program, err := exec.LookPath("icns2png")
	if err != nil {
		t.Skip("this system has no icns2png (icnsutils)")
	}
	file := filepath.Join(t.TempDir(), "muvpn.icns")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(program, "--list", file).CombinedOutput()
	if err != nil || !strings.Contains(string(said), fmt.Sprintf("%d elements total", len(pictures))) {
		t.Errorf("%v: %s", err, said)
	}
}

// drawnOn says that something is drawn in a picture's middle row.
func drawnOn(picture image.Image) bool {
	size := picture.Bounds()
	for x := range size.Dx() {
		if _, _, _, opaque := picture.At(x, size.Dy()/2).RGBA(); opaque != 0 {
			return true
		}
	}
	return false
}

// info is what is asked of the window's Info.plist.
type info struct {
	ID         string   `plist:"CFBundleIdentifier"`
	Executable string   `plist:"CFBundleExecutable"`
	Icon       string   `plist:"CFBundleIconFile"`
	Short      string   `plist:"CFBundleShortVersionString"`
	Build      string   `plist:"CFBundleVersion"`
	Oldest     string   `plist:"LSMinimumSystemVersion"`
	Languages  []string `plist:"CFBundleLocalizations"`
	Types      []struct {
		ID   string              `plist:"UTTypeIdentifier"`
		Tags map[string][]string `plist:"UTTypeTagSpecification"`
	} `plist:"UTExportedTypeDeclarations"`
	Documents []struct {
		Types []string `plist:"LSItemContentTypes"`
		Icon  string   `plist:"CFBundleTypeIconFile"`
	} `plist:"CFBundleDocumentTypes"`
}

// The window's Info.plist, filled, is one, and names what is there.
func TestInfo(t *testing.T) {
	form, err := os.ReadFile("app/Info.plist")
	if err != nil {
		t.Fatal(err)
	}
	o := &order{Order: making.Order{Commits: 512}, release: "1.2.3"}
	var got info
	if _, err := plist.Unmarshal(o.filled(string(form), nil), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "muvpn.gui" || got.Executable != "muvpn-gui" || got.Icon != "muvpn" || got.Short != "1.2.3" || got.Build != "512" || got.Oldest != oldest {
		t.Errorf("%+v", got)
	}
	if len(got.Types) != 1 || len(got.Documents) != 1 || got.Types[0].ID != got.Documents[0].Types[0] || got.Types[0].Tags["public.filename-extension"][0] != "exp" ||
		got.Documents[0].Icon != got.Icon {
		t.Errorf("types: %+v, %+v", got.Types, got.Documents)
	}
	languages, err := os.ReadDir("../../assets/words")
	if err != nil || len(languages) != len(got.Languages) {
		t.Errorf("%q are not the languages of the window, %v", got.Languages, err)
	}
}
