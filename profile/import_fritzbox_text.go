package profile

import (
	"fmt"
	"strings"
)

// The limits of a FRITZ!Box file: a real one has some 60 settings, three deep.
const (
	fritzMaxDepth    = 8
	fritzMaxSettings = 4096
	fritzMaxName     = 64
)

// fritzText is what has been read of a file in AVM's form: name = value; and
// name { … }. A setting inside blocks is named remoteid.key_id.
type fritzText struct {
	notes
	connections []*keys // each block that is a connection
	rest        *keys   // what stands outside of them
	boxSide     bool    // written for the box, not for its user

	path     []string // the open blocks
	last     string   // the block that was closed last: "{" opens another one of its name
	inside   int      // how many open blocks belong to the connection; 0: none
	settings int
}

// parseFritz reads the text. An error names the line and quotes nothing.
func parseFritz(text []byte) (*fritzText, error) {
	f := &fritzText{}
	f.rest = newKeys(&f.notes)
	s := fritzScanner{text: utf8Text(string(text)), line: 1}
	for {
		t := s.next()
		if t == "" {
			break
		}
		if wrong := f.statement(t, &s); wrong != "" {
			return nil, fmt.Errorf("line %d %s; ask your administrator for a new copy of the file", s.line, wrong)
		}
	}
	if len(f.path) > 0 {
		return nil, fmt.Errorf("line %d is the last one and a block is still open: the file was cut off; ask your administrator for a new copy of it", s.line)
	}
	return f, nil
}

// statement reads what begins with the token t, and says what is wrong.
func (f *fritzText) statement(t string, s *fritzScanner) (wrong string) {
	switch {
	case t == "}" && len(f.path) > 0:
		f.close()
	case t == ";": // behind a block, as some write it
	case t == "{" && f.last != "":
		return f.open(f.last)
	case isFritzName(t):
		switch s.next() {
		case "{":
			return f.open(t)
		case "=":
			return f.setting(t, s)
		}
		return "is not of the form name = value; or name { … }"
	default:
		return "is not of the form name = value; or name { … }"
	}
	return ""
}

// isFritzName says that a token is the name of a setting or a block.
func isFritzName(t string) bool {
	return len(t) <= fritzMaxName && strings.Trim(t, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

func (f *fritzText) open(name string) (wrong string) {
	f.settings++
	if len(f.path) == fritzMaxDepth || f.settings > fritzMaxSettings {
		return "is one too many: this is no VPN file of a FRITZ!Box"
	}
	f.path, f.last = append(f.path, name), ""
	if f.inside > 0 {
		f.inside++
		return ""
	}
	switch strings.Join(f.path, ".") {
	case "vpncfg.connections":
		f.boxSide = true
	case "targets.policies":
	default:
		return ""
	}
	f.connections, f.inside = append(f.connections, newKeys(&f.notes)), 1
	return ""
}

func (f *fritzText) close() {
	f.last = f.path[len(f.path)-1]
	f.path = f.path[:len(f.path)-1]
	f.inside = max(f.inside-1, 0)
}

// setting reads "value, value;". Several values are joined by commas.
func (f *fritzText) setting(name string, s *fritzScanner) (wrong string) {
	f.last = ""
	if f.settings++; f.settings > fritzMaxSettings {
		return "is one too many: this is no VPN file of a FRITZ!Box"
	}
	values, wrong := s.values()
	k, path := f.rest, f.path
	if f.inside > 0 {
		k, path = f.connections[len(f.connections)-1], f.path[len(f.path)-f.inside+1:]
	}
	k.set(strings.Join(append(path[:len(path):len(path)], name), "."), strings.Join(values, ","))
	return wrong
}

// values reads what stands behind the "=", and says what is wrong with it.
func (s *fritzScanner) values() (values []string, wrong string) {
	for {
		switch t := s.next(); t {
		case "":
			return nil, "is the last one and inside a value: a quote or a semicolon is missing"
		case "{", "}", "=":
			return nil, "has a value that does not end in a semicolon"
		case ";":
			return values, ""
		case ",":
		default:
			values = append(values, unmarked(t))
		}
	}
}

// fritzScanner cuts a text into tokens: { } = , ; words, and strings, which
// keep the quote that they begin with.
type fritzScanner struct {
	text string
	line int
}

// next is the next token, empty at the end. A string that is not closed is the
// end too.
func (s *fritzScanner) next() string {
	s.skip()
	switch {
	case s.text == "":
		return ""
	case strings.ContainsRune("{}=,;", rune(s.text[0])):
		return s.take(1)
	case s.text[0] == '"':
		return s.quoted()
	}
	if end := strings.IndexAny(s.text, "{}=,;\" \t\r\n"); end >= 0 {
		return s.take(end)
	}
	return s.take(len(s.text))
}

// skip passes blanks, comments and the lines with asterisks that part the
// files of a backup.
func (s *fritzScanner) skip() {
	for s.text != "" {
		switch {
		case strings.ContainsRune(" \t\r\n", rune(s.text[0])):
			s.take(1)
		case strings.HasPrefix(s.text, "//"), strings.HasPrefix(s.text, "****"):
			s.until("\n")
		case strings.HasPrefix(s.text, "/*"):
			s.until("*/")
		default:
			return
		}
	}
}

func (s *fritzScanner) until(end string) {
	n := strings.Index(s.text, end)
	if n < 0 {
		n = len(s.text) - len(end)
	}
	s.take(n + len(end))
}

// quoted is a string without its closing quote. A backslash takes the next
// character as it is.
func (s *fritzScanner) quoted() string {
	var b strings.Builder
	for i := 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.take(i + 1)
			return `"` + b.String()
		case c == '\\' && i+1 < len(s.text):
			i++
			b.WriteByte(s.text[i])
		default:
			b.WriteByte(c)
		}
	}
	s.take(len(s.text))
	return ""
}

// unmarked is the value of a word or of a string.
func unmarked(token string) string { return strings.TrimPrefix(token, `"`) }

func (s *fritzScanner) take(n int) string {
	n = min(max(n, 0), len(s.text))
	t := s.text[:n]
	s.line += strings.Count(t, "\n")
	s.text = s.text[n:]
	return t
}
