package mail

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"time"
	"unicode"

	"muvpn/client/explain"
)

// Message is a report as an unsent e-mail (RFC 5322, RFC 2045 to 2047 and 2231),
// lines of at most 78 octets ending in CR LF. X-Unsent has mail programs open it
// to be edited and sent. From, Date and Message-ID are theirs to add.
func (r *Report) Message() ([]byte, error) {
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	writeHeader(&b, "X-Unsent", "1")
	if r.To != nil {
		writeHeader(&b, "To", r.To.String())
	}
	writeHeader(&b, "Subject", encoded(r.Subject()))
	writeHeader(&b, "MIME-Version", "1.0")
	writeHeader(&b, "Content-Type", `multipart/mixed; boundary="`+parts.Boundary()+`"`)
	b.WriteString("\r\n")
	if err := writeBody(parts, r.Summary()); err != nil {
		return nil, err
	}
	for _, a := range r.Attachments() {
		if err := writeAttachment(parts, a); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Subject names the program, the profile, and why the message is written.
func (r *Report) Subject() string {
	why := string(r.State)
	if r.Failure != nil {
		why = string(r.Failure.Code)
	}
	name := cmp.Or(shortened(oneLine(r.Profile), 60), "no profile")
	return fmt.Sprintf("muvpn: %s: %s", name, why)
}

// Summary is the text of the message: what has happened, then which programs,
// then what is attached.
func (r *Report) Summary() string {
	var b strings.Builder
	b.WriteString("Please write here what you did and what you saw:\n\n\n\n----\n")
	fmt.Fprintf(&b, "Profile: %s\nState now: %s\n", cmp.Or(oneLine(r.Profile), "none"), r.State)
	switch {
	case r.Failure == nil:
		b.WriteString("The log tells of no failure.\n")
	case r.Failed.Time != "":
		fmt.Fprintf(&b, "\nThe last failure, at %s:\n", r.Failed.Time)
	default:
		b.WriteString("\nThe failure:\n")
	}
	if r.Failure != nil {
		b.WriteString(explain.Text(r.Failure))
	}
	fmt.Fprintf(&b, "\n%s\n%s\n\nAttached:\n%s", r.Program, oneLine(r.Service), r.attached())
	return b.String()
}

// attached says what is attached and what is in it.
func (r *Report) attached() string {
	var b strings.Builder
	for _, a := range r.Attachments() {
		fmt.Fprintf(&b, "  %s (%d kB)\n", a.Name, (len(a.Data)+999)/1000)
	}
	fmt.Fprintf(&b, "  %s, the same in both files", counted(r.Log.Lines))
	if r.Log.LeftOut > 0 {
		fmt.Fprintf(&b, "; %s older ones were left out", counted(r.Log.LeftOut))
	}
	b.WriteString(".\n")
	if r.Redact {
		b.WriteString("  User names and inner addresses are replaced by placeholders.\n")
	} else {
		b.WriteString("  User names and addresses are in it, keys and passwords never.\n")
	}
	return b.String()
}

func counted(lines int) string {
	if lines == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", lines)
}

// Attachment is a file of the message.
type Attachment struct {
	Name string
	Type string // media type, with its parameters
	Data []byte
}

// Attachments are the log in both forms.
func (r *Report) Attachments() []Attachment {
	return []Attachment{
		{r.fileName(".log"), "text/plain; charset=utf-8", r.Log.Text},
		{r.fileName(".jsonl"), "application/x-ndjson", r.Log.JSON},
	}
}

// fileName is such as every system takes, with what of the profile's name may
// stand in one.
func (r *Report) fileName(ending string) string {
	name := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("-_. ", c) {
			return c
		}
		return '-'
	}, shortened(r.Profile, 40))
	if name = strings.Trim(name, "-. "); name != "" {
		name = "-" + name
	}
	return "muvpn" + name + ending
}

// FileName is what a message is called that was made at now.
func (r *Report) FileName(now time.Time) string {
	return r.fileName(now.Format("-20060102-150405") + ".eml")
}

// writeBody writes the text that is read first.
func writeBody(parts *multipart.Writer, text string) error {
	w, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
	})
	if err != nil {
		return err
	}
	to := quotedprintable.NewWriter(w)
	if _, err := io.WriteString(to, text); err != nil {
		return err
	}
	return to.Close()
}

// writeAttachment writes a file in base64, so that nobody changes its lines.
func writeAttachment(parts *multipart.Writer, a Attachment) error {
	w, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type":              {a.Type},
		"Content-Transfer-Encoding": {"base64"},
		"Content-Disposition":       {"attachment" + parameter("filename", a.Name)},
	})
	if err != nil {
		return err
	}
	const line = 57 // octets that make 76 of base64
	for data := a.Data; len(data) > 0; data = data[min(line, len(data)):] {
		if _, err := io.WriteString(w, base64.StdEncoding.EncodeToString(data[:min(line, len(data))])+"\r\n"); err != nil {
			return err
		}
	}
	return nil
}

// oneLine takes out what could end a header or begin another.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r)
	}), " ")
}

// shortened is s, or its beginning where it is longer than most letters.
func shortened(s string, most int) string {
	if letters := []rune(s); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return s
}
