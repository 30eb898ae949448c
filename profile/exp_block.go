package profile

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// The PEM blocks of an .EXP.
const (
	profileBlock   = "MUVPN PROFILE"
	signatureBlock = "MUVPN SIGNATURE"
)

// maxColumns is how long a header line may be: no mail program wraps it.
const maxColumns = 76

// block is one PEM block, split but not yet understood.
type block struct {
	headers []headerLine
	body    []byte
}

type headerLine struct{ name, value string }

// textLines splits a file into lines, whatever ends them, without the blanks
// that mail programs leave at their ends.
func textLines(raw []byte) []string {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	lines := strings.Split(string(raw), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return lines
}

// onlyBlock returns the lines inside the one block of a type; nil when there
// is none. Two of them are refused: readers might take different ones.
func onlyBlock(lines []string, kind string) ([]string, error) {
	begin, end := "-----BEGIN "+kind+"-----", "-----END "+kind+"-----"
	var inside []string
	open := false
	for _, line := range lines {
		switch {
		case line == begin && inside != nil:
			return nil, damaged("it holds two blocks " + kind)
		case line == begin:
			inside, open = []string{}, true
		case line == end && open:
			open = false
		case open:
			inside = append(inside, line)
		}
	}
	if open {
		return nil, damaged("its end is missing")
	}
	return inside, nil
}

// checkVersion refuses a file of another version before anything else in it is
// judged, because another version may have other rules. Of two versions the
// closed set of headers takes care.
func checkVersion(lines []string) error {
	var versions []string
	for _, line := range lines {
		if v, ok := strings.CutPrefix(line, "Version: "); ok {
			versions = append(versions, v)
		}
	}
	if len(versions) != 1 || versions[0] == expVersion {
		return nil
	}
	return refuse(OtherVersion, "the file has the format version "+shown(versions[0])+", this program knows version 1: install a newer one, or ask your administrator for another copy")
}

// splitBlock parts the headers from the body. It does not leave this to
// encoding/pem, which takes the last of two equal headers, folds nothing back
// and lets pass whatever base64 does not know. Blank lines mean nothing: a
// header has a colon, base64 has none.
func splitBlock(lines []string) (*block, error) {
	var b block
	var body strings.Builder
	for _, line := range lines {
		name, value, isHeader := strings.Cut(line, ": ")
		switch {
		case line == "":
		case !printableASCII(line):
			return nil, damaged("it has characters that do not belong there")
		case !isHeader:
			body.WriteString(line)
		case body.Len() > 0:
			return nil, damaged("a header stands behind the headers")
		case len(line) > maxColumns:
			return nil, damaged("a header is longer than 76 characters")
		default:
			b.headers = append(b.headers, headerLine{name, value})
		}
	}
	var err error
	if b.body, err = strictBase64(body.String()); err != nil {
		return nil, damaged("its body is not base64")
	}
	return &b, nil
}

func printableASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// strictBase64 reads padded base64 of which every bit counts: two texts never
// mean the same octets. What it is given has no line ends, which DecodeString
// would skip.
func strictBase64(s string) ([]byte, error) {
	return base64.StdEncoding.Strict().DecodeString(s)
}
