package pipe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/godbus/dbus/v5"
)

// systemd-logind, by its D-Bus interface (org.freedesktop.login1(5)).
const (
	logindName   = "org.freedesktop.login1"
	logindObject = "/org/freedesktop/login1"
	sessionFace  = logindName + ".Session"
)

// maxSessions bounds how many sessions of one user are looked at.
const maxSessions = 64

// logind knows who sits at the computer. A connection is made for each question
// and closed after it: the questions are rare.
type logind struct {
	address string // of its bus; empty: the system's
}

// localSeats is logind for the system's service; that of an ordinary user is
// for nobody else.
func localSeats() Seats {
	if os.Geteuid() != 0 || !seatsCome() {
		return nil
	}
	return logind{}
}

// seatsCome says that this system has a logind, perhaps not started yet
// (sd_booted(3), sd_login(3)).
func seatsCome() bool {
	for _, dir := range []string{"/run/systemd/system", "/run/systemd/seats"} {
		if _, err := os.Lstat(dir); err == nil {
			return true
		}
	}
	return false
}

// listed is one session of logind's list: signature (susso).
type listed struct {
	ID   string
	UID  uint32
	User string
	Seat string // empty: it has none
	Path dbus.ObjectPath
}

// Sits implements Seats: one of the user's own sessions is active, has a seat
// and is not remote.
func (l logind) Sits(ctx context.Context, user string) (bool, error) {
	uid, err := strconv.ParseUint(user, 10, 32)
	if err != nil {
		return false, err
	}
	c, err := l.connect(ctx)
	if err != nil {
		return false, fmt.Errorf("D-Bus: %w", err)
	}
	defer c.Close()
	var all []listed
	err = c.Object(logindName, logindObject).CallWithContext(ctx, logindName+".Manager.ListSessions", dbus.FlagNoAutoStart).Store(&all)
	if err != nil {
		return false, err
	}
	hers := slices.DeleteFunc(all, func(s listed) bool { return s.UID != uint32(uid) || s.Seat == "" })
	var failed error
	for _, s := range hers[:min(len(hers), maxSessions)] {
		sits, err := s.sits(ctx, c)
		if sits {
			return true, nil
		}
		failed = errors.Join(failed, err) // it may have ended since
	}
	return false, failed
}

func (l logind) connect(ctx context.Context) (*dbus.Conn, error) {
	if l.address == "" {
		return dbus.ConnectSystemBus(dbus.WithContext(ctx))
	}
	return dbus.Connect(l.address, dbus.WithContext(ctx))
}

// sits reads the properties of a session. That it is still the user's is asked
// again: session names are used anew.
func (s listed) sits(ctx context.Context, c *dbus.Conn) (bool, error) {
	var p map[string]dbus.Variant
	call := c.Object(logindName, s.Path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.GetAll", dbus.FlagNoAutoStart, sessionFace)
	if err := call.Store(&p); err != nil {
		return false, err
	}
	return sitting(p, s.UID), nil
}

// sitting judges the properties of a session. What is missing or of another
// form than documented says no. A greeter and a lock screen are nobody's
// sessions.
func sitting(p map[string]dbus.Variant, uid uint32) bool {
	var owner struct {
		UID  uint32
		Path dbus.ObjectPath
	}
	var seat struct {
		Name string
		Path dbus.ObjectPath
	}
	var active, class = false, ""
	remote := true
	for name, to := range map[string]any{"User": &owner, "Seat": &seat, "Active": &active, "Remote": &remote, "Class": &class} {
		v, ok := p[name]
		if !ok || v.Store(to) != nil {
			return false
		}
	}
	return owner.UID == uid && seat.Name != "" && active && !remote && slices.Contains(userClasses, class)
}

// userClasses are the classes of sessions that a person is in.
var userClasses = []string{"user", "user-early", "user-light", "user-early-light"}
