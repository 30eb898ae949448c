package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"howett.net/plist"

	"muvpn/installers/making"
)

// fake stands for every program that only a Mac has, and for those that would take
// long: it writes down how it was called, and makes what it would have made.
const fake = `#!/bin/sh
name=$(basename "$0")
{ printf '%s' "$name"; for a; do printf '\t%s' "$a"; done; echo; } >>"$RECORD"
before=
for a; do
	case "$before" in -o | -output) case $a in */) ;; *) mkdir -p "$(dirname "$a")"; : >"$a" ;; esac ;; esac
	before=$a
done
case "$name $1" in
"git describe") echo v1.2.3 ;;
"git rev-list") echo 512 ;;
"git log") echo 1790000000 ;;
pkgbuild* | productbuild* | productsign*) : >"$before" ;;
esac
`

// fakes are their names.
var fakes = []string{"go", "git", "lipo", "plutil", "codesign", "pkgbuild", "productbuild", "productsign", "pkgutil", "xcrun"}

// blank are the files of window without anything in them, which takes less time.
func blank(o *order) error {
	return errors.Join(o.Write("app/Info.plist", nil, nil), o.Write("app/muvpn.icns", nil, nil))
}

// desk is a folder where the script finds a source, what the stage lays out, and
// nothing of a Mac's but fakes.
func desk(t *testing.T, window func(*order) error) string {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(folder, "build/_macos")
	o := &order{Order: making.Order{Root: root, Work: work, Commits: 512}, release: "1.2.3"}
	for _, made := range []string{"muvpn", "muvpnd", "man/muvpn.1"} {
		if err := o.Write(made, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(window(o), o.lays(), os.MkdirAll(filepath.Join(folder, "build/_tools"), 0o755), os.MkdirAll(filepath.Join(folder, "build/installers"), 0o755),
		os.Mkdir(filepath.Join(folder, "bin"), 0o755), os.Symlink(filepath.Join(root, "installers"), filepath.Join(folder, "installers")),
		os.Symlink(filepath.Join(root, "gui"), filepath.Join(folder, "gui"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range fakes {
		if err := os.WriteFile(filepath.Join(folder, "bin", name), []byte(fake), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "build/_tools/cyclonedx-gomod"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

// plans runs the script and returns what it says and every program that it has run.
func plans(t *testing.T, folder string, env ...string) (said string, plan [][]string, err error) {
	t.Helper()
	record := filepath.Join(folder, "record")
	cmd := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(folder, "installers/macos/build-on-a-mac.sh"))
	cmd.Env = append([]string{"PATH=" + filepath.Join(folder, "bin") + ":/usr/bin:/bin", "RECORD=" + record}, env...)
	out, err := cmd.CombinedOutput()
	text, _ := os.ReadFile(record) // none: nothing was run
	for line := range strings.Lines(string(text)) {
		plan = append(plan, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return string(out), plan, err
}

// names are the programs of a plan, in their order.
func names(plan [][]string) string {
	var all []string
	for _, p := range plan {
		all = append(all, p[0])
	}
	return strings.Join(all, " ")
}

// This is a test of the plan alone: no Mac, and none of Apple's tools, has a part in
// it. It holds which of them are called in which order, that every file they are given
// is there, and that the flags of our own command are those that it knows.
func TestPlanOfAMac(t *testing.T) {
	folder := desk(t, (*order).window)
	said, plan, err := plans(t, folder, "SIGN_APP=Developer ID Application: Example (ABCDE12345)", "SIGN_PKG=Developer ID Installer: Example (ABCDE12345)", "NOTARY=office")
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	const want = "git git git go go go cyclonedx-gomod go cyclonedx-gomod lipo plutil codesign codesign codesign codesign codesign codesign pkgbuild productbuild productsign pkgutil xcrun xcrun xcrun"
	if got := names(plan); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	t.Chdir("../..") // where our own command is run
	for _, p := range plan {
		looksAtCall(t, folder, p)
	}
	if _, err := os.Stat(filepath.Join(folder, "build/installers/muvpn-gui-1.2.3.pkg")); err != nil {
		t.Errorf("there is no package: %v: %s", err, said)
	}
}

// looksAtCall holds one call of a program.
func looksAtCall(t *testing.T, folder string, call []string) {
	t.Helper()
	for _, a := range call[1:] {
		if strings.HasPrefix(a, "./") || strings.HasPrefix(a, "/") || strings.HasPrefix(a, "installers/") {
			if !filepath.IsAbs(a) {
				a = filepath.Join(folder, a)
			}
			if _, err := os.Stat(a); err != nil {
				t.Errorf("%q: %v", call, err)
			}
		}
	}
	switch {
	case call[0] == "go" && slices.Contains(call, "-stage"):
		looksAtStage(t, call)
	case call[0] == "go" && slices.Contains(call, "./gui/muvpn-gui"):
		looksAtTags(t, call)
	case call[0] == "codesign" && slices.Contains(call, "--sign"):
		if !slices.Contains(call, "runtime") || !slices.Contains(call, "--timestamp") {
			t.Errorf("%q", call)
		}
	case call[0] == "pkgbuild":
		if after(call, "--version") != "1.2.3.512" || after(call, "--identifier") != identifier {
			t.Errorf("%q", call)
		}
	}
}

// after is the argument after another.
func after(call []string, name string) string {
	if i := slices.Index(call, name); i >= 0 && i+1 < len(call) {
		return call[i+1]
	}
	return ""
}

// looksAtStage has our own command read its arguments.
func looksAtStage(t *testing.T, call []string) {
	t.Helper()
	o, err := read(call[slices.Index(call, "./installers/macos")+1:])
	if err != nil || !o.stage || o.full() != "1.2.3.512" || o.When.Unix() != 1790000000 {
		t.Errorf("%q: %+v, %v", call, o, err)
	}
}

// looksAtTags: the window is built as everywhere.
func looksAtTags(t *testing.T, call []string) {
	t.Helper()
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if want := "\nTAGS       := " + after(call, "-tags") + "\n"; !strings.Contains(string(text), want) {
		t.Errorf("the Makefile has other tags than %q", call)
	}
}

// Without identities there is a package, and it says what it is not.
func TestPlanWithoutIdentities(t *testing.T) {
	folder := desk(t, blank)
	said, plan, err := plans(t, folder)
	if err != nil || strings.Contains(names(plan), "sign") || strings.Contains(names(plan), "xcrun") {
		t.Errorf("%v: %s: %s", err, names(plan), said)
	}
	for _, words := range []string{"the programs are not signed", "the package is not signed", "not notarised"} {
		if !strings.Contains(said, words) {
			t.Errorf("it does not say %q: %s", words, said)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "build/installers/muvpn-gui-1.2.3.pkg")); err != nil {
		t.Error(err)
	}
}

// What Apple would refuse is refused before anything is built, and a step that fails
// ends it.
func TestPlanFails(t *testing.T) {
	folder := desk(t, blank)
	if said, plan, err := plans(t, folder, "NOTARY=office"); err == nil || len(plan) != 0 || !strings.Contains(said, "SIGN_APP") {
		t.Errorf("%v: %q: %s", err, plan, said)
	}
	if err := os.WriteFile(filepath.Join(folder, "bin/lipo"), []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if said, plan, err := plans(t, folder); err == nil || strings.Contains(names(plan), "pkgbuild") {
		t.Errorf("%v: %q: %s", err, plan, said)
	}
}

// The window is put where the script has built it, and where it is taken away from.
func TestComponent(t *testing.T) {
	text, err := os.ReadFile("app/component.plist")
	if err != nil {
		t.Fatal(err)
	}
	var bundles []struct {
		Path        string `plist:"RootRelativeBundlePath"`
		Relocatable bool   `plist:"BundleIsRelocatable"`
	}
	if _, err := plist.Unmarshal(text, &bundles); err != nil || len(bundles) != 1 || bundles[0].Relocatable {
		t.Fatalf("%+v, %v", bundles, err)
	}
	for _, script := range []string{"build-on-a-mac.sh", "muvpn-uninstall"} {
		text, err := os.ReadFile(script)
		if err != nil || !strings.Contains(string(text), "/"+bundles[0].Path+`"`) {
			t.Errorf("%s does not know %s, %v", script, bundles[0].Path, err)
		}
	}
	text, err = os.ReadFile("build-on-a-mac.sh")
	if err != nil || !strings.Contains(string(text), "MACOSX_DEPLOYMENT_TARGET="+oldest+"\n") {
		t.Errorf("the window is built for another macOS than %s, %v", oldest, err)
	}
}
