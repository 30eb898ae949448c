package gui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"muvpn/assets"
	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/client/reason"
	"muvpn/profile"
)

// importer is a window in front of somebody who imports something. What the window
// does aside is done at once; while it is held, it waits for release.
type importer struct {
	*Window
	t       *testing.T
	service *clienttest.Service // nil: there is none
	held    bool
	waiting []func()
	clock   time.Time
}

func newImporter(t *testing.T) *importer {
	t.Helper()
	home := t.TempDir() // whose folders the choosing of a file offers
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	a := test.NewTempApp(t)
	d := &importer{Window: New(a), t: t, clock: noon}
	d.now = func() time.Time { return d.clock }
	d.aside = func(work func()) {
		if d.waiting = append(d.waiting, work); !d.held {
			d.release()
		}
	}
	t.Cleanup(d.window.Close)
	d.words = english
	d.take(client.Status{State: client.Disconnected})
	return d
}

// release does what waits.
func (d *importer) release() {
	for len(d.waiting) > 0 {
		next := d.waiting[0]
		d.waiting = d.waiting[1:]
		next()
	}
}

// serve connects the window to a service that says plan to every import.
func (d *importer) serve(plan client.Plan) {
	d.t.Helper()
	if d.service == nil {
		d.service = clienttest.Start(d.t)
	}
	d.service.Plan = plan
	c, err := client.Dial(d.t.Context(), d.service.Path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { c.Close() })
	d.client = c
	d.take(client.Status{State: client.Disconnected})
}

// lose takes the service away.
func (d *importer) lose() {
	d.client = nil
	d.see(func(s *Seen) { s.Absent = &reason.Reason{Code: reason.NoPrivilege, Seen: "nobody listens"} })
	d.importing.tell()
}

// page is what is shown of the import.
func (d *importer) page() Page {
	d.t.Helper()
	if d.importing == nil {
		d.t.Fatal("no import is under way")
	}
	return d.importing.page.shown
}

// want checks how far it is, and what the page says.
func (d *importer) want(stage Stage, ready bool, parts ...string) {
	d.t.Helper()
	p := d.page()
	if p.Stage != stage || p.Ready != ready {
		d.t.Fatalf("stage %s, ready %v; want %s, %v\n%s", p.Stage, p.Ready, stage, ready, wordsOf(p))
	}
	for _, part := range parts {
		if !strings.Contains(wordsOf(p), part) {
			d.t.Errorf("nothing says %q:\n%s", part, wordsOf(p))
		}
	}
}

// press presses a key where the focus is, as a desktop does.
func (d *importer) press(names ...fyne.KeyName) {
	d.t.Helper()
	c := d.window.Canvas()
	for _, name := range names {
		ev := &fyne.KeyEvent{Name: name}
		focused := c.Focused()
		if name == fyne.KeyTab {
			c.FocusNext()
			continue
		}
		if k, ok := focused.(desktop.Keyable); ok {
			k.KeyDown(ev)
			defer k.KeyUp(ev)
		}
		switch {
		case focused != nil:
			focused.TypedKey(ev)
			if name == fyne.KeySpace {
				focused.TypedRune(' ')
			}
		case c.OnTypedKey() != nil:
			c.OnTypedKey()(ev)
		}
	}
}

// write types a text where the focus is.
func (d *importer) write(text string) {
	d.t.Helper()
	f := d.window.Canvas().Focused()
	if f == nil {
		d.t.Fatalf("nothing has the focus to type %q", text)
	}
	test.Type(f, text)
}

// imports are the requests that the service has got; stored those that store.
func (d *importer) imports() (asked, stored []client.Import) {
	for _, a := range d.service.Asked() {
		if i, ok := a.(client.Import); ok && i.DryRun {
			asked = append(asked, i)
		} else if ok {
			stored = append(stored, i)
		}
	}
	return asked, stored
}

func sampleFile(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := assets.Samples.ReadFile("samples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// cheap is a sealed profile that costs little to try passphrases on.
func cheap(t *testing.T, expires time.Time) []byte {
	t.Helper()
	p, _, err := profile.ParseTOML(sampleFile(t, "maggie.toml"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := profile.Seal(p, []byte(samplePassphrase), profile.SealOptions{Now: noon.AddDate(-1, 0, 0), Expires: expires,
		Cost: profile.KDF{Time: 1, Memory: 19456, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// onDisk is a file of that content.
func onDisk(t *testing.T, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Somebody without a mouse: the passphrase, Enter, Enter, and the profile is
// there, chosen, with the focus on Connect.
func TestImportByEnter(t *testing.T) {
	d := newImporter(t)
	d.serve(client.Plan{Name: "Office of today", UUID: "7f0c", Serial: 1, Signer: "ab12", Needs: []client.Consent{client.ConsentNew}})
	d.service.Stored = []client.Profile{branch, {Name: "Office of today", UUID: "7f0c", Gateway: "127.0.0.1"}}
	d.Open(onDisk(t, "maggie.exp", sampleFile(t, "maggie.exp")))
	d.want(Closed, true, "maggie.exp", "Example Ltd (sample)")
	d.write(samplePassphrase)
	d.press(fyne.KeyReturn)
	d.want(Shown, true, "127.0.0.1", "office (key_id)", "known on this computer")
	d.press(fyne.KeyReturn)
	if d.importing != nil {
		t.Fatalf("it is not over: %+v", d.page())
	}
	_, stored := d.imports()
	if len(stored) != 1 || len(stored[0].Key) != 32 || stored[0].Name != "" || !slices.Equal(stored[0].Accept, []client.Consent{client.ConsentNew}) {
		t.Fatalf("%d requests to store", len(stored))
	}
	if choice(d.seen) != "7f0c" || len(d.view.Profiles) != 2 || d.window.Canvas().Focused() != d.pane.connect {
		t.Errorf("chosen is %q of %d, the focus is on %T", choice(d.seen), len(d.view.Profiles), d.window.Canvas().Focused())
	}
}

// Each consent is given by itself; Enter goes from one to the next.
func TestImportAsksForEachConsent(t *testing.T) {
	needs := []client.Consent{client.ConsentNew, client.ConsentFirstSigner, client.ConsentLegacy}
	d := newImporter(t)
	d.serve(client.Plan{Name: "Office", UUID: "2b6d", Signer: "ab12", Needs: needs})
	d.OpenFile("lisa.exp", sampleFile(t, "lisa.exp"))
	d.write(samplePassphrase)
	d.press(fyne.KeyEnter)
	d.want(Shown, false, "ab12", "broken cryptography", "First agree")
	d.press(fyne.KeyReturn, fyne.KeyReturn)
	if _, stored := d.imports(); stored != nil {
		t.Fatal("it was stored without consent")
	}
	d.press(fyne.KeySpace, fyne.KeyReturn)
	d.want(Shown, false)
	d.press(fyne.KeySpace)
	d.want(Shown, true)
	d.press(fyne.KeySpace) // and taken back
	d.want(Shown, false)
	d.press(fyne.KeySpace, fyne.KeyReturn)
	_, stored := d.imports()
	if len(stored) != 1 || !slices.Equal(stored[0].Accept, needs) {
		t.Errorf("stored with %+v", stored)
	}
}

// The window lives while a passphrase is tried; what comes after Escape is thrown
// away, and nothing that was typed is left.
func TestOpeningTakesTime(t *testing.T) {
	d := newImporter(t)
	d.OpenFile("maggie.exp", cheap(t, time.Time{}))
	d.held = true
	d.write(samplePassphrase)
	d.press(fyne.KeyReturn)
	d.want(Closed, false, "Opening…")
	i := d.importing
	d.press(fyne.KeyReturn) // no second try
	if len(d.waiting) != 1 {
		t.Errorf("%d passphrases are being tried", len(d.waiting))
	}
	d.press(fyne.KeyEscape)
	if d.importing != nil || i.page.passphrase.Text != "" {
		t.Error("Escape does not end it")
	}
	d.release()
	if d.importing != nil || i.o.Preview != nil {
		t.Error("it goes on after it was left")
	}
	if key := i.opened.DryRun("").Key; key != nil {
		t.Error("what was opened is not wiped")
	}
}

func TestWrongPassphrase(t *testing.T) {
	d := newImporter(t)
	d.OpenFile("maggie.exp", cheap(t, time.Time{}))
	entry := d.importing.page.passphrase
	for try := 1; try <= 5; try++ {
		d.write("guess") // over the one before
		d.press(fyne.KeyReturn)
		d.want(Closed, try < 5, "Wrong passphrase")
		if d.window.Canvas().Focused() != entry || entry.SelectedText() != entry.Text {
			t.Fatalf("after try %d the passphrase cannot be typed over", try)
		}
	}
	d.want(Closed, false, "wait 30 s")
	d.write(samplePassphrase)
	d.press(fyne.KeyReturn)
	d.want(Closed, false, "wait 30 s")
	d.clock = d.clock.Add(pauseLength)
	d.importing.repaint()
	d.want(Closed, true)
	d.press(fyne.KeyReturn)
	d.want(Shown, false)
}

// A file can be opened and looked at without a service. When that is back, the
// import goes on by itself.
func TestImportWithoutService(t *testing.T) {
	d := newImporter(t)
	d.lose()
	d.OpenFile("maggie.exp", cheap(t, time.Time{}))
	d.write(samplePassphrase)
	d.press(fyne.KeyReturn)
	d.want(Shown, false, "as soon as the service answers", "nobody listens")
	d.press(fyne.KeyReturn)
	d.want(Shown, false)
	d.serve(client.Plan{Name: "Office (2)", UUID: "7f0c", Needs: []client.Consent{client.ConsentNew}})
	d.want(Shown, true)
	if name := d.importing.page.name.Text; name != "Office (2)" {
		t.Errorf("the name is %q", name)
	}
	for range 3 { // counters that change ask nothing
		d.take(client.Status{State: client.Disconnected})
	}
	if asked, _ := d.imports(); len(asked) != 1 {
		t.Errorf("the service was asked %d times", len(asked))
	}
	d.lose()
	d.want(Shown, false, "as soon as the service answers")
}

// What the service refuses is said on the page, which stays.
func TestServiceRefuses(t *testing.T) {
	d := newImporter(t)
	d.serve(client.Plan{Name: "Office of today", UUID: "7f0c", Serial: 1, Replaces: new(uint64(1)), Needs: []client.Consent{client.ConsentUpdate}})
	d.service.Fail("import", &reason.Reason{Code: reason.ProfileSigner, Side: reason.Client, Seen: "signed by another"})
	d.OpenFile("maggie.exp", cheap(t, time.Time{}))
	d.write(samplePassphrase)
	d.press(fyne.KeyReturn)
	d.want(Shown, true, "signed by another", "Do not use it")
	d.service.Fail("import", nil)
	d.press(fyne.KeyReturn) // Try again
	d.want(Shown, true, "serial 1, by serial 1")
	d.service.Fail("import", &client.Refusal{Kind: client.Busy, Text: "Office of today is connected"})
	d.press(fyne.KeyReturn)
	d.want(Shown, true, "Office of today is connected")
	d.service.Fail("import", nil)
	d.press(fyne.KeyReturn)
	if _, stored := d.imports(); d.importing != nil || len(stored) != 2 {
		t.Error("it cannot be tried again")
	}
}

// Another name, and the key that the profile does not hold.
func TestImportWithNameAndKey(t *testing.T) {
	d := newImporter(t)
	d.serve(client.Plan{Name: "Travel", UUID: "1", Needs: []client.Consent{client.ConsentNew}})
	d.Open(onDisk(t, "travel.toml", []byte(everywhere)))
	d.want(Shown, true, "the internet, too")
	d.write("short")
	d.want(Shown, true, "The shared key is weak")
	d.importing.page.name.SetText(" On the way ")
	d.press(fyne.KeyReturn)
	_, stored := d.imports()
	if len(stored) != 1 || string(stored[0].PSK) != "short" || stored[0].Name != "On the way" || len(stored[0].Plain) == 0 {
		t.Fatalf("stored %d", len(stored))
	}
	if d.importing != nil {
		t.Error("a file without secrets is offered to be deleted")
	}
}

// A file with secrets for everybody to read is offered to be deleted; Enter
// keeps it.
func TestOfferToDelete(t *testing.T) {
	raw, err := os.ReadFile("../profile/testdata/shrew/firebox.vpn")
	if err != nil {
		t.Fatal(err)
	}
	imported := func(path string) *importer {
		d := newImporter(t)
		d.serve(client.Plan{Name: "firebox.example.com", UUID: "1", Needs: []client.Consent{client.ConsentNew}})
		d.Open(path)
		d.press(fyne.KeyReturn)
		d.want(Left, true, "secrets that anybody can read")
		return d
	}
	path := onDisk(t, "firebox.vpn", raw)
	d := imported(path)
	d.press(fyne.KeyReturn)
	if _, err := os.Stat(path); err != nil || d.importing != nil {
		t.Errorf("the file is not kept: %v", err)
	}
	d = imported(path)
	test.Tap(d.importing.page.other)
	if _, err := os.Stat(path); err == nil || d.importing != nil {
		t.Error("the file is not deleted")
	}

	path = onDisk(t, "firebox.vpn", raw)
	d = imported(path)
	os.Remove(path) // somebody else was faster
	test.Tap(d.importing.page.other)
	d.want(Left, true, "could not be deleted")
	d.press(fyne.KeyEscape)
	if d.importing != nil {
		t.Error("it does not end")
	}
}

// What cannot be imported is explained at once, however it came.
func TestFilesThatAreNone(t *testing.T) {
	whole := sampleFile(t, "lisa.exp")
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"cut.exp":     {whole[:len(whole)/2], "damaged or was changed"},
		"changed.exp": {bytes.Replace(whole, []byte("Serial: 1"), []byte("Serial: 2"), 1), "signature"},
		"old.exp":     {cheap(t, noon.Add(-time.Hour)), "has expired"},
		"big.exp":     {bytes.Repeat([]byte("x"), profile.MaxFile+1), "too big"},
		"empty.exp":   {nil, "is empty"},
		"lisa.wgx":    {[]byte{0, 0x8e, 0xff, 0x11, 0}, "Shrew Soft"},
		"letter.txt":  {[]byte("Dear Lisa, please find attached"), "no kind that can be imported"},
	} {
		d := newImporter(t)
		d.Open(onDisk(t, name, c.raw))
		d.want(Spoiled, true, c.want, name)
		d.OpenFile(name, c.raw)
		d.want(Spoiled, true, c.want, name)
		d.press(fyne.KeyEscape)
		if d.importing != nil || d.window.Content() != d.pane.root {
			t.Errorf("%s: Escape does not lead back", name)
		}
	}
	d := newImporter(t)
	d.Open(filepath.Join(t.TempDir(), "none.exp"))
	d.want(Spoiled, true, "cannot be read")
	d.Open(t.TempDir())
	d.want(Spoiled, true, "is a directory")
	d.press(fyne.KeyReturn)
	if d.importing != nil || d.window.Canvas().Overlays().Top() == nil {
		t.Fatal("another file cannot be chosen")
	}
	d.press(fyne.KeyEscape)
	if d.window.Canvas().Overlays().Top() != nil || d.chooser != nil {
		t.Error("Escape does not end the choosing")
	}
}

// A file falls onto the window, on whatever it shows.
func TestDrop(t *testing.T) {
	d := newImporter(t)
	one, two := onDisk(t, "maggie.exp", sampleFile(t, "maggie.exp")), onDisk(t, "lisa.exp", sampleFile(t, "lisa.exp"))
	drop := func(paths ...string) {
		var list []fyne.URI
		for _, p := range paths {
			list = append(list, storage.NewFileURI(p))
		}
		d.dropped(fyne.Position{}, list)
	}
	drop()
	if d.importing != nil {
		t.Error("nothing fell, and something opened")
	}
	d.chooseFile()
	drop(one)
	d.want(Closed, true, "maggie.exp")
	if d.window.Canvas().Overlays().Top() != nil {
		t.Error("another file is still being chosen")
	}
	drop(two)
	d.want(Closed, true, "lisa.exp")
	drop(one, two)
	d.want(Spoiled, true, "Drop one at a time.")
	d.press(fyne.KeyEscape)
	if d.window.Content() != d.pane.root {
		t.Error("the main window is not back")
	}
}

func TestLikelyFiles(t *testing.T) {
	for name, want := range map[string]bool{
		"lisa.exp": true, "LISA.EXP": true, "firebox.vpn": true, "lisa.exp.txt": true, "profile": true, "user.wgx": true,
		"holiday.jpeg": false, "song.mp3": false,
	} {
		if got := (likely{}).Matches(storage.NewFileURI("/home/lisa/" + name)); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (likely{}).Matches(storage.NewFileURI(os.DevNull)) {
		t.Error("a device is shown, which is read for ever")
	}
}
