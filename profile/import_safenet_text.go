package profile

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// registry is an export of the Windows registry in its old form: paths in
// brackets, then lines "name"=value. The first path element that is a number
// begins a connection.
type registry struct {
	notes
	connections []*keys
	numbers     []string // of the connections
	rest        *keys    // what stands outside of them
	paths       string   // all paths, in lower case
	odd         []string // the numbers of lines that are no setting
}

// registryLine is a name in quotes and what follows.
var registryLine = regexp.MustCompile(`^"([^"\\]{1,64})"=(.*)$`)

func parseRegistry(text []byte) *registry {
	f := &registry{}
	f.rest = newKeys(&f.notes)
	k, prefix := f.rest, ""
	lines := textLines(text)
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		first := i
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = line[:len(line)-1] + strings.TrimSpace(lines[i])
		}
		switch {
		case line == "" || line[0] == ';' || strings.HasPrefix(line, "REGEDIT4"):
		case line[0] == '[':
			k, prefix = f.open(strings.Trim(line, "[] \t"))
		case !f.value(k, prefix, line):
			f.odd = append(f.odd, strconv.Itoa(first+1))
		}
	}
	return f
}

// open is the connection that a path belongs to, and what of the path is
// inside of it.
func (f *registry) open(path string) (*keys, string) {
	path = path[:min(len(path), 256)]
	f.paths += strings.ToLower(path) + "\n"
	parts := strings.Split(path, `\`)
	for i, part := range parts {
		if _, err := strconv.ParseUint(part, 10, 16); err == nil {
			return f.connectionOf(strings.Join(parts[:i+1], `\`)), inside(parts[i+1:])
		}
	}
	return f.rest, ""
}

// inside is the rest of a path as the begin of a key's name.
func inside(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(bare(part) + ".")
	}
	return b.String()
}

// bare is a name without what its writers do not agree on: case, blanks,
// underscores.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}

func (f *registry) connectionOf(number string) *keys {
	for i, n := range f.numbers {
		if n == number {
			return f.connections[i]
		}
	}
	if len(f.numbers) == MaxNetworks { // more are nobody's policy
		return f.rest
	}
	k := newKeys(&f.notes)
	f.numbers, f.connections = append(f.numbers, number), append(f.connections, k)
	return k
}

// value takes one line and says whether it is one.
func (f *registry) value(k *keys, prefix, line string) bool {
	m := registryLine.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	name := prefix + bare(m[1])
	value, ok := registryValue(strings.TrimSpace(m[2]))
	if ok && keyName.MatchString(name) {
		k.set(name, value)
		return true
	}
	return false
}

// registryValue is a text, a number in decimal, or octets.
func registryValue(s string) (string, bool) {
	if digits, ok := strings.CutPrefix(s, "dword:"); ok {
		n, err := strconv.ParseUint(digits, 16, 32)
		return strconv.FormatUint(n, 10), err == nil
	}
	if digits, ok := strings.CutPrefix(s, "hex:"); ok {
		b, err := hex.DecodeString(strings.NewReplacer(",", "", " ", "", "\t", "").Replace(digits))
		return string(b), err == nil
	}
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1]), true
}
