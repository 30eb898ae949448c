package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// bsdtar reads xar and cpio, and knows nothing of how we write them.
func bsdtar(t *testing.T, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("bsdtar")
	if err != nil {
		t.Skip("this system has no bsdtar (libarchive-tools)")
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("bsdtar %q: %v: %s", args, err, said)
	}
	return string(said)
}

// unpacked has bsdtar unpack an archive into a new folder.
func unpacked(t *testing.T, text []byte) string {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "archive")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	bsdtar(t, "-xf", file, "-C", folder)
	return folder
}

// holds says that a file is there with that text.
func holds(t *testing.T, file string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d octets, want %d, %v", filepath.Base(file), len(got), len(want), err)
	}
}

// Everything in a payload belongs to root, and a folder comes before what is in it.
func TestArchive(t *testing.T) {
	when := time.Unix(1790000000, 0)
	large := bytes.Repeat([]byte("muvpn"), 300_000)
	text := archive(withFolders([]entry{{path: "opt/x/b", mode: 0o755, text: large}, {path: "opt/a", mode: 0o644}}), when)
	folder := unpacked(t, text)
	holds(t, filepath.Join(folder, "opt/x/b"), large)
	holds(t, filepath.Join(folder, "opt/a"), nil)
	var got []string
	for line := range strings.Lines(bsdtar(t, "-tvf", filepath.Join(folder, "archive"))) {
		f := strings.Fields(line)
		got = append(got, strings.Join([]string{f[0], f[2], f[3], f[4], f[len(f)-1]}, " "))
	}
	want := "drwxr-xr-x 0 0 0 . drwxr-xr-x 0 0 0 ./opt -rw-r--r-- 0 0 0 ./opt/a drwxr-xr-x 0 0 0 ./opt/x -rwxr-xr-x 0 0 1500000 ./opt/x/b"
	if strings.Join(got, " ") != want {
		t.Errorf("%q", got)
	}
	if !bytes.Equal(text, archive(withFolders([]entry{{path: "opt/a", mode: 0o644}, {path: "opt/x/b", mode: 0o755, text: large}}), when)) {
		t.Error("the order of the files makes another archive")
	}
}

// A changed octet in a xar is noticed by who reads it.
func TestXar(t *testing.T) {
	x := newXar(time.Unix(1790000000, 0))
	x.file(nil, "Distribution", []byte("<a/>"))
	x.file(x.folder("muvpn.pkg"), "Payload", []byte("a payload"))
	text, err := x.bytes()
	if err != nil {
		t.Fatal(err)
	}
	folder := unpacked(t, text)
	holds(t, filepath.Join(folder, "Distribution"), []byte("<a/>"))
	holds(t, filepath.Join(folder, "muvpn.pkg/Payload"), []byte("a payload"))
	text[len(text)-1] ^= 1
	file := filepath.Join(folder, "changed")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("bsdtar", "-xOf", file).CombinedOutput(); err == nil {
		t.Errorf("the sums are not those of the files: %s", said)
	}
}
