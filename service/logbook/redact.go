package logbook

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// redactor replaces private values by placeholders: the same value, the same
// placeholder, for as long as the redactor is used.
type redactor struct {
	known []Word
	users *regexp.Regexp // any of the users; nil: there are none
	nets  []network
	names map[string]string
	count map[Kind]int
}

// network is a network whose addresses are private.
type network struct {
	netip.Prefix
	kind Kind
}

func newRedactor(words []Word) *redactor {
	r := &redactor{names: map[string]string{}, count: map[Kind]int{}}
	r.learn(words)
	return r
}

// newWords are those that are not known yet.
func newWords(known, words []Word) []Word {
	var fresh []Word
	for _, w := range words {
		if w.Value != "" && !slices.Contains(known, w) && !slices.Contains(fresh, w) {
			fresh = append(fresh, w)
		}
	}
	return fresh
}

// learn adds private values.
func (r *redactor) learn(words []Word) {
	fresh := newWords(r.known, words)
	if len(fresh) == 0 {
		return
	}
	r.known = append(r.known, fresh...)
	var users []string
	for _, w := range r.known {
		if w.Kind == User {
			users = append(users, w.Value)
		}
	}
	r.users = anyOf(users)
	for _, w := range fresh {
		if n, ok := parseNetwork(w); ok {
			r.nets = append(r.nets, n)
		}
	}
	// The most specific first: an address has the kind of its own network.
	slices.SortStableFunc(r.nets, func(a, b network) int { return cmp.Compare(b.Bits(), a.Bits()) })
}

// anyOf matches any of the values as a whole word, the longest first, in
// whatever case.
func anyOf(values []string) *regexp.Regexp {
	if len(values) == 0 {
		return nil
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, bounded(v))
	}
	return regexp.MustCompile(`(?i)` + strings.Join(quoted, "|"))
}

var wordEnd = regexp.MustCompile(`^\w|\w$`)

// bounded is the expression for v that does not match inside another word.
func bounded(v string) string {
	q := regexp.QuoteMeta(strings.ToValidUTF8(v, "\uFFFD"))
	if wordEnd.MatchString(v[:1]) {
		q = `\b` + q
	}
	if wordEnd.MatchString(v[len(v)-1:]) {
		q += `\b`
	}
	return q
}

// parseNetwork reads an address or network. Everything and loopback are
// nobody's secret.
func parseNetwork(w Word) (network, bool) {
	p, err := netip.ParsePrefix(w.Value)
	if err != nil {
		a, err := netip.ParseAddr(w.Value)
		if err != nil {
			return network{}, false
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	return network{p.Masked(), w.Kind}, w.Kind != User && p.Bits() > 0 && !p.Addr().IsLoopback()
}

// address finds what may be an IP address; whether it is one is looked at then.
var address = regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*`)

// text replaces what is private in s.
func (r *redactor) text(s string) string {
	s = address.ReplaceAllStringFunc(s, func(found string) string {
		a, err := netip.ParseAddr(found)
		if err != nil {
			return found
		}
		for _, n := range r.nets {
			if n.Contains(a) {
				return r.name(n.kind, a.String())
			}
		}
		return found
	})
	if r.users != nil {
		s = r.users.ReplaceAllStringFunc(s, func(found string) string { return r.name(User, strings.ToLower(found)) })
	}
	return s
}

// name is the placeholder of a value.
func (r *redactor) name(k Kind, value string) string {
	if name, ok := r.names[value]; ok {
		return name
	}
	r.count[k]++
	r.names[value] = fmt.Sprintf("%s-%d", k, r.count[k])
	return r.names[value]
}

// line is a line of JSON without what is private. One that cannot be read is
// left out: nobody knows what is in it.
func (r *redactor) line(line []byte) []byte {
	in := json.NewDecoder(bytes.NewReader(line))
	in.UseNumber()
	var fields map[string]any
	if in.Decode(&fields) != nil {
		return nil
	}
	delete(fields, keyPrivate)
	for key, v := range fields {
		if key != keyTime && key != keyLevel && key != keyEvent {
			fields[key] = r.value(v)
		}
	}
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	if to.Encode(fields) != nil {
		return nil
	}
	return out.Bytes()
}

// value replaces what is private in a value of JSON.
func (r *redactor) value(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = r.value(v[key])
		}
	}
	return v
}

// privateIn are the private values that a line itself names.
func privateIn(line []byte) []Word {
	if !bytes.Contains(line, []byte(`"`+keyPrivate+`":`)) {
		return nil
	}
	var r struct{ Private []Word }
	json.Unmarshal(line, &r) // a line that cannot be read names none
	return r.Private
}
