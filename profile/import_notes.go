package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// notes are the warnings that an importer has collected: one sentence for each
// thing in the file that is not taken over as it stands. None holds a value
// that may be a secret.
type notes struct{ warnings []string }

func (n *notes) warn(form string, args ...any) {
	n.warnings = append(n.warnings, fmt.Sprintf(form, args...))
}

// warnKeys lists keys; more than a screenful says only how many.
func (n *notes) warnKeys(form string, keys []string) {
	const most = 40
	slices.Sort(keys)
	if more := len(keys) - most; more > 0 {
		keys = append(keys[:most], fmt.Sprintf("and %d more", more))
	}
	if len(keys) > 0 {
		n.warn(form, strings.Join(keys, ", "))
	}
}

// psk is the shared key of the file, or a question to the user.
func (n *notes) psk(key string) PSK {
	if key == "" {
		n.warn("The file holds no shared key: it is asked for.")
		return PSK{Source: "prompt"}
	}
	return PSK{Source: "inline", Value: NewSecret([]byte(key))}
}

// title is the first of the names that can be shown.
func title(names ...string) string {
	for _, s := range names {
		if s != "" && len(s) <= MaxName && !strings.ContainsFunc(s, unicode.IsControl) {
			return s
		}
	}
	return ""
}

// noCertificate refuses a file whose user shows a certificate: these formats
// name one of the computer where the file was made.
func noCertificate(format string) error {
	return errors.New("the connection needs the user's certificate, which a file of this kind (" + format + ") does not hold; ask your administrator for an .EXP of muvpn with the certificate in it")
}

// utf8Text is what stands in a file, as UTF-8: what is not is Latin-1.
func utf8Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out := make([]rune, len(s))
	for i := range len(s) {
		out[i] = rune(s[i])
	}
	return string(out)
}
