package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// reader reads a Bom as macOS does: from what its header says, never by the order in
// which we have written it.
type reader struct {
	*testing.T
	text []byte
}

func (r reader) number(offset int) int { return int(binary.BigEndian.Uint32(r.text[offset:])) }

// block is the one of that number.
func (r reader) block(number int) reader {
	r.Helper()
	index := r.number(16)
	if number < 1 || number >= r.number(index) {
		r.Fatalf("there is no block %d", number)
	}
	place := index + 4 + 8*number
	return reader{r.T, r.text[r.number(place):][:r.number(place+4)]}
}

// variables are the numbers of the blocks with names.
func (r reader) variables() map[string]int {
	at := r.number(24)
	all := map[string]int{}
	count := r.number(at)
	at += 4
	for range count {
		length := int(r.text[at+4])
		all[string(r.text[at+5:at+5+length])] = r.number(at)
		at += 5 + length
	}
	return all
}

// list says of every path what lsbom(8) does: path, mode, owner, size and sum.
func (r reader) list() (lines []string) {
	tree := r.block(r.variables()["Paths"])
	if string(tree.text[:4]) != "tree" {
		r.Fatalf("Paths is no tree: %q", tree.text)
	}
	paths := map[int]string{0: ""}
	leaf := r.block(tree.number(8))
	for i := range int(binary.BigEndian.Uint16(leaf.text[2:])) {
		value, key := r.block(leaf.number(12+8*i)), r.block(leaf.number(16+8*i))
		about := r.block(value.number(4))
		folder, ok := paths[key.number(0)]
		if !ok {
			r.Errorf("%q comes before its folder", key.text)
		}
		name := strings.TrimSuffix(string(key.text[4:]), "\x00")
		paths[value.number(0)] = filepath.Join(folder, name)
		mode := binary.BigEndian.Uint16(about.text[4:])
		lines = append(lines, fmt.Sprintf("%s %o %d/%d %d %d", filepath.Join(folder, name), mode, about.number(6), about.number(10), about.number(18), about.number(23)))
	}
	if tree.number(16) != len(lines) {
		r.Errorf("the tree says that it has %d paths", tree.number(16))
	}
	return lines
}

// A Bom read back by what its own header says is what was put in.
func TestBom(t *testing.T) {
	entries := withFolders([]entry{{path: "opt/x/b", mode: 0o755, text: []byte("123456789")}, {path: "etc/a", mode: 0o644}})
	text, err := bomOf(entries, time.Unix(1790000000, 0))
	if err != nil {
		t.Fatal(err)
	}
	r := reader{t, text}
	if string(text[:8]) != "BOMStore" || r.number(16)+r.number(20) != len(text) || r.number(12) != r.number(r.number(16))-1 {
		t.Errorf("header: %q, %d octets", text[:32], len(text))
	}
	for _, name := range []string{"BomInfo", "Paths", "HLIndex", "VIndex", "Size64"} {
		r.block(r.variables()[name])
	}
	want := []string{". 40755 0/0 0 0", "etc 40755 0/0 0 0", "opt 40755 0/0 0 0", "etc/a 100644 0/0 0 4294967295", "opt/x 40755 0/0 0 0", "opt/x/b 100755 0/0 9 930766865"}
	if got := r.list(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := bomOf(make([]entry, leaves+1), time.Now()); err == nil {
		t.Error("a tree of two pages is none that we write")
	}
}

// The sum is that of cksum(1).
func TestChecksum(t *testing.T) {
	cksum, err := exec.LookPath("cksum")
	if err != nil {
		t.Skip("this system has no cksum")
	}
	for _, text := range []string{"", "a", strings.Repeat("muvpn", 100_000)} {
		file := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command(cksum, file).Output()
		if want, _, _ := strings.Cut(string(said), " "); err != nil || fmt.Sprint(checksum([]byte(text))) != want {
			t.Errorf("of %d octets: %d, want %s (%v)", len(text), checksum([]byte(text)), want, err)
		}
	}
}
