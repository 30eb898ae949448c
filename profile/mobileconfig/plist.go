package mobileconfig

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"howett.net/plist"
)

// What a profile never has: the library would follow both as far as they go.
const (
	maxDepth   = 32
	maxObjects = 20000
)

// isPlist says that the text begins as a property list does.
func isPlist(text []byte) bool {
	head := bytes.TrimLeft(text[:min(len(text), 4096)], " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte(binaryMagic)):
		return true
	case bytes.HasPrefix(head, []byte("<?xml")), bytes.HasPrefix(head, []byte("<!DOCTYPE plist")):
		return bytes.Contains(head, []byte("<plist"))
	}
	return bytes.HasPrefix(head, []byte("<plist"))
}

// decodePlist decodes what has been found harmless. No error is the library's
// own, which may quote what stands in the file.
func decodePlist(text []byte) (map[string]any, error) {
	text = bytes.TrimLeft(text, " \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte(binaryMagic)):
		if !checkBinary(text) {
			return nil, damaged("the binary property list is not well-formed, or is too deep")
		}
	case !checkXML(text):
		return nil, damaged("the property list is not well-formed XML, or is too deep")
	}
	top, err := unmarshal(text)
	if err != nil {
		return nil, damaged("the property list cannot be read")
	}
	dict, ok := top.(map[string]any)
	if !ok {
		return nil, damaged("the property list is no dictionary")
	}
	return dict, nil
}

// unmarshal is the library, which panics on some files that it was not made
// for. The checks before it leave none that is known.
func unmarshal(text []byte) (top any, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the property list is odd")
		}
	}()
	_, err = plist.Unmarshal(text, &top)
	return top, err
}

// checkXML says that the text is XML whose outermost element is plist, with no
// more and no deeper elements than a profile has. Only such text goes to the
// library: with other text it tries yet another format.
func checkXML(text []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(text))
	depth, elements := 0, 0
	for {
		token, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && elements > 1
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; elements == 0 && t.Name.Local != "plist" {
				return false
			}
			if elements++; depth > maxDepth || elements > maxObjects {
				return false
			}
		case xml.EndElement:
			depth--
		}
	}
}
