package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxLine is how long a line should be at most, without CR LF (RFC 5322 section
// 2.1.1).
const maxLine = 78

// writeHeader writes a header field, folded at its spaces. The value is ASCII on
// one line; what was not is encoded by then.
func writeHeader(b *bytes.Buffer, name, value string) {
	line := name + ":"
	for word := range strings.FieldsSeq(value) {
		if len(line)+1+len(word) > maxLine && line != name+":" {
			b.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	b.WriteString(line + "\r\n")
}

// encoded is a text for a header: as it is where that can be, else in encoded
// words (RFC 2047), each short enough to stand behind a field's name.
func encoded(text string) string {
	const room = 36 // octets of text in one word
	plain := !strings.Contains(text, "=?")
	for word := range strings.FieldsSeq(text) {
		plain = plain && len(word) <= 60
	}
	if plain && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return text
	}
	var words []string
	for from := 0; from < len(text); {
		to := min(from+room, len(text))
		for to < len(text) && !utf8.RuneStart(text[to]) {
			to--
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[from:to]))+"?=")
		from = to
	}
	return strings.Join(words, " ")
}

// attributeChars are those that a parameter's value may have as they are (RFC
// 2231 section 7), without those that are better not in a file's name.
const attributeChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// parameter is a parameter of a header field, on lines of its own: plain where
// that is enough, else in UTF-8 and in as many sections as it takes (RFC 2231
// sections 3 and 4).
func parameter(name, value string) string {
	const room = 50 // octets of a value on one line
	if strings.Trim(value, attributeChars+" ") == "" && len(value) <= room {
		return fmt.Sprintf(";\r\n %s=\"%s\"", name, value)
	}
	var b strings.Builder
	section, octets := 0, 0
	begin := func(start string) {
		fmt.Fprintf(&b, ";\r\n %s*%d*=%s", name, section, start)
		section, octets = section+1, len(start)
	}
	begin("utf-8''")
	for _, c := range []byte(value) {
		if octets > room-3 {
			begin("")
		}
		coded := string(rune(c))
		if c >= 0x80 || !strings.Contains(attributeChars, coded) {
			coded = fmt.Sprintf("%%%02X", c)
		}
		b.WriteString(coded)
		octets += len(coded)
	}
	return b.String()
}
