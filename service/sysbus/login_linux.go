package sysbus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// listed is a session in the list of logind: signature (susso).
type listed struct {
	ID   string
	UID  uint32
	User string
	Seat string
	Path dbus.ObjectPath
}

// loginsCome says that this system has a logind, perhaps not started yet
// (sd_booted(3), sd_login(3)). root is "/".
func loginsCome(root string) bool {
	for _, dir := range []string{"run/systemd/system", "run/systemd/seats"} {
		if _, err := os.Lstat(filepath.Join(root, dir)); err == nil {
			return true
		}
	}
	return false
}

// beginLogins tells who is logged in, or that there is no logind. It is started
// by the bus if it is there and does not run yet. An error means that nobody has
// answered, which a bus does that begins or ends.
func (w *watcher) beginLogins(ctx context.Context) error {
	var sessions []listed
	err := w.call(ctx, w.bus.Object(loginName, loginObject), loginOf+".ListSessions").Store(&sessions)
	if refusal := (dbus.Error{}); errors.As(err, &refusal) {
		w.tell(NoLogins{})
		return nil
	}
	if err != nil {
		return err
	}
	w.tell(Logins{})
	for _, s := range sessions {
		w.session(ctx, s.ID, s.Path)
	}
	return nil
}

// login takes a signal of logind's.
func (w *watcher) login(ctx context.Context, s *dbus.Signal) {
	var id string
	var path dbus.ObjectPath
	var begins bool
	switch {
	case s.Name == loginOf+".PrepareForSleep" && dbus.Store(s.Body, &begins) == nil:
		w.sleep(ctx, begins)
	case dbus.Store(s.Body, &id, &path) != nil: // not of the form that is documented
	case s.Name == loginOf+".SessionNew":
		w.session(ctx, id, path)
	case s.Name == loginOf+".SessionRemoved":
		w.tell(LoggedOut{Session: id})
	}
}

// session tells of a login at a seat of this computer. One that is over by now
// is none.
func (w *watcher) session(ctx context.Context, id string, path dbus.ObjectPath) {
	var all map[string]dbus.Variant
	if w.call(ctx, w.bus.Object(loginName, path), propertiesOf+".GetAll", sessionOf).Store(&all) != nil {
		return
	}
	if uid, ok := seated(all); ok {
		w.tell(LoggedIn{Session: id, User: strconv.FormatUint(uint64(uid), 10)})
	}
}

// seated reads the properties of a session: whose it is, if a user sits there.
func seated(all map[string]dbus.Variant) (uid uint32, ok bool) {
	class, _ := all["Class"].Value().(string)
	state, staying := all["State"].Value().(string)
	remote, told := all["Remote"].Value().(bool)
	seat, _ := first(all["Seat"]).(string)
	uid, known := first(all["User"]).(uint32)
	return uid, told && staying && known && class == "user" && !remote && seat != "" && state != "closing"
}

// first is the first value of a structure; nil: it is none.
func first(v dbus.Variant) any {
	if values, ok := v.Value().([]any); ok && len(values) > 0 {
		return values[0]
	}
	return nil
}

// sleep tells that the computer sleeps, which it may from then on, or that it
// has woken.
func (w *watcher) sleep(ctx context.Context, begins bool) {
	if begins {
		w.tell(Sleeps{})
		w.unlock()
		return
	}
	w.tell(Woke{})
	w.delaySleep(ctx)
}

// delaySleep asks logind to wait with the next sleep until we have let go. That
// it does not allow so costs a line in the log.
func (w *watcher) delaySleep(ctx context.Context) {
	w.unlock()
	err := w.call(ctx, w.bus.Object(loginName, loginObject), loginOf+".Inhibit",
		"sleep", "muvpn", "To note that the computer sleeps", "delay").Store(&w.lock)
	if err != nil {
		w.lock = -1
	}
}

// unlock lets the computer sleep.
func (w *watcher) unlock() {
	if w.lock >= 0 {
		unix.Close(int(w.lock))
	}
	w.lock = -1
}
