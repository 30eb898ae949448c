package profile

import (
	"strconv"
	"strings"
)

// ini is a file of sections with lines name=value, as Windows reads them: the
// case of names does not matter, a line that begins with ; or # is a comment.
type ini struct {
	notes
	sections map[string]*keys
	names    []string // of the sections, in the file's order
	odd      []string // the numbers of lines that are no setting
	locked   bool     // a "!" stands before a name: Cisco's user cannot change it
}

// parseINI reads any text at all: what is no setting is named by its line.
func parseINI(text []byte) *ini {
	f := &ini{sections: map[string]*keys{}}
	section := f.section("")
	for i, line := range textLines(text) {
		line = strings.TrimSpace(line)
		switch name, value, ok := strings.Cut(line, "="); {
		case line == "" || line[0] == ';' || line[0] == '#':
		case line[0] == '[':
			section = f.section(sectionName(line))
		case ok && keyName.MatchString(strings.TrimSpace(name)):
			name, locked := strings.CutPrefix(strings.TrimSpace(name), "!")
			f.locked = f.locked || locked
			section.set(strings.TrimSpace(name), unquoted(strings.TrimSpace(value)))
		default:
			f.odd = append(f.odd, strconv.Itoa(i+1))
		}
	}
	return f
}

// section is the section of that name, made when there is none.
func (f *ini) section(name string) *keys {
	if f.sections[name] == nil {
		f.sections[name] = newKeys(&f.notes)
		f.names = append(f.names, name)
	}
	return f.sections[name]
}

// sectionName is the name inside the brackets, in lower case.
func sectionName(line string) string {
	name, _, _ := strings.Cut(line[1:], "]")
	return strings.ToLower(strings.TrimSpace(name))
}

// unquoted takes away one pair of quotes around a value.
func unquoted(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// sectionsOf are the names of all sections when the file begins with one.
func sectionsOf(text []byte) []string {
	var out []string
	for _, line := range textLines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == ';' || line[0] == '#':
		case line[0] == '[':
			out = append(out, sectionName(line))
		case out == nil:
			return nil
		}
	}
	return out
}

// listTheRest names what was not taken over: keys of the sections that were
// read, every key of the others, and lines that are no setting.
func (f *ini) listTheRest(notNeeded []string) {
	all := newKeys(&f.notes)
	var known, unknown []string
	for _, name := range f.names {
		k := f.sections[name]
		some, others := k.rest(notNeeded)
		known, unknown = append(known, some...), append(unknown, others...)
		all.twice = append(all.twice, k.twice...)
	}
	f.warnKeys("Not needed here: %s.", unique(known))
	f.warnKeys("Unknown and ignored: %s.", unique(unknown))
	f.warnKeys("Written twice, the first value counts: %s.", all.twice)
	f.warnLines(f.odd)
}

// warnLines names lines that nobody understands. They are not quoted: one may
// be a secret that was wrapped.
func (n *notes) warnLines(lines []string) {
	const most = 40
	if len(lines) > most {
		lines = append(lines[:most:most], "…")
	}
	if len(lines) > 0 {
		n.warn("No setting, and ignored: line %s.", strings.Join(lines, ", "))
	}
}
