package gui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
)

// What each moment of an import lets the user do.
func TestLookInto(t *testing.T) {
	want := map[string]struct {
		stage Stage
		main  string
		ready bool
		asks  int
		say   string // stands somewhere on the page
	}{
		"reading":    {Reading, "Import", false, 0, "Reading"},
		"unknown":    {Spoiled, "Choose another file…", true, 0, "Shrew Soft"},
		"toobig":     {Spoiled, "Choose another file…", true, 0, "too big"},
		"expired":    {Spoiled, "Choose another file…", true, 0, "2 January 2006"},
		"faults":     {Spoiled, "Choose another file…", true, 0, "gateway.addresses: missing"},
		"closed":     {Closed, "Open", true, 0, "Example Ltd (sample)"},
		"working":    {Closed, "Open", false, 0, "Opening…"},
		"wrong":      {Closed, "Open", true, 0, "Wrong passphrase"},
		"paused":     {Closed, "Open", false, 0, "wait 27 s"},
		"asking":     {Shown, "Import", false, 0, "Asking"},
		"absent":     {Shown, "Import", false, 0, "as soon as the service answers"},
		"known":      {Shown, "Import", true, 0, "known on this computer"},
		"update":     {Shown, "Replace", true, 0, "serial 3, by serial 4"},
		"firstuse":   {Shown, "Import", false, 2, "for the first time"},
		"agreed":     {Shown, "Import", true, 2, "Yes, trust this signer"},
		"changed":    {Shown, "Import", false, 2, "CAUTION"},
		"older":      {Shown, "Try again", true, 0, "which is older"},
		"busy":       {Shown, "Replace", true, 0, "disconnect first"},
		"storing":    {Shown, "Replace", false, 0, "Storing"},
		"everything": {Shown, "Import", true, 0, "the internet, too"},
		"many":       {Shown, "Import", true, 0, "and 3 more"},
		"foreign":    {Shown, "Import", false, 1, "broken cryptography"},
		"left":       {Left, "Keep the file", true, 0, "anybody can read"},
		"lasting":    {Left, "Close", true, 0, "permission denied"},
	}
	for _, sc := range importScenes(t) {
		o := sc.o
		o.Now = noon
		p, w := LookInto(o, english), want[sc.name]
		if p.Stage != w.stage || p.Main != w.main || p.Ready != w.ready || len(p.Asks) != w.asks {
			t.Errorf("%s: %s, %q, ready %v, %d questions; want %+v", sc.name, p.Stage, p.Main, p.Ready, len(p.Asks), w)
		}
		if !strings.Contains(wordsOf(p), w.say) {
			t.Errorf("%s: nothing says %q", sc.name, w.say)
		}
	}
}

// wordsOf is all text of a page.
func wordsOf(p Page) string {
	list := []string{p.Title, p.Below, p.Text, p.Wrong, p.Hint}
	if f := p.Fault; f != nil {
		list = append(list, f.What, f.Seen, f.User, f.Admin, f.Code)
	}
	if d := p.Drawing; d != nil {
		list = slices.Concat(list, d.Here.Lines, d.Gateway.Lines, d.There.Lines)
	}
	for _, a := range p.Asks {
		list = append(list, a.Text, a.Yes)
	}
	for _, n := range p.Notices {
		list = append(list, n.Text)
	}
	for _, f := range p.Facts {
		list = append(list, f.Name+": "+f.Value)
	}
	return strings.Join(list, "\n")
}

// A countdown is painted each second, and not after its end.
func TestPauseIsCountedDown(t *testing.T) {
	o := Opening{Header: &profile.Header{Label: "Office"}, Wrong: true, Pause: pause(5, noon), Now: noon}
	for left := 30; left > 0; left-- {
		p := LookInto(o, english)
		if p.Ready || !strings.Contains(p.Hint, fmt.Sprintf("wait %d s", left)) {
			t.Fatalf("with %d s left: ready %v, %q", left, p.Ready, p.Hint)
		}
		if d := p.Until.Sub(o.Now); d != time.Second {
			t.Fatalf("with %d s left it is painted again after %s", left, d)
		}
		o.Now = p.Until
	}
	if p := LookInto(o, english); !p.Ready || p.Hint != "" || !p.Until.IsZero() {
		t.Errorf("after the pause: ready %v, %q, until %s", p.Ready, p.Hint, p.Until)
	}
	for tries := 1; tries <= 12; tries++ {
		if paused := !pause(tries, noon).IsZero(); paused != (tries%5 == 0) {
			t.Errorf("a pause after %d tries: %v", tries, paused)
		}
	}
}

// What stands in a file is never taken for a template.
func TestFilesAreNoTemplates(t *testing.T) {
	l := must(t, lisa)
	v := l.preview
	v.Name, v.Identity = "{{.Secret}}", "{{range}} (key_id)"
	v.Warnings = []string{"{{.X}} is ignored: it is no setting of a profile."}
	plan := planOf(v, client.ConsentNew)
	p := LookInto(Opening{File: "{{.File}}", Preview: &v, Plan: plan}, english)
	for _, want := range []string{"{{.Secret}}", "{{range}} (key_id)", "{{.X}} is ignored", "{{.File}}"} {
		if !strings.Contains(wordsOf(p), want) {
			t.Errorf("%q is not shown as it is:\n%s", want, wordsOf(p))
		}
	}
}

// Whatever the service answers is explained.
func TestServiceFaults(t *testing.T) {
	m := must(t, maggie)
	for _, c := range []struct {
		err  error
		want string
		help Verb
	}{
		{&client.Refusal{Kind: client.Busy, Text: "x is connected"}, "X is connected", Disconnect},
		{&client.Refusal{Kind: client.BadProfile, Text: "name: too long"}, "Name: too long", NoVerb},
		{&reason.Reason{Code: reason.ProfileSigner, Side: reason.Client, Seen: "other"}, "not signed by the one", NoVerb},
		{&reason.Reason{Code: reason.Cancelled}, "does not answer", NoVerb},
		{errors.New("deadline exceeded"), "does not answer", NoVerb},
	} {
		p := LookInto(Opening{Preview: &m.preview, Refused: c.err}, english)
		if p.Fault == nil || !strings.Contains(p.Fault.What, c.want) || p.Help.Verb != c.help {
			t.Errorf("%v: %+v, help %q", c.err, p.Fault, p.Help.Verb)
		}
	}
}
