package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// identifier is the package's, as macOS remembers it (pkgutil --pkgs), and the name of
// its folder in the archive.
const identifier = "muvpn"

// scripts are what Installer runs, as root.
var scripts = []string{"preinstall", "postinstall"}

// packs writes the package.
func (o *order) packs() error {
	files, err := o.payload()
	if err != nil {
		return err
	}
	programs, err := o.asked()
	if err != nil {
		return err
	}
	table, err := bomOf(files, o.When)
	if err != nil {
		return err
	}
	x := newXar(o.When)
	x.file(nil, "Distribution", o.filled(distribution, files))
	component := x.folder(identifier + ".pkg")
	x.file(component, "PackageInfo", o.filled(packageInfo, files))
	x.file(component, "Bom", table)
	x.file(component, "Payload", archive(files, o.When))
	x.file(component, "Scripts", archive(programs, o.When))
	text, err := x.bytes()
	if err != nil {
		return err
	}
	name := "muvpn-" + o.name + ".pkg"
	if err := os.WriteFile(filepath.Join(o.Out, name), text, 0o644); err != nil {
		return err
	}
	fmt.Printf("installers: %s\ninstallers: it is not signed, and has no window: both want a Mac (installers/macos/build-on-a-mac.sh)\n", name)
	return nil
}

// payload are the files that the package has, with what was made before.
func (o *order) payload() ([]entry, error) {
	const prefix = "opt/muvpn/"
	source := filepath.Join(o.Root, "installers/macos")
	from := map[string]string{
		prefix + "bin/muvpn":                filepath.Join(o.Work, "muvpn"),
		prefix + "bin/muvpnd":               filepath.Join(o.Work, "muvpnd"),
		prefix + "bin/muvpn-uninstall":      filepath.Join(source, "muvpn-uninstall"),
		prefix + "share/doc/LICENSE":        filepath.Join(o.Root, "LICENSE"),
		prefix + "share/man/man8/muvpnd.8":  filepath.Join(source, "muvpnd.8"),
		"private/etc/paths.d/" + identifier: filepath.Join(source, "paths"),
	}
	pages, err := filepath.Glob(filepath.Join(o.Work, "man", "*.1"))
	if err != nil || len(pages) == 0 {
		return nil, fmt.Errorf("there are no man pages: %w", err)
	}
	for _, page := range pages {
		from[prefix+"share/man/man1/"+filepath.Base(page)] = page
	}
	var files []entry
	for path, file := range from {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		mode := uint32(0o644)
		if strings.HasPrefix(path, prefix+"bin/") {
			mode = 0o755
		}
		files = append(files, entry{path: path, mode: mode, text: text})
	}
	return withFolders(files), nil
}

// asked are the scripts.
func (o *order) asked() ([]entry, error) {
	var files []entry
	for _, name := range scripts {
		text, err := os.ReadFile(filepath.Join(o.Root, "installers/macos/scripts", name))
		if err != nil {
			return nil, err
		}
		files = append(files, entry{path: name, mode: 0o755, text: text})
	}
	return withFolders(files), nil
}

// texts has the command line write its man pages.
func (o *order) texts() error {
	_, err := o.Ours("./client/muvpn", "man", filepath.Join(o.Work, "man"))
	return err
}

// lays writes what the package would have into folders, for a Mac to pack.
func (o *order) lays() error {
	files, err := o.payload()
	if err != nil {
		return err
	}
	programs, err := o.asked()
	if err != nil {
		return err
	}
	for folder, entries := range map[string][]entry{"root": files, "scripts": programs} {
		for _, e := range entries {
			if err := lay(filepath.Join(o.Work, folder, e.path), e); err != nil {
				return err
			}
		}
	}
	if err := o.Write("version", []byte(o.full()+"\n"), nil); err != nil {
		return err
	}
	// A Mac's productbuild puts the sign for "within this archive" there itself.
	return o.Write("Distribution", []byte(strings.ReplaceAll(string(o.filled(distribution, files)), ">#", ">")), nil)
}

// lay writes one file or folder.
func lay(file string, e entry) error {
	if e.folder {
		return os.MkdirAll(file, 0o755)
	}
	return os.WriteFile(file, e.text, os.FileMode(e.mode))
}

// filled puts versions and sizes into a form.
func (o *order) filled(form string, files []entry) []byte {
	octets := 0
	for _, f := range files {
		octets += len(f.text)
	}
	return []byte(strings.NewReplacer("IDENTIFIER", identifier, "VERSION", o.full(), "RELEASE", o.release, "BUILD", fmt.Sprint(o.Commits), "OLDEST", oldest,
		"FILES", fmt.Sprint(len(files)), "KILOBYTES", fmt.Sprint((octets+1023)/1024)).Replace(form))
}

// packageInfo is for what installs one package: as root, at its place, and without
// changing folders that are there already.
const packageInfo = `<?xml version="1.0" encoding="utf-8"?>
<pkg-info format-version="2" identifier="IDENTIFIER" version="VERSION" install-location="/" auth="root" overwrite-permissions="false" relocatable="false">
	<payload numberOfFiles="FILES" installKBytes="KILOBYTES"/>
	<scripts>
		<preinstall file="./preinstall"/>
		<postinstall file="./postinstall"/>
	</scripts>
</pkg-info>
`

// distribution is for Installer: both processors, a macOS that the programs run on,
// and nothing to choose.
const distribution = `<?xml version="1.0" encoding="utf-8"?>
<installer-gui-script minSpecVersion="2">
	<title>Mobile User VPN</title>
	<options customize="never" require-scripts="false" allow-external-scripts="false" hostArchitectures="x86_64,arm64"/>
	<domains enable_anywhere="false" enable_currentUserHome="false" enable_localSystem="true"/>
	<volume-check>
		<allowed-os-versions>
			<os-version min="OLDEST"/>
		</allowed-os-versions>
	</volume-check>
	<choices-outline>
		<line choice="IDENTIFIER"/>
	</choices-outline>
	<choice id="IDENTIFIER" title="Mobile User VPN">
		<pkg-ref id="IDENTIFIER"/>
	</choice>
	<pkg-ref id="IDENTIFIER" version="VERSION" installKBytes="KILOBYTES" auth="root" onConclusion="none">#IDENTIFIER.pkg</pkg-ref>
</installer-gui-script>
`
