package gui

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// jsonLine is a line of the log as the service writes it, so many seconds after
// noon.
func jsonLine(second int, level, event, text string) string {
	b, err := json.Marshal(map[string]string{
		"time": fmt.Sprintf("2026-11-26T12:00:%02d.000+01:00", second), "level": level, "event": event, "profile": "Office", "text": text,
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// attempt is the log of an attempt that failed.
func attempt(s *clienttest.Service) {
	for i, l := range [][3]string{
		{"info", "START", "muvpnd v1.2.3 on Debian 13, linux/amd64"},
		{"info", "CONNECT", "Connecting to Office"},
		{"debug", "DNS", "Asking 192.168.1.1 for firebox.example.com"},
		{"info", "DNS", "firebox.example.com is 198.51.100.1"},
		{"info", "P1_SEND", "TO 198.51.100.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=8b5c1f0a6e2d4b77 CKY-R=0000000000000000, which is more than fits on one line of this window and is read whole below"},
		{"info", "P1_RECV", "FROM 198.51.100.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID ISA_HASH"},
		{"warning", "NATT", "The gateway is behind address translation"},
		{"warning", "RETRANSMIT", "No answer to message 3: sent again"},
		{"error", "FAILED", "PSK_WRONG: the pre-shared key of the profile is not the gateway's"},
	} {
		s.Write(jsonLine(i, l[0], l[1], l[2]))
	}
}

// atLog is a user at the log window.
func atLog(t *testing.T, a fyne.App, lines int, prepare func(*clienttest.Service)) *desk {
	t.Helper()
	d := atDesk(t, a, prepare)
	ctrl(d.hot, fyne.KeyL)
	d.until("the log is read", func() bool { return len(d.log.lines) == lines })
	return d
}

// rows are the lines in the list, by event.
func (d *desk) rows() string {
	var events []string
	for _, l := range d.log.list.lines {
		events = append(events, strings.Fields(l.Text)[2])
	}
	return strings.Join(events, " ")
}

func (d *desk) wantRows(want string) {
	d.t.Helper()
	if got := d.rows(); got != want {
		d.t.Errorf("the log shows %q, want %q", got, want)
	}
}

func TestLogWindow(t *testing.T) {
	inBoth(t, "log", func(t *testing.T, a fyne.App) fyne.Window {
		d := atLog(t, a, 9, attempt)
		d.log.list.pick(5, 0)
		d.log.list.pick(7, fyne.KeyModifierShift)
		d.log.list.pick(5, fyne.KeyModifierShift)
		return d.log.window
	})
}

func TestLogWindowSearched(t *testing.T) {
	inBoth(t, "log-frozen", func(t *testing.T, a fyne.App) fyne.Window {
		d := atLog(t, a, 9, attempt)
		ctrl(d.log.hot, fyne.KeyF)
		test.Type(d.log.search, "isa_")
		tabTo(t, d.log.window, "Freeze")
		d.log.window.Canvas().Focused().TypedRune(' ')
		d.service.Write(jsonLine(9, "info", "P1_SEND", "TO 198.51.100.1 AG-HDR ISA_SA"))
		d.until("a line came", func() bool { return len(d.log.lines) == 10 })
		d.log.lost(errors.New("the service has ended"))
		return d.log.window
	})
}

func TestLogLevelsAndSearch(t *testing.T) {
	d := atLog(t, alone(t), 9, attempt)
	all := "START CONNECT DNS DNS P1_SEND P1_RECV NATT RETRANSMIT FAILED"
	d.wantRows(all)
	d.log.refilter(filter{Least: "warning"})
	d.wantRows("NATT RETRANSMIT FAILED")
	d.log.refilter(filter{})
	ctrl(d.log.hot, fyne.KeyF)
	test.Type(d.log.search, "ISA_hash")
	d.wantRows("P1_RECV")
	key(d.log.window, fyne.KeyEscape)
	d.wantRows(all)
}

// What comes while the log is frozen is counted, and shown when it goes on.
func TestLogFrozen(t *testing.T) {
	d := atLog(t, alone(t), 9, attempt)
	before := d.rows()
	d.log.freeze.SetChecked(true)
	d.service.Write(jsonLine(20, "info", "LATER", "x"))
	d.service.Write(jsonLine(21, "debug", "LATER", "y"))
	d.until("two lines came", func() bool { return len(d.log.lines) == 11 })
	d.wantRows(before)
	if want := "Frozen. Lines that came since: 2"; d.log.status.Text != want {
		t.Errorf("it says %q, want %q", d.log.status.Text, want)
	}
	d.log.freeze.SetChecked(false)
	d.wantRows(before + " LATER LATER")
}

// The log holds so many lines and no more.
func TestLogIsBounded(t *testing.T) {
	d := atLog(t, alone(t), 0, func(*clienttest.Service) {})
	for range 3 {
		d.log.take(make([]logLine, maxLines/2), false)
	}
	if n := len(d.log.lines); n != maxLines || d.log.lines[n-1].No != 3*maxLines/2 {
		t.Errorf("there are %d lines, the last is %d", n, d.log.lines[n-1].No)
	}
}

// To hide names is to ask anew: nothing that was read before stays.
func TestLogRedacted(t *testing.T) {
	d := atLog(t, alone(t), 9, attempt)
	d.log.freeze.SetChecked(true)
	d.log.list.pick(3, 0)
	tabTo(t, d.log.window, "Hide names and addresses")
	d.log.window.Canvas().Focused().TypedRune(' ')
	if len(d.log.list.lines) != 0 || strings.Contains(d.log.detail.Text, "192.168.1.1") || d.log.frozen {
		t.Error("what was read before is still in sight")
	}
	d.until("the log is read again", func() bool { return len(d.log.lines) == 9 })
	var last client.LogOptions
	for _, asked := range d.service.Asked() {
		if o, ok := asked.(client.LogOptions); ok {
			last = o
		}
	}
	if want := (client.LogOptions{Lines: maxLines, Follow: true, JSON: true, Redact: true}); last != want {
		t.Errorf("the service was asked for %+v, want %+v", last, want)
	}
}

// When the service ends, what is there stays; when it is back, the log goes on.
func TestLogComesBack(t *testing.T) {
	d := atDesk(t, alone(t), attempt)
	d.service.Fail("log", errors.New("on its way out"))
	ctrl(d.hot, fyne.KeyL)
	d.until("the log cannot be had", func() bool { return d.log.absent != nil })
	d.service.Fail("log", nil)
	d.until("the log is read", func() bool { return len(d.log.lines) == 9 && d.log.absent == nil })
	d.log.lost(errors.New("the service has ended"))
	d.log.take([]logLine{lineOf(jsonLine(30, "info", "START", "again"))}, true)
	d.wantRows("START")
}

// The keyboard alone picks and copies lines.
func TestLogCopied(t *testing.T) {
	d := atLog(t, alone(t), 9, attempt)
	ctrl(d.log.hot, fyne.KeyC)
	clip := func() int { return strings.Count(d.app.Clipboard().Content(), "\n") }
	if clip() != 9 {
		t.Errorf("with nothing picked %d lines are copied, want all", clip())
	}
	d.log.window.Canvas().Focus(d.log.list)
	key(d.log.window, fyne.KeyUp)
	ctrl(d.log.hot, fyne.KeyC)
	want := "2026-11-26T12:00:07.000+01:00 WARN  RETRANSMIT [Office] No answer to message 3: sent again\n"
	if got := d.app.Clipboard().Content(); got != want {
		t.Errorf("copied is %q, want %q", got, want)
	}
	if d.log.detail.Text+"\n" != want {
		t.Errorf("below it says %q", d.log.detail.Text)
	}
	d.log.list.KeyDown(&fyne.KeyEvent{Name: "LeftShift"})
	key(d.log.window, fyne.KeyHome)
	d.log.list.KeyUp(&fyne.KeyEvent{Name: "LeftShift"})
	ctrl(d.log.hot, fyne.KeyC)
	if clip() != 8 {
		t.Errorf("with Shift and Home %d lines are copied, want 8", clip())
	}
	ctrl(d.log.hot, fyne.KeyA)
	ctrl(d.log.hot, fyne.KeyC)
	if clip() != 9 {
		t.Errorf("after Ctrl+A %d lines are copied", clip())
	}
}

// saved is a picker that saves at once, in a folder of the test's.
func saved(t *testing.T) (picker, func() string) {
	path := ""
	folder := t.TempDir()
	return func(_ fyne.Window, name string, then func(string)) {
		path = filepath.Join(folder, name)
		then(path)
	}, func() string { return path }
}

// wantOwn holds a file against what it must have in it, and who may read it.
func wantOwn(t *testing.T, path string, want ...string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		if !strings.Contains(string(b), w) {
			t.Errorf("%s has no %q in it", path, w)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v, want it for its owner alone", info.Mode(), err)
	}
}

func TestLogSaved(t *testing.T) {
	d := atLog(t, alone(t), 9, attempt)
	var path func() string
	d.pick, path = saved(t)
	d.log.refilter(filter{Least: "error"})
	ctrl(d.log.hot, fyne.KeyS)
	wantOwn(t, path(), "FAILED")
	if b, _ := os.ReadFile(path()); strings.Count(string(b), "\n") != 1 {
		t.Errorf("saved was %q, want what is shown", b)
	}
}

func TestLogOpensOnce(t *testing.T) {
	d := atLog(t, alone(t), 9, attempt)
	first := d.log
	ctrl(d.hot, fyne.KeyL)
	if d.log != first {
		t.Error("a second window was opened")
	}
	ctrl(d.log.hot, fyne.KeyW)
	if d.log != nil {
		t.Error("it is not closed")
	}
	ctrl(d.hot, fyne.KeyL)
	d.until("it is there again", func() bool { return len(d.log.lines) == 9 })
}

// saidIn is what a file has in it.
func saidIn(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Tab goes through the window as it is read.
func TestLogTabOrder(t *testing.T) {
	d := atLog(t, alone(t), 9, attempt)
	var order []string
	for range 8 {
		d.log.window.Canvas().FocusNext()
		switch f := d.log.window.Canvas().Focused().(type) {
		case *keySelect:
			order = append(order, f.Selected)
		case *field:
			order = append(order, f.PlaceHolder)
		case *keyCheck:
			order = append(order, f.Text)
		case *lineList:
			order = append(order, "the lines")
		case *keyButton:
			order = append(order, f.Text)
		}
	}
	want := "Everything, Search, Freeze, Hide names and addresses, the lines, Copy, Save…, Send log to support…"
	if got := strings.Join(order, ", "); got != want {
		t.Errorf("Tab comes to %s, want %s", got, want)
	}
}
