package main

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"time"
)

// The table of contents of a xar archive: XML, compressed. Offsets count from its end.
type (
	xarTable struct {
		XMLName  xml.Name   `xml:"xar"`
		Created  string     `xml:"toc>creation-time"`
		Checksum xarSum     `xml:"toc>checksum"`
		Files    []*xarFile `xml:"toc>file"`
	}
	xarSum struct {
		Style  string `xml:"style,attr"`
		Offset int    `xml:"offset"`
		Size   int    `xml:"size"`
	}
	xarFile struct {
		ID    int        `xml:"id,attr"`
		Name  string     `xml:"name"`
		Kind  string     `xml:"type"`
		Mode  string     `xml:"mode"`
		Data  *xarData   `xml:"data"`
		Files []*xarFile `xml:"file"`
	}
	xarData struct {
		Length    int         `xml:"length"`
		Offset    int         `xml:"offset"`
		Size      int         `xml:"size"`
		Encoding  xarEncoding `xml:"encoding"`
		Archived  xarDigest   `xml:"archived-checksum"`
		Extracted xarDigest   `xml:"extracted-checksum"`
	}
	xarEncoding struct {
		Style string `xml:"style,attr"`
	}
	xarDigest struct {
		Style string `xml:"style,attr"`
		Value string `xml:",chardata"`
	}
)

// checksumStyle is the one that every reader of xar knows. It tells damage; against
// changes there is the signature, which productsign adds.
const checksumStyle = "sha1"

// xar collects files.
type xar struct {
	table xarTable
	heap  bytes.Buffer
	last  int // ID
}

// newXar begins an archive. The heap begins with the table's own checksum.
func newXar(when time.Time) *xar {
	x := &xar{table: xarTable{Created: when.Format("2006-01-02T15:04:05Z"), Checksum: xarSum{Style: checksumStyle, Size: sha1.Size}}}
	x.heap.Write(make([]byte, sha1.Size))
	return x
}

// file adds a file to a folder; nil: to the archive itself. What is large comes
// compressed already.
func (x *xar) file(folder *xarFile, name string, text []byte) {
	sum := sha1.Sum(text)
	digest := xarDigest{Style: checksumStyle, Value: hex.EncodeToString(sum[:])}
	x.put(folder, &xarFile{Name: name, Kind: "file", Mode: "0644", Data: &xarData{Length: len(text), Offset: x.heap.Len(), Size: len(text),
		Encoding: xarEncoding{Style: "application/octet-stream"}, Archived: digest, Extracted: digest}})
	x.heap.Write(text)
}

// folder adds a folder.
func (x *xar) folder(name string) *xarFile {
	f := &xarFile{Name: name, Kind: "directory", Mode: "0755"}
	x.put(nil, f)
	return f
}

func (x *xar) put(folder, f *xarFile) {
	x.last++
	f.ID = x.last
	list := &x.table.Files
	if folder != nil {
		list = &folder.Files
	}
	*list = append(*list, f)
}

// bytes is the archive: a header, the table, the heap.
func (x *xar) bytes() ([]byte, error) {
	text, err := xml.MarshalIndent(x.table, "", " ")
	if err != nil {
		return nil, err
	}
	text = append([]byte(xml.Header), text...)
	var packed, out bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(text)
	z.Close() // writes to a Buffer, which takes everything
	sum := sha1.Sum(packed.Bytes())
	heap := x.heap.Bytes()
	copy(heap, sum[:])
	out.WriteString("xar!")
	for _, number := range []any{uint16(28), uint16(1), uint64(packed.Len()), uint64(len(text)), uint32(1)} { // size of this, version; 1: SHA-1
		binary.Write(&out, binary.BigEndian, number)
	}
	out.Write(packed.Bytes())
	out.Write(heap)
	return out.Bytes(), nil
}
