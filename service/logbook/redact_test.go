package logbook

import (
	"strings"
	"testing"

	"muvpn/client"
)

var private = []Word{
	{User, "lisa"}, {User, "lisa@example.com"},
	{Inner, "192.168.10.201"}, {Inner, "192.168.10.0/24"}, {Inner, "2001:db8:1::/48"},
	{Local, "192.168.1.23/24"},
	{Inner, "0.0.0.0/0"}, {Local, "127.0.0.1/8"}, {User, ""}, // a full tunnel makes nothing private
}

func TestRedactText(t *testing.T) {
	for in, want := range map[string]string{
		"user lisa":                                 "user user-1",
		"user Lisa, LISA":                           "user user-1, user-1",
		"elisabeth is another word":                 "elisabeth is another word",
		"lisa@example.com":                          "user-1",
		"lisa@example.com is not lisa":              "user-1 is not user-2",
		"lisa@example.org":                          "user-1@example.org",
		"bound to 192.168.10.201":                   "bound to inner-1",
		"192.168.10.201/32 and 192.168.10.0/24":     "inner-1/32 and inner-2/24",
		"192.168.10.201:53 again 192.168.10.201":    "inner-1:53 again inner-1",
		"[2001:db8:1::5]:80":                        "[inner-1]:80",
		"from 192.168.1.23 to 192.168.1.1":          "from local-1 to local-2",
		"gateway 198.51.100.7:4500":                 "gateway 198.51.100.7:4500",
		"at 12:30:45 and 127.0.0.1":                 "at 12:30:45 and 127.0.0.1",
		"CKY-I=0123456789abcdef QM-HDR*-7E36F121":   "CKY-I=0123456789abcdef QM-HDR*-7E36F121",
		"address 192.168.10.201, then 10.20.30.400": "address inner-1, then 10.20.30.400",
	} {
		if got := newRedactor(private).text(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// The same value has the same placeholder in every line and in both forms, and
// no form has the value.
func TestRedactedLog(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "EARLY", Text: "lisa came before she was named"})
	b.Add(Entry{Event: "PROFILE", Profile: "lisa at work", Text: "user lisa", Private: private,
		Fields: map[string]any{"user": "lisa", "list": []string{"192.168.10.7", "198.51.100.7"}, "in": map[string]any{"ip": "192.168.10.7"}, "n": 12345678901234567}})
	b.Add(Entry{Event: "ROUTE", Text: "192.168.10.7 by lisa"})
	for _, o := range []client.LogOptions{{Redact: true}, {Redact: true, JSON: true}, {Redact: true, Lines: 1}} {
		got := copied(t, b, o)
		for _, w := range []string{"lisa", "192.168.10.", `"private"`} {
			if strings.Contains(got, w) {
				t.Errorf("%+v: %q is still in\n%s", o, w, got)
			}
		}
		if !strings.Contains(got, "inner-1 by user-1") && o.Lines == 0 {
			t.Errorf("%+v:\n%s", o, got)
		}
	}
	if got := copied(t, b, client.LogOptions{Redact: true, JSON: true}); !strings.Contains(got, "12345678901234567") || !strings.Contains(got, "198.51.100.7") {
		t.Errorf("other values have changed:\n%s", got)
	}
}

// What was named as private before a restart, in lines that rotation may have
// taken away, is named again by whoever opens the log; what was named in a line
// that is still there counts too.
func TestRedactFollows(t *testing.T) {
	b := open(t)
	lines := follow(t, b, client.LogOptions{Redact: true})
	b.Add(Entry{Event: "PROFILE", Text: "user marge", Private: []Word{{User, "marge"}}})
	b.Add(Entry{Event: "NEXT", Text: "marge again"})
	for range 2 {
		if got := <-lines; strings.Contains(got, "marge") || !strings.Contains(got, "user-1") {
			t.Errorf("%q", got)
		}
	}
}

func TestUnreadableLinesAreLeftOut(t *testing.T) {
	if got := newRedactor(private).line([]byte("lisa{")); got != nil {
		t.Errorf("%q", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("lisa at 192.168.10.201 and [2001:db8:1::5]", "lisa")
	f.Add("a.b.c.d:::1::", ".")
	f.Fuzz(func(t *testing.T, text, user string) {
		r := newRedactor(append([]Word{{User, user}}, private[2:]...))
		const address = " 192.168.10.201 "
		got := r.text(address + text)
		if r.text(address+text) != got {
			t.Errorf("%q is not redacted the same twice", text)
		}
		if strings.HasPrefix(got, address) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
