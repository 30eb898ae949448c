package mobileconfig

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader collects what people must know of a file while it is translated.
type reader struct {
	warnings []string
	opened   []*dict
}

func (r *reader) warn(form string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(form, args...))
}

// dict is a dictionary of the file. A key that is asked for is crossed off, so
// that what is left at the end was not taken over. A nil one is empty.
type dict struct {
	path string // such as "IKEv2."
	keys map[string]any
	left map[string]bool
}

// open makes a dict of what stands under a path.
func (r *reader) open(path string, keys map[string]any) *dict {
	d := &dict{path: path, keys: keys, left: map[string]bool{}}
	for key := range keys {
		d.left[key] = true
	}
	r.opened = append(r.opened, d)
	return d
}

// get is the value of a key if it has the type that it should have. Another
// one stays on the list of what was not taken over.
func get[T any](d *dict, key string) (v T, ok bool) {
	if d == nil {
		return v, false
	}
	if v, ok = d.keys[key].(T); ok {
		delete(d.left, key)
	}
	return v, ok
}

func (d *dict) text(key string) string {
	s, _ := get[string](d, key)
	return s
}

// data is octets, or a text where somebody wrote octets as text.
func (d *dict) data(key string) []byte {
	if b, ok := get[[]byte](d, key); ok {
		return b
	}
	return []byte(d.text(key))
}

// number is an integer; absent and negative ones are def.
func (d *dict) number(key string, def int64) int64 {
	if n, ok := get[uint64](d, key); ok {
		return int64(min(n, math.MaxInt64))
	}
	get[int64](d, key) // the library's type for negative ones
	return def
}

// flag is true for true and for 1.
func (d *dict) flag(key string) bool {
	if b, ok := get[bool](d, key); ok {
		return b
	}
	return d.number(key, 0) != 0
}

// texts are the texts of an array.
func (d *dict) texts(key string) []string {
	list, _ := get[[]any](d, key)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// dict opens the dictionary under a key, or returns nil.
func (r *reader) dict(d *dict, key string) *dict {
	keys, ok := get[map[string]any](d, key)
	if !ok {
		return nil
	}
	return r.open(d.path+key+".", keys)
}

// notNeeded are keys that say nothing about the connection.
var notNeeded = []string{
	"PayloadDescription", "PayloadDisplayName", "PayloadEnabled", "PayloadExpirationDate", "PayloadIdentifier", "PayloadOrganization",
	"PayloadRemovalDisallowed", "PayloadScope", "PayloadType", "PayloadUUID", "PayloadVersion", "ConsentText", "DurationUntilRemoval", "RemovalDate",
	"TargetDeviceType",
}

// listTheRest names every key that was not taken over.
func (r *reader) listTheRest() {
	known, rest := map[string]bool{}, map[string]bool{}
	for _, d := range r.opened {
		for key := range d.left {
			if slices.Contains(notNeeded, key) {
				known[key] = true
			} else {
				rest[shown(d.path+key)] = true
			}
		}
	}
	r.list("Not needed here: %s.", slices.Sorted(maps.Keys(known)))
	r.list("Not taken over: %s.", slices.Sorted(maps.Keys(rest)))
}

// list warns of names; more than a screenful says only how many.
func (r *reader) list(form string, names []string) {
	const most = 40
	if n := len(names); n > most {
		names = append(names[:most], fmt.Sprintf("and %d more", n-most))
	}
	if len(names) > 0 {
		r.warn(form, strings.Join(names, ", "))
	}
}

// shown makes a name from a file fit to be shown: one line, and not long.
func shown(s string) string {
	const most = 96
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		s = strings.Trim(strconv.Quote(s), `"`)
	}
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
