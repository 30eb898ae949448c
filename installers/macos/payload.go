package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// entry is a file or a folder that belongs to root and its group wheel.
type entry struct {
	path   string // relative to the root of what it is in, which is "."
	mode   uint32 // the permissions
	folder bool
	text   []byte
}

// Kinds of files in the mode of one, as everywhere in Unix.
const (
	kindFolder = 0o040000
	kindFile   = 0o100000
)

// fullMode is the mode with the kind.
func (e entry) fullMode() uint32 {
	if e.folder {
		return kindFolder | e.mode
	}
	return kindFile | e.mode
}

// depth is how many folders it lies in.
func (e entry) depth() int {
	if e.path == "." {
		return -1
	}
	return strings.Count(e.path, "/")
}

// withFolders adds the folders that the files lie in, and sorts: a folder before what
// is in it, level by level, which is the order of a Bom.
func withFolders(files []entry) []entry {
	all := slices.Clone(files)
	there := map[string]bool{}
	for _, f := range files {
		for folder := path.Dir(f.path); !there[folder]; folder = path.Dir(folder) {
			there[folder] = true
			all = append(all, entry{path: folder, mode: 0o755, folder: true})
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.depth(), b.depth()), slices.Compare(strings.Split(a.path, "/"), strings.Split(b.path, "/")))
	})
	return all
}

// archive is a compressed cpio archive of the old portable kind (odc), which
// Installer unpacks.
func archive(entries []entry, when time.Time) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one that there is
	for i, e := range entries {
		name := "."
		if e.path != "." {
			name = "./" + e.path
		}
		links := 1
		if e.folder {
			links = 2
		}
		member(z, name, i+1, e.fullMode(), links, when.Unix(), e.text)
	}
	member(z, "TRAILER!!!", 0, 0, 1, 0, nil)
	z.Close() // writes to a Buffer, which takes everything
	return b.Bytes()
}

// member writes one file: a header of octal numbers, its name and its text. Owner
// and group are 0. The inode tells files with one name from another's second name.
func member(z *gzip.Writer, name string, inode int, mode uint32, links int, when int64, text []byte) {
	const magic, device = 0o070707, 0
	fmt.Fprintf(z, "%06o%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o%s\x00", magic, device, inode, mode, 0, 0, links, 0, when, len(name)+1, len(text), name)
	z.Write(text)
}
