package profile

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// expVersion is the version of the format that this program reads and writes.
const expVersion = "1"

const cipherName = "xchacha20-poly1305"

// Header is what anybody can read in an .EXP without the passphrase.
type Header struct {
	Profile string    // UUID
	Serial  uint64    // rises with each issue
	Label   string    // the name, possibly cut short
	Issuer  string    // who made the file
	Support string    // e-mail address for the log
	Issued  time.Time // zero: not said
	Expires time.Time // zero: never
	KDF     KDF
	Nonce   []byte
	Signer  ed25519.PublicKey // nil: not signed
}

func (h Header) meta() Meta {
	return Meta{UUID: h.Profile, Serial: h.Serial, Issuer: h.Issuer, Support: h.Support}
}

// headerParsers is the closed set of headers.
var headerParsers = map[string]func(h *Header, value string) error{
	"Version": func(*Header, string) error { return nil }, // checked before all others
	"Profile": func(h *Header, v string) error { return h.parseProfile(v) },
	"Serial":  func(h *Header, v string) error { return h.parseSerial(v) },
	"Label":   func(h *Header, v string) error { return h.parseLabel(v) },
	"Issuer":  func(h *Header, v string) error { h.Issuer = v; return nil },
	"Support": func(h *Header, v string) error { h.Support = v; return nil },
	"Issued":  func(h *Header, v string) error { return parseTime(&h.Issued, v) },
	"Expires": func(h *Header, v string) error { return parseTime(&h.Expires, v) },
	"Kdf":     func(h *Header, v string) error { return h.KDF.parse(v) },
	"Cipher":  func(h *Header, v string) error { return h.parseCipher(v) },
	"Signer":  func(h *Header, v string) error { return h.parseSigner(v) },
}

// requiredHeaders are those without which nothing can be opened or told apart.
var requiredHeaders = []string{"Version", "Profile", "Serial", "Kdf", "Cipher"}

// parseHeader reads the headers of a file whose version is known.
func parseHeader(lines []headerLine) (Header, error) {
	seen := map[string]bool{}
	for _, l := range lines {
		if seen[l.name] {
			return Header{}, damaged("the header " + shown(l.name) + " stands there twice")
		}
		seen[l.name] = true
	}
	for _, name := range requiredHeaders {
		if !seen[name] {
			return Header{}, damaged("the header " + name + " is missing")
		}
	}
	var h Header
	for _, l := range lines {
		parse, known := headerParsers[l.name]
		if !known {
			return Header{}, damaged("it has an unknown header " + shown(l.name))
		}
		if strings.TrimSpace(l.value) != l.value || l.value == "" {
			return Header{}, damaged("the header " + l.name + " is empty or has blanks around it")
		}
		if err := parse(&h, l.value); err != nil {
			return Header{}, damaged("the header " + l.name + " " + err.Error())
		}
	}
	return h, nil
}

// shown shortens what a stranger wrote before it is shown to people.
func shown(s string) string { return strconv.Quote(s[:min(len(s), 20)]) }

func (h *Header) parseProfile(v string) error {
	if !validUUID(v) {
		return errors.New("is not a UUID")
	}
	h.Profile = v
	return nil
}

func (h *Header) parseSerial(v string) error {
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != v {
		return errors.New("is not a number from 1")
	}
	h.Serial = n
	return nil
}

func (h *Header) parseLabel(v string) error {
	label, err := url.PathUnescape(v)
	if err != nil || !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl) {
		return errors.New("is not percent-encoded text")
	}
	h.Label = label
	return nil
}

func parseTime(t *time.Time, v string) error {
	parsed, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return errors.New("is not a time, such as 2030-01-31T12:00:00Z")
	}
	*t = parsed
	return nil
}

func (h *Header) parseCipher(v string) error {
	name, nonce, _ := strings.Cut(v, " ")
	b, err := strictBase64(nonce)
	if err != nil || name != cipherName || len(b) != chacha20poly1305.NonceSizeX {
		return errors.New("is not " + cipherName + " with a nonce of 24 octets")
	}
	h.Nonce = b
	return nil
}

func (h *Header) parseSigner(v string) error {
	b, err := strictBase64(v)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return errors.New("is not an Ed25519 key")
	}
	h.Signer = b
	return nil
}

// lines is the header as it is written, sorted by name.
func (h Header) lines() []headerLine {
	lines := []headerLine{
		{"Cipher", cipherName + " " + base64.StdEncoding.EncodeToString(h.Nonce)},
		{"Expires", formatTime(h.Expires)},
		{"Issued", formatTime(h.Issued)},
		{"Issuer", h.Issuer},
		{"Kdf", h.KDF.String()},
		{"Label", percentEncode(h.Label, maxColumns-len("Label: "))},
		{"Profile", h.Profile},
		{"Serial", strconv.FormatUint(h.Serial, 10)},
		{"Signer", base64.StdEncoding.EncodeToString(h.Signer)},
		{"Support", h.Support},
		{"Version", expVersion},
	}
	return slices.DeleteFunc(lines, func(l headerLine) bool { return l.value == "" })
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// percentEncode writes as much of s as fits into width, whole characters only:
// all but unreserved characters (RFC 3986 section 2.3) as %XX.
func percentEncode(s string, width int) string {
	var out strings.Builder
	for _, r := range s {
		var char strings.Builder
		for _, octet := range []byte(string(r)) {
			if unreserved(octet) {
				char.WriteByte(octet)
			} else {
				fmt.Fprintf(&char, "%%%02X", octet)
			}
		}
		if out.Len()+char.Len() > width {
			break
		}
		out.WriteString(char.String())
	}
	return out.String()
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// associatedData is what the cipher and the signature bind to the profile: all
// headers, as they stand, sorted by name.
func associatedData(lines []headerLine) []byte {
	sorted := slices.SortedFunc(slices.Values(lines), func(a, b headerLine) int { return strings.Compare(a.name, b.name) })
	out := []byte(aadLabel)
	for _, l := range sorted {
		out = append(out, l.name+": "+l.value+"\n"...)
	}
	return out
}

// KDF are the parameters of Argon2id (RFC 9106).
type KDF struct {
	Time   uint32 // passes
	Memory uint32 // KiB
	Lanes  uint8
	Salt   []byte
}

// The cost with which files are written.
const (
	writeTime   = 3
	writeMemory = 65536
	writeLanes  = 1
	saltSize    = 16
)

// maxWork bounds passes times memory, in KiB: 1 GiB.
const maxWork = 1 << 20

// within says that the parameters cost enough to protect and not so much that
// a file can stop a computer.
func (k KDF) within() bool {
	return k.Time >= 1 && k.Time <= 10 && k.Memory >= 19456 && k.Memory <= 262144 &&
		k.Lanes >= 1 && k.Lanes <= 4 && k.Time*k.Memory <= maxWork &&
		len(k.Salt) >= 16 && len(k.Salt) <= 32
}

// String is the value of the header Kdf.
func (k KDF) String() string {
	return fmt.Sprintf("argon2id t=%d m=%d p=%d %s", k.Time, k.Memory, k.Lanes, base64.StdEncoding.EncodeToString(k.Salt))
}

func (k *KDF) parse(v string) error {
	var salt string
	var got KDF
	_, err := fmt.Sscanf(v, "argon2id t=%d m=%d p=%d %s", &got.Time, &got.Memory, &got.Lanes, &salt)
	if err == nil {
		got.Salt, err = strictBase64(salt)
	}
	if err != nil || got.String() != v {
		return errors.New("is not argon2id with t, m, p and salt")
	}
	if !got.within() {
		return errors.New("asks for too little or too much work")
	}
	*k = got
	return nil
}

func (k KDF) key(passphrase []byte) Secret {
	return Secret{octets: argon2.IDKey(passphrase, k.Salt, k.Time, k.Memory, k.Lanes, chacha20poly1305.KeySize)}
}
