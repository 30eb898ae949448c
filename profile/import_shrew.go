package profile

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// shrewFormat is the site file of the Shrew Soft VPN client, versions 0 to 4,
// which a Firebox exports: lines n:key:number, s:key:text and b:key:base64.
var shrewFormat = format{name: "Shrew Soft .vpn", is: isShrew, read: readShrew}

var shrewLine = regexp.MustCompile(`^([nsb]):([A-Za-z0-9_.-]+):(.*)$`)

// isShrew says that the first line with anything on it is one of Shrew's.
func isShrew(text []byte) bool {
	for _, line := range textLines(text) {
		if line != "" {
			return shrewLine.MatchString(strings.TrimSpace(line))
		}
	}
	return false
}

// shrewFile is a file by key. A key that is asked for is crossed off, so that
// what is left at the end was not understood.
type shrewFile struct {
	numbers  map[string]int64
	texts    map[string][]string // a repeated key adds to the list
	binaries map[string][]byte
	left     map[string]bool
	notes
}

func readShrew(text []byte) (Profile, []string, error) {
	f, err := parseShrew(text)
	if err != nil {
		return Profile{}, nil, err
	}
	p := f.profile()
	f.listTheRest()
	return p, f.warnings, nil
}

// parseShrew reads the lines. An error names the line and quotes nothing.
func parseShrew(text []byte) (*shrewFile, error) {
	f := &shrewFile{numbers: map[string]int64{}, texts: map[string][]string{}, binaries: map[string][]byte{}, left: map[string]bool{}}
	for i, line := range textLines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		m := shrewLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("line %d is not of the form n:key:number, s:key:text or b:key:base64", i+1)
		}
		if wrong := f.set(m[1], strings.ToLower(m[2]), strings.TrimSpace(m[3])); wrong != "" {
			return nil, fmt.Errorf("line %d: %s %s", i+1, m[2], wrong)
		}
	}
	return f, nil
}

// set takes one line and says what is wrong with its value.
func (f *shrewFile) set(kind, key, value string) (wrong string) {
	f.left[key] = true
	switch kind {
	case "n":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return "is not a number"
		}
		if old, twice := f.numbers[key]; twice && old != n {
			f.warn("%s stands there twice: the last value counts.", key)
		}
		f.numbers[key] = n
	case "b":
		b, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return "is not base64"
		}
		f.binaries[key] = b
	default:
		f.texts[key] = append(f.texts[key], value)
	}
	return ""
}

func (f *shrewFile) number(key string, def int64) int64 {
	delete(f.left, key)
	if n, ok := f.numbers[key]; ok {
		return n
	}
	return def
}

// text is the whole value: repeated keys are joined by commas.
func (f *shrewFile) text(key string) string {
	delete(f.left, key)
	return strings.Join(f.texts[key], ",")
}

// list is the value split at commas, without blanks and empty parts.
func (f *shrewFile) list(key string) []string {
	var out []string
	for part := range strings.SplitSeq(f.text(key), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func (f *shrewFile) binary(key string) []byte {
	delete(f.left, key)
	return f.binaries[key]
}

// shrewNotNeeded are keys that say nothing about this connection, what muvpn
// works out by itself, and what another key of the file switches off.
var shrewNotNeeded = []string{
	"auth-client-cert-name", "auth-client-key-name", "auth-mutual-psk", "auth-server-cert-name",
	"client-banner-enable", "client-dns-addr", "client-dns-auto", "client-dns-suffix", "client-dns-suffix-auto",
	"client-ip-addr", "client-ip-mask", "client-splitdns-auto", "client-splitdns-list", "client-wins-addr", "client-wins-auto",
	"ident-client-data", "ident-server-data",
	"network-frag-mode", "network-frag-size", "network-natt-rate", "network-notify-enable", "policy-level", "policy-nailed",
}

// listTheRest names every key that was not taken over.
func (f *shrewFile) listTheRest() {
	var known, unknown []string
	for key := range f.left {
		if slices.Contains(shrewNotNeeded, key) {
			known = append(known, key)
		} else {
			unknown = append(unknown, key)
		}
	}
	f.warnKeys("Not needed here: %s.", known)
	f.warnKeys("Unknown and ignored: %s.", unknown)
}
