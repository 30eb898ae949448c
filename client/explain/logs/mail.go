package logs

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
)

// The bounds of a message.
const (
	maxParts = 64 // in all
	maxDepth = 4  // one within another: a forwarded mail has the sent one in it
)

// mailHeader is what an e-mail has within its first maxHead octets, and a log has
// not.
var mailHeader = regexp.MustCompile(`(?im)^(subject|content-type|mime-version):`)

const maxHead = 64 << 10

// part is a file, or the text, of a message.
type part struct {
	name string
	data []byte
}

// mailRead is what is left of the bounds, and the best part so far.
type mailRead struct {
	parts int
	best  part
	rank  int
}

// fromMail finds the client's log in a saved e-mail, as `muvpn log mail` makes
// and mail programs save them; false if data is no e-mail with one. JSON Lines
// say more than text, an attachment more than what was pasted.
func fromMail(data []byte) (part, bool) {
	if bytes.HasPrefix(data, []byte("From ")) { // as a mailbox file has it
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	if !mailHeader.Match(data[:min(len(data), maxHead)]) {
		return part{}, false
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return part{}, false
	}
	r := &mailRead{parts: maxParts}
	r.entity(m.Header.Get, m.Body, 0)
	return r.best, r.rank > 0
}

// entity reads a message, or a part of one.
func (r *mailRead) entity(header func(string) string, body io.Reader, depth int) {
	if r.parts--; r.parts < 0 || depth > maxDepth {
		return
	}
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			r.entity(p.Header.Get, p, depth+1)
		}
	case kind == "message/rfc822":
		if m, err := mail.ReadMessage(decoded(header, body)); err == nil {
			r.entity(m.Header.Get, m.Body, depth+1)
		}
	default:
		r.leaf(header, params, body)
	}
}

// leaf looks whether a part is a log, and a better one than the one before.
func (r *mailRead) leaf(header func(string) string, params map[string]string, body io.Reader) {
	data, _ := io.ReadAll(io.LimitReader(decoded(header, body), MaxSize)) // what can be read of it
	if data = plain(data); recognise(data) != Client {
		return
	}
	_, disposition, _ := mime.ParseMediaType(header("Content-Disposition"))
	name, rank := disposition["filename"], 2
	if name == "" {
		name = params["name"]
	}
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		rank = 3
	case name == "":
		name, rank = "its text", 1
	}
	if rank > r.rank {
		r.best, r.rank = part{name, data}, rank
	}
}

// decoded undoes the transfer encoding.
func decoded(header func(string) string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(header("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}
