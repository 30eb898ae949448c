package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"runtime"
	"slices"
	"strings"

	"muvpn/client"
	"muvpn/client/reason"
)

// Options say what a message is to be like.
type Options struct {
	To     string // address; empty: the profile's support
	Redact bool   // placeholders for user names and inner addresses, in all of it
}

// Report is what a message is made from.
type Report struct {
	To      *mail.Address // nil: nobody was named, the user fills it in
	Support string        // what the profile says, where that is no address
	Profile string        // its name as the log has it; empty: none was in use
	State   client.State
	// Failure is why there is no connection, or why one was lost last; nil: the
	// log tells of none. Failed is the line that tells of it.
	Failure *reason.Reason
	Failed  client.LogLine
	Program string // of the user's side, with its version and system
	Service string // the same of the service, as the log has it
	Log     Log
	Redact  bool
}

// Log is the end of the log, in both forms.
type Log struct {
	Text, JSON []byte
	Lines      int // in each form
	LeftOut    int // older lines that would have made the message too large
}

// The bounds of what is read and of what is sent, in octets. A message of twice
// maxLog passes mail servers that take no more than 5 MB, base64 included.
const (
	maxRead = 32 << 20
	maxLog  = 1 << 20 // of JSON, and so of text
)

// Collect asks the service for all that a message needs. A To that is no
// address is an error.
func Collect(ctx context.Context, c *client.Client, o Options) (*Report, error) {
	r := &Report{Redact: o.Redact, Program: fmt.Sprintf("muvpn %s on %s/%s", client.Build(), runtime.GOOS, runtime.GOARCH)}
	now, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	profiles, err := c.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.addressed(o.To, support(profiles, now.UUID)); err != nil {
		return nil, err
	}
	lines, err := c.Log(ctx, client.LogOptions{JSON: true, Redact: o.Redact})
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	all, err := readLines(lines)
	if err != nil {
		return nil, err
	}
	r.State, r.Service = now.State, c.Hello().Program+" "+c.Hello().Version
	r.read(all, now.Reason)
	return r, nil
}

// support is what the profile in use says, else the one used last.
func support(profiles []client.Profile, uuid string) string {
	i := slices.IndexFunc(profiles, func(p client.Profile) bool { return p.UUID == uuid })
	if i < 0 {
		i = slices.IndexFunc(profiles, func(p client.Profile) bool { return p.Last })
	}
	if i < 0 {
		return ""
	}
	return profiles[i].Support
}

// addressed finds whom the message is for.
func (r *Report) addressed(to, support string) (err error) {
	if to != "" {
		r.To, err = parseAddress(to)
		return err
	}
	if r.To, err = parseAddress(support); err != nil { // it may be a telephone number
		r.Support = oneLine(support)
	}
	return nil
}

// Address makes the message one for somebody else; empty: for nobody yet. What is
// no address is an error, and changes nothing.
func (r *Report) Address(to string) error {
	if to == "" {
		r.To = nil
		return nil
	}
	a, err := parseAddress(to)
	if err == nil {
		r.To = a
	}
	return err
}

// parseAddress reads one address. Its domain and mailbox must be such as every
// mail program takes.
func parseAddress(text string) (*mail.Address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || strings.ContainsFunc(a.Address, func(r rune) bool { return r <= ' ' || r > '~' }) || len(a.Address) > 254 {
		return nil, fmt.Errorf("%q is not an e-mail address", text)
	}
	a.Name = shortened(oneLine(a.Name), 100)
	return a, nil
}

// readLines reads the log. One that is longer than any of ours is cut.
func readLines(log io.Reader) (lines [][]byte, err error) {
	in := bufio.NewReader(io.LimitReader(log, maxRead))
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return lines, nil // what has no line end was cut
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
}

// read takes from the log what the message says of it. The words of a failure
// come from here, not from the status: here they are redacted.
func (r *Report) read(lines [][]byte, now reason.Code) {
	for _, raw := range lines {
		l, ok := client.ParseLogLine(raw)
		if !ok {
			continue
		}
		if l.Event == "START" {
			r.Service = l.Text
		}
		if l.Profile != "" {
			r.Profile = l.Profile
		}
		if why := l.Failure(); why != nil && why.Code != reason.Cancelled && (now == "" || why.Code == now) {
			r.Failure, r.Failed = why, l
		}
	}
	if r.Failure == nil && now != "" {
		r.Failure = &reason.Reason{Code: now}
	}
	r.Log = newest(lines, maxLog)
}

// heads are the events of the lines that say what a log is of: they are kept
// however old they are.
var heads = []string{"START", "PROFILE", "INTERFACES", "ROUTES"}

// newest is the end of the log, of at most so many octets of JSON, with the
// newest lines of its head before it.
func newest(lines [][]byte, most int) Log {
	from, size := len(lines), 0
	for from > 0 && size+len(lines[from-1]) <= most {
		from--
		size += len(lines[from])
	}
	kept := append(missingHeads(lines[:from], lines[from:]), lines[from:]...)
	log := Log{Lines: len(kept), LeftOut: len(lines) - len(kept)}
	for _, raw := range kept {
		text := string(raw)
		if l, ok := client.ParseLogLine(raw); ok {
			text = l.String()
		}
		log.JSON = append(log.JSON, raw...)
		log.Text = append(log.Text, text...)
	}
	return log
}

// missingHeads are the newest lines of the head among old that recent has not.
func missingHeads(old, recent [][]byte) (found [][]byte) {
	for _, event := range heads {
		mark := []byte(`"event":"` + event + `"`)
		is := func(line []byte) bool { return bytes.Contains(line, mark) }
		if slices.ContainsFunc(recent, is) {
			continue
		}
		for _, line := range slices.Backward(old) {
			if is(line) {
				found = append(found, line)
				break
			}
		}
	}
	return found
}
