package policy

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"muvpn/profile/store"
)

// Names are a source's words for itself and for its rules.
type Names struct {
	Source                        string
	Signers, KillSwitch, ReadOnly string
}

// FileNames are the keys of policy.toml, which are those of a profile's [policy].
func FileNames(path string) Names { return Names{path, "signers", "kill_switch", "read_only"} }

// RegistryNames are those of the registry, below HKEY_LOCAL_MACHINE: two values of
// the key Source, of the type REG_DWORD, and below it the key Signers with values
// of any name and the type REG_SZ. Group Policy leaves empty keys behind; so a key
// without values is no list at all.
func RegistryNames() Names {
	return Names{`Software\Policies\muvpn`, "PinnedSigners", "KillSwitch", "ReadOnly"}
}

// parse is what the values of a source demand: true or false, in the registry 1
// or 0, and a list of keys. A rule that cannot be read counts as set; a name that
// is no rule's may be a rule that was misspelt.
func (n Names) parse(values map[string]any) Policy {
	var p Policy
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch v := values[name]; name {
		case n.Signers:
			p.pin(n, v)
		case n.KillSwitch:
			p.KillSwitch = p.flag(n, name, v)
		case n.ReadOnly:
			p.ReadOnly = p.flag(n, name, v)
		default:
			return strictest("%s has no rule %q", n.Source, name)
		}
	}
	return p.and(Policy{}) // sorted
}

// flag is whether a rule is set.
func (p *Policy) flag(n Names, name string, v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case uint32:
		if v <= 1 {
			return v == 1
		}
	}
	p.fault("%s: %s is %v, which is neither yes nor no, and counts as yes", n.Source, name, v)
	return true
}

// pin takes a list of keys. One that cannot be read is left out, and the list
// holds without it.
func (p *Policy) pin(n Names, v any) {
	p.Pinned = true
	list, ok := v.([]any)
	if !ok {
		p.fault("%s: %s is %v, which is no list, and counts as one of nobody", n.Source, n.Signers, v)
	}
	for _, v := range list {
		p.accept(fmt.Sprint(v), n.Source+": "+n.Signers)
	}
}

// accept takes one key as text.
func (p *Policy) accept(text, where string) {
	var k store.Signer
	if err := k.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
		p.fault("%s: %.60q is %v, and is left out", where, text, err)
		return
	}
	p.Signers = append(p.Signers, k)
}

// parseFile is what policy.toml demands. nil: it is not there.
func parseFile(path string, text []byte) Policy {
	if text == nil {
		return Policy{}
	}
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		return strictest("%s cannot be read (%v)", path, err)
	}
	return FileNames(path).parse(values)
}

// parseSigners is what a file of pinned signers demands: one key in base64 a line;
// what follows a # is a comment. nil: it is not there.
func parseSigners(path string, text []byte) Policy {
	p := Policy{Pinned: text != nil}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line != "" {
			p.accept(line, fmt.Sprintf("%s, line %d", path, n))
		}
	}
	if err := lines.Err(); err != nil {
		p.fault("%s cannot be read to its end (%v): the signers before that are accepted alone", path, err)
	}
	return p
}
