package profile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// keys are the settings of a foreign file by name, whatever its case. One that
// is asked for is crossed off, so that what is left at the end was not
// understood.
type keys struct {
	*notes
	entries map[string]*entry
	twice   []string
}

type entry struct {
	name  string // as the file writes it
	value string // the octets of the file: a key is sent as it stands
	read  bool
}

func newKeys(n *notes) *keys { return &keys{notes: n, entries: map[string]*entry{}} }

// keyName is the form of a name that may be shown in a warning. What has
// another form may be a secret that slipped out of its line.
var keyName = regexp.MustCompile(`^[A-Za-z0-9_.!-][A-Za-z0-9_. /()!-]{0,63}$`)

// set takes one setting. The first value counts, as in the programs that the
// files are from.
func (k *keys) set(name, value string) {
	low := strings.ToLower(name)
	if old, ok := k.entries[low]; !ok {
		k.entries[low] = &entry{name: name, value: value}
	} else if old.value != value {
		k.twice = append(k.twice, old.name)
	}
}

// octets is a value as it stands in the file.
func (k *keys) octets(name string) string {
	e, ok := k.entries[strings.ToLower(name)]
	if !ok {
		return ""
	}
	e.read = true
	return e.value
}

// text is a value for people, in UTF-8.
func (k *keys) text(name string) string { return utf8Text(k.octets(name)) }

// word is a value that is one of a few words.
func (k *keys) word(name string) string { return strings.ToLower(k.text(name)) }

// list is a value split at commas, semicolons and blanks.
func (k *keys) list(name string) []string {
	return strings.FieldsFunc(k.text(name), func(r rune) bool { return strings.ContainsRune(",; \t", r) })
}

// number is a whole number from 0 to 2^31-1, def when there is none.
func (k *keys) number(name string, def int64) int64 {
	s := k.octets(name)
	if s == "" {
		return def
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		k.warn("%s is no number that is known here: %d is taken.", name, def)
		return def
	}
	return int64(n)
}

// flag is a switch, written 1 and 0 or yes and no.
func (k *keys) flag(name string, def bool) bool {
	switch k.word(name) {
	case "":
	case "1", "yes":
		return true
	case "0", "no":
		return false
	default:
		k.warn("%s is neither on nor off: it is ignored.", name)
	}
	return def
}

// seconds is a time; 0 is Off. One that is too short or too long becomes the
// nearest that a profile may have.
func (k *keys) seconds(name string, def int64, low, high time.Duration) Duration {
	n := k.number(name, def)
	if n == 0 {
		return Off
	}
	d := time.Duration(n) * time.Second
	if fit := min(max(d, low), high); fit != d {
		k.warn("%s is out of range: %s is taken.", name, Every(fit))
		d = fit
	}
	return Every(d)
}

// ignore crosses off keys and says why, unless they say nothing: no value, or
// only zeros.
func (k *keys) ignore(why string, names ...string) {
	for _, name := range names {
		if strings.Trim(k.octets(name), "0") != "" {
			k.warn("%s is ignored: %s.", name, why)
		}
	}
}

// What an ignored key would do.
const (
	runsProgram = "runs a program"
	namesPath   = "names a file of the computer where it was made"
	asksUser    = "the user is asked for the password"
)

// rest sorts the keys that nobody has asked for into those that need no
// setting here and those that are unknown. A key without value says nothing.
func (k *keys) rest(notNeeded []string) (known, unknown []string) {
	for low, e := range k.entries {
		switch {
		case e.read || e.value == "":
		case slices.Contains(notNeeded, low):
			known = append(known, e.name)
		default:
			unknown = append(unknown, e.name)
		}
	}
	return known, unknown
}

// listTheRest names every key that was not taken over.
func (k *keys) listTheRest(notNeeded []string) {
	known, unknown := k.rest(notNeeded)
	k.warnKeys("Not needed here: %s.", known)
	k.warnKeys("Unknown and ignored: %s.", unknown)
	k.warnKeys("Written twice, the first value counts: %s.", k.twice)
}
