package gui

import (
	"context"
	"errors"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"muvpn/client"
	"muvpn/client/opening"
)

// importing is one import under way, in the place of what the window shows
// otherwise. Nil is none.
type importing struct {
	w      *Window
	path   string // of the file; empty: not known
	file   *opening.File
	opened *opening.Opened
	o      Opening
	page   *importPage
	tries  int  // wrong passphrases
	asking bool // the service works out a plan
	gone   bool // it was left: what still comes back is thrown away
	timer  *time.Timer

	before fyne.CanvasObject    // what the window shows otherwise
	keys   func(*fyne.KeyEvent) // and does with keys
}

// show puts the import in front.
func (i *importing) show() {
	c := i.w.window.Canvas()
	i.before, i.keys = i.w.window.Content(), c.OnTypedKey()
	i.page = newImportPage(i)
	i.w.window.SetContent(i.page.root)
	c.SetOnTypedKey(func(ev *fyne.KeyEvent) { i.enterOrEscape().typed(ev) })
	i.repaint()
}

// leave ends the import, whatever has become of it.
func (i *importing) leave() {
	if i == nil || i.gone {
		return
	}
	i.gone = true
	if i.timer != nil {
		i.timer.Stop()
	}
	i.wipe()
	c := i.w.window.Canvas()
	c.Unfocus()
	c.SetOnTypedKey(i.keys)
	i.w.window.SetContent(i.before)
	i.w.importing = nil
}

// wipe overwrites the secrets, if nobody is at work on them.
func (i *importing) wipe() {
	i.page.forget()
	if i.o.Working {
		return
	}
	if i.opened != nil {
		i.opened.Wipe()
	}
	if i.file != nil {
		i.file.Wipe()
	}
}

// know takes what is known now and paints it.
func (i *importing) know(change func(*Opening)) {
	change(&i.o)
	if !i.gone {
		i.repaint()
	}
}

// repaint paints what has changed, and comes back when time alone will have
// changed more.
func (i *importing) repaint() {
	i.o.Now = i.w.now()
	p := LookInto(i.o, i.w.words)
	if i.timer != nil {
		i.timer.Stop()
	}
	if !p.Until.IsZero() {
		i.timer = time.AfterFunc(p.Until.Sub(i.o.Now), func() { i.w.post(func() { i.know(func(*Opening) {}) }) })
	}
	if !reflect.DeepEqual(p, i.page.shown) {
		i.page.paint(p)
	}
}

// loaded takes what was in the file.
func (i *importing) loaded(file *opening.File, opened *opening.Opened, err error) {
	i.file, i.opened = file, opened
	if i.gone {
		i.wipe()
		return
	}
	i.know(func(o *Opening) {
		o.Broken = err
		switch {
		case opened != nil:
			o.Preview = &opened.Preview
		case err == nil:
			o.Header = file.Header()
		}
	})
	if opened != nil {
		i.enquire()
	}
}

// enter is the key Enter, and the main button.
func (i *importing) enter() {
	switch p := i.page.shown; {
	case !p.Ready:
		i.page.focus()
	case p.Stage == Spoiled:
		i.leave()
		i.w.chooseFile()
	case p.Stage == Closed:
		i.try()
	case p.Stage == Left:
		i.leave()
	case i.o.Plan == nil:
		i.enquire()
	default:
		i.store()
	}
}

// escape is the key Escape.
func (i *importing) escape() {
	if !i.page.shown.Locked {
		i.leave()
	}
}

// other is the button beside the main one.
func (i *importing) other() {
	if i.page.shown.Stage == Left {
		i.delete()
		return
	}
	i.escape()
}

// try tries the passphrase that was typed. That takes time and memory by design:
// the window goes on meanwhile, and the memory is given back.
func (i *importing) try() {
	passphrase, file, now := []byte(i.page.passphrase.Text), i.file, i.w.now()
	if len(passphrase) == 0 {
		return
	}
	i.know(func(o *Opening) { o.Working, o.Wrong = true, false })
	i.w.aside(func() {
		opened, err := file.Open(passphrase, now)
		clear(passphrase)
		debug.FreeOSMemory()
		i.w.post(func() { i.tried(opened, err) })
	})
}

// tried takes what the passphrase has opened.
func (i *importing) tried(opened *opening.Opened, err error) {
	i.o.Working, i.opened = false, opened
	switch {
	case i.gone:
		i.wipe()
	case wrongKey(err):
		i.tries++
		i.know(func(o *Opening) { o.Wrong, o.Pause = true, pause(i.tries, i.w.now()) })
		i.page.again()
	case err != nil:
		i.know(func(o *Opening) { o.Broken = err })
	default:
		i.page.passphrase.SetText("")
		i.know(func(o *Opening) { o.Preview = &opened.Preview })
		i.enquire()
	}
}

// enquire asks the service what storing the profile would mean.
func (i *importing) enquire() {
	c := i.w.client
	if c == nil {
		return // tell comes back
	}
	i.asking = true
	i.know(func(o *Opening) { o.Plan, o.Refused, o.Agreed = nil, nil, nil })
	i.send(c, i.opened.DryRun(""), func(plan client.Plan, _ []client.Profile, err error) {
		i.asking = false
		i.know(func(o *Opening) {
			if o.Refused = err; err == nil {
				o.Plan = &plan
			}
		})
	})
}

// tell takes note of whether the service can be asked. When it is back it is
// asked again: it may have forgotten, or learnt, something.
func (i *importing) tell() {
	if i == nil {
		return
	}
	absent := i.w.seen.Absent
	back := absent == nil && i.w.client != nil && (i.o.Absent != nil || i.o.Plan == nil && i.o.Refused == nil && !i.asking)
	if (absent == nil) != (i.o.Absent == nil) {
		i.know(func(o *Opening) { o.Absent = absent })
	}
	if back && i.o.Preview != nil && !i.o.Storing && i.o.Stored == "" {
		i.enquire()
	}
}

// agree notes whether the user agrees to something.
func (i *importing) agree(c client.Consent, yes bool) {
	i.know(func(o *Opening) {
		o.Agreed = slices.DeleteFunc(slices.Clone(o.Agreed), func(has client.Consent) bool { return has == c })
		if yes {
			o.Agreed = append(o.Agreed, c)
		}
	})
}

// key takes the shared key as it is typed.
func (i *importing) key(typed string) {
	key := []byte(typed)
	defer clear(key)
	note := i.opened.SetPSK(key)
	i.know(func(o *Opening) { o.KeyNote = note })
}

// store has the service store the profile.
func (i *importing) store() {
	c := i.w.client
	if c == nil {
		return
	}
	name := strings.TrimSpace(i.page.name.Text)
	if name == i.page.shown.Name {
		name = ""
	}
	i.know(func(o *Opening) { o.Storing, o.Refused = true, nil })
	i.send(c, i.opened.Store(name, i.o.Plan.Needs), i.stored)
}

// stored takes what the service has said to storing.
func (i *importing) stored(plan client.Plan, list []client.Profile, err error) {
	if err != nil {
		i.know(func(o *Opening) { o.Storing, o.Refused = false, err })
		var no *client.Refusal
		if errors.As(err, &no) && no.Kind == client.NeedsConsent && !i.gone {
			i.enquire() // something has changed since it was asked
		}
		return
	}
	i.w.see(func(s *Seen) {
		s.Chosen = plan.UUID
		if list != nil {
			s.Profiles = list
		}
	})
	switch {
	case i.gone:
	case i.file.HoldsClearSecrets():
		i.know(func(o *Opening) { o.Storing, o.Stored, o.Path = false, plan.Name, i.path })
	default:
		i.leave()
		i.w.window.Canvas().Focus(i.w.pane.connect)
	}
}

// send sends a request to the service, wipes it, and comes back with the answer;
// once something is stored also with the list of profiles.
func (i *importing) send(c *client.Client, request client.Import, done func(client.Plan, []client.Profile, error)) {
	i.w.aside(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		plan, err := c.Import(ctx, request)
		opening.Wipe(&request)
		var list []client.Profile
		if err == nil && plan.Stored {
			list, _ = c.Profiles(ctx) // without it the list is as it was
		}
		i.w.post(func() { done(plan, list, err) })
	})
}

// delete deletes the file, whose secrets anybody can read.
func (i *importing) delete() {
	if i.path == "" {
		i.leave()
		return
	}
	if err := os.Remove(i.path); err != nil {
		i.know(func(o *Opening) { o.Lasting = err })
		return
	}
	i.leave()
}

// enterOrEscape are the keys of the page.
func (i *importing) enterOrEscape() *keys { return &keys{enter: i.enter, escape: i.escape} }
