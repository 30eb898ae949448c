package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/macho"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muvpn/installers/making/makingtest"
)

// maker makes the package for the tests.
type maker struct {
	makingtest.Maker
	out     string // what was made first
	pkg     string // the package unpacked
	payload string // and its payload
}

const (
	describe = "v1.2.3-rc1-14-gabc1234"
	full     = "1.2.3.512"
)

// TestInstallers makes the package and takes it apart again with programs that know
// nothing of how it was made. No Mac has a part in this.
func TestInstallers(t *testing.T) {
	if testing.Short() {
		t.Skip("installers: skipped by -short: nothing of a Mac is in the short form")
	}
	m := &maker{Maker: makingtest.New(t)}
	m.out = m.makes(m.Root())
	text, err := os.ReadFile(filepath.Join(m.out, "muvpn-1.2.3-rc1-14-gabc1234.pkg"))
	if err != nil {
		t.Fatal(err)
	}
	m.pkg = unpacked(t, text)
	if text, err = os.ReadFile(filepath.Join(m.pkg, "muvpn.pkg/Payload")); err != nil {
		t.Fatal(err)
	}
	m.payload = unpacked(t, text)
	makingtest.Plays(t, "macOS", func(t *testing.T) *maker { here := *m; here.T = t; return &here }, []makingtest.Step[*maker]{
		{Name: "what Installer reads", Look: (*maker).looksAtTexts},
		{Name: "what is in it, and that nobody but root may change it", Look: (*maker).looksAtPayload},
		{Name: "universal programs, and the signature that arm64 wants", Look: (*maker).looksAtPrograms},
		{Name: "scripts and man pages", Look: (*maker).looksAtScripts},
		{Name: "the list of parts", Look: (*maker).looksAtParts},
		{Name: "two builds are the same", Look: (*maker).looksTwice},
	}...)
}

// makes makes the package out of the source in root.
func (m *maker) makes(root string) string {
	m.Helper()
	out := filepath.Join(m.TempDir(), "out")
	m.Makes(root, "macos", describe, out, filepath.Join(m.TempDir(), "work"), "-commits", "512")
	return out
}

// read reads a file of the package.
func (m *maker) read(name string) []byte {
	m.Helper()
	text, err := os.ReadFile(filepath.Join(m.pkg, name))
	if err != nil {
		m.Fatal(err)
	}
	return text
}

// looksAtTexts reads what Installer is told, by a parser of XML.
func (m *maker) looksAtTexts() {
	var distribution struct {
		OS struct {
			Min string `xml:"min,attr"`
		} `xml:"volume-check>allowed-os-versions>os-version"`
		Packages []struct {
			ID      string `xml:"id,attr"`
			Version string `xml:"version,attr"`
			Place   string `xml:",chardata"`
		} `xml:"pkg-ref"`
	}
	var component struct {
		ID      string `xml:"identifier,attr"`
		Version string `xml:"version,attr"`
		Auth    string `xml:"auth,attr"`
		Payload struct {
			Files int `xml:"numberOfFiles,attr"`
		} `xml:"payload"`
	}
	if err := xml.Unmarshal(m.read("Distribution"), &distribution); err != nil {
		m.Fatal(err)
	}
	if err := xml.Unmarshal(m.read("muvpn.pkg/PackageInfo"), &component); err != nil {
		m.Fatal(err)
	}
	if p := distribution.Packages; len(p) != 1 || p[0].ID != identifier || p[0].Version != full || p[0].Place != "#muvpn.pkg" || distribution.OS.Min != oldest {
		m.Errorf("Distribution: %+v", distribution)
	}
	if files := len(m.list()); component.ID != identifier || component.Version != full || component.Auth != "root" || component.Payload.Files != files {
		m.Errorf("PackageInfo, of %d files: %+v", files, component)
	}
}

// list is what bsdtar says of the payload.
func (m *maker) list() (lines [][]string) {
	m.Helper()
	for line := range strings.Lines(bsdtar(m.T, "-tvf", filepath.Join(m.pkg, "muvpn.pkg/Payload"))) {
		lines = append(lines, strings.Fields(line))
	}
	return lines
}

// looksAtPayload: everything is root's, nobody else may change it, it lies in our own
// folder (threats: installer), and the Bom says the same.
func (m *maker) looksAtPayload() {
	var fromCpio []string
	for _, f := range m.list() {
		mode, path := f[0], filepath.Clean(f[len(f)-1])
		if f[2] != "0" || f[3] != "0" || mode[5] == 'w' || mode[8] == 'w' || !slices.Contains([]byte("d-"), mode[0]) || strings.ContainsAny(mode[1:], "st") {
			m.Errorf("%q", f)
		}
		if mode[0] == '-' && !strings.HasPrefix(path, "opt/muvpn/") && path != "private/etc/paths.d/muvpn" {
			m.Errorf("%s is not in our own folder", path)
		}
		fromCpio = append(fromCpio, path)
	}
	var fromBom []string
	for _, line := range (reader{m.T, m.read("muvpn.pkg/Bom")}).list() {
		f := strings.Fields(line)
		info, err := os.Stat(filepath.Join(m.payload, f[0]))
		if err != nil {
			m.Fatal(err)
		}
		if !info.IsDir() {
			m.sameSum(f[0], f[3], f[4])
		}
		if want := fmt.Sprintf("%o", info.Mode().Perm()); !strings.HasSuffix(f[1], want) || f[2] != "0/0" {
			m.Errorf("the Bom says %s, and it is %s", line, want)
		}
		fromBom = append(fromBom, f[0])
	}
	if !slices.Equal(fromBom, fromCpio) || len(fromBom) < 15 {
		m.Errorf("the Bom has %q, the payload %q", fromBom, fromCpio)
	}
}

// sameSum has cksum(1) look at a file.
func (m *maker) sameSum(path, size, sum string) {
	m.Helper()
	if f := strings.Fields(m.Runs(m.payload, "cksum", path)); f[0] != sum || f[1] != size {
		m.Errorf("%s: the Bom says %s and %s, cksum %s and %s", path, sum, size, f[0], f[1])
	}
}

// looksAtPrograms: each has two slices, of this version, for a macOS that the package
// asks for; and the one for arm64 is signed, page by page.
func (m *maker) looksAtPrograms() {
	for _, program := range []string{"muvpn", "muvpnd"} {
		text, err := os.ReadFile(filepath.Join(m.payload, "opt/muvpn/bin", program))
		if err != nil {
			m.Fatal(err)
		}
		f, err := macho.NewFatFile(bytes.NewReader(text))
		if err != nil || len(f.Arches) != 2 || f.Arches[0].Cpu != macho.CpuAmd64 || f.Arches[1].Cpu != macho.CpuArm64 {
			m.Fatalf("%s: %+v, %v", program, f, err)
		}
		for _, a := range f.Arches {
			if least := oldestOf(a.File); least != oldest {
				m.Errorf("%s runs on macOS %s, and the package says %s", program, least, oldest)
			}
			slice := text[a.Offset : a.Offset+a.Size]
			if info, err := buildinfo.Read(bytes.NewReader(slice)); err != nil || !bytes.Contains(slice, []byte(describe)) {
				m.Errorf("%s: %+v, %v", program, info, err)
			}
		}
		m.looksAtSignature(text[f.Arches[1].Offset:][:f.Arches[1].Size])
	}
}

// looksAtSignature: it holds, and not with one octet changed.
func (m *maker) looksAtSignature(slice []byte) {
	m.Helper()
	if err := verifies(slice); err != nil {
		m.Error(err)
	}
	other := slices.Clone(slice)
	other[len(other)/2] ^= 1
	if err := verifies(other); err == nil {
		m.Error("a changed octet is not noticed")
	}
}

// looksAtScripts: they are those of the source, can be run, and man(1) finds no fault
// with the pages.
func (m *maker) looksAtScripts() {
	folder := unpacked(m.T, m.read("muvpn.pkg/Scripts"))
	for _, name := range scripts {
		want, err := os.ReadFile(filepath.Join("scripts", name))
		if err != nil {
			m.Fatal(err)
		}
		holds(m.T, filepath.Join(folder, name), want)
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != 0o755 {
			m.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	pages, err := filepath.Glob(filepath.Join(m.payload, "opt/muvpn/share/man/man*/*"))
	if err != nil || len(pages) < 5 {
		m.Errorf("the man pages are %q, %v", pages, err)
	}
	for _, page := range pages {
		if said := m.Runs("", "env", "LC_ALL=C.UTF-8", "man", "--warnings", "--encoding=UTF-8", "--local-file", page); strings.Contains(said, "warning:") {
			m.Errorf("%s: %s", page, said)
		}
	}
}

// looksAtParts: the list names what is in the program.
func (m *maker) looksAtParts() {
	for program, part := range map[string]string{"muvpn": "github.com/spf13/cobra", "muvpnd": "github.com/kardianos/service"} {
		for _, arch := range architectures {
			m.HasPart(filepath.Join(m.out, program+"_1.2.3-rc1-14-gabc1234_darwin_"+arch+".cdx.json"), part)
		}
	}
}

// looksTwice makes the same out of a copy of the source somewhere else.
func (m *maker) looksTwice() {
	elsewhere := m.Elsewhere()
	if files := m.Same(m.out, m.makes(elsewhere), elsewhere); files != 1+2*len(architectures) {
		m.Errorf("there are %d files", files)
	}
}
