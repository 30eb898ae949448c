package main

import (
	"debug/elf"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// newestLibc is the newest version of libc whose symbols the window may want: the
// packages say that they need it.
const newestLibc = "GLIBC_2.34"

// debian has which package of Debian's a library is in.
var debian = map[string]string{
	"libc.so.6": "libc6", "libm.so.6": "libc6", "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libwayland-client.so.0": "libwayland-client0",
	"libwayland-cursor.so.0": "libwayland-cursor0", "libwayland-egl.so.1": "libwayland-egl1", "libX11.so.6": "libx11-6", "libX11-xcb.so.1": "libx11-xcb1",
	"libXcursor.so.1": "libxcursor1", "libXext.so.6": "libxext6", "libXi.so.6": "libxi6", "libXinerama.so.1": "libxinerama1",
	"libxkbcommon.so.0": "libxkbcommon0", "libXrandr.so.2": "libxrandr2", "libXrender.so.1": "libxrender1", "libXxf86vm.so.1": "libxxf86vm1",
}

// unneeded are what GLFW would take where a program asks for it, and ours does not.
var unneeded = regexp.MustCompile(`^lib(GLX|OpenGL|GLES|OSMesa|vulkan|decor-0)`)

// looksAtLibraries: the window's packages need every library that the program links
// or opens, muvpn's programs link none, and all are loaded where chance will.
func (m *maker) looksAtLibraries() {
	bin := filepath.Join(m.unpacked(), "usr")
	for _, program := range []string{"bin/muvpn", "sbin/muvpnd"} {
		if linked := m.links(filepath.Join(bin, program)); len(linked) != 0 {
			m.Errorf("%s links %q", program, linked)
		}
	}
	window := filepath.Join(bin, "bin/muvpn-gui")
	text, err := os.ReadFile(window)
	if err != nil {
		m.Fatal(err)
	}
	var packages []string
	for _, library := range append(m.links(window), opened(text)...) {
		if unneeded.MatchString(library) {
			continue
		}
		if debian[library] == "" {
			m.Errorf("in which package is %s?", library)
		}
		packages = append(packages, debian[library])
	}
	for _, file := range m.packages("deb") {
		if strings.Contains(file, "-gui") {
			m.needs(m.runs("dpkg-deb", "--field", file, "Depends"), packages)
		}
	}
}

// needs says that all of the packages are among those that are needed.
func (m *maker) needs(depends string, packages []string) {
	m.Helper()
	var all []string
	for d := range strings.SplitSeq(depends, ",") {
		all = append(all, strings.Fields(d)[0])
	}
	for _, p := range packages {
		if !slices.Contains(all, p) {
			m.Errorf("%s is not among %s", p, depends)
		}
	}
	if !strings.Contains(depends, "libc6 (>= "+strings.TrimPrefix(newestLibc, "GLIBC_")+")") {
		m.Errorf("%s does not say which libc6", depends)
	}
}

// links are the libraries that a program links.
func (m *maker) links(program string) []string {
	m.Helper()
	f, err := elf.Open(program)
	if err != nil {
		m.Fatal(err)
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	if err != nil || f.Type != elf.ET_DYN {
		m.Errorf("%s is %v, %v", program, f.Type, err)
	}
	symbols, _ := f.ImportedSymbols() // none: it links nothing
	for _, s := range symbols {
		if later(s.Version, newestLibc) {
			m.Errorf("%s wants %s of %s", program, s.Name, s.Version)
		}
	}
	return libraries
}

// opened are the libraries whose names are in a program.
func opened(program []byte) (libraries []string) {
	for _, name := range regexp.MustCompile(`lib[A-Za-z0-9_-]+\.so\.[0-9]+\x00`).FindAll(program, -1) {
		libraries = append(libraries, strings.TrimSuffix(string(name), "\x00"))
	}
	slices.Sort(libraries)
	return slices.Compact(libraries)
}

var numbers = regexp.MustCompile(`\d+`)

// later says that a is a later version of libc than b; another library's is not.
func later(a, b string) bool {
	if !strings.HasPrefix(a, "GLIBC_") {
		return false
	}
	pad := func(n string) string { return strings.Repeat("0", 9-len(n)) + n }
	return slices.Compare(numbers.FindAllString(numbers.ReplaceAllStringFunc(a, pad), -1), numbers.FindAllString(numbers.ReplaceAllStringFunc(b, pad), -1)) > 0
}
