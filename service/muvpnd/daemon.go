package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"sync"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/serve"
	"muvpn/profile/store"
	"muvpn/service"
	"muvpn/service/logbook"
	"muvpn/service/policy"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// daemon is one `muvpnd run`.
type daemon struct {
	state, socket string
	credentials   string      // the service manager's folder of secrets for us; empty: none
	guard         *pipe.Guard // who may come in; nil: as this computer says
	userspace     bool
	proxy         netip.AddrPort
	policy        policy.Source // what the computer's administrator demands; nil: as this computer says
	err           io.Writer     // for whoever has started it
}

// run is the service, until ctx ends and everything is undone.
func (d *daemon) run(ctx context.Context) error {
	if err := d.choosePaths(); err != nil {
		return err
	}
	if err := store.ProtectFolder(d.state); err != nil {
		return fmt.Errorf("the folder for the state: %w", err)
	}
	unlock, err := lock(filepath.Join(d.state, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if err := d.rearm(); err != nil {
		fmt.Fprintf(d.err, "muvpnd: %v\n", err) // and on: without the service nobody could lift it
	}
	l, err := pipe.Listen(d.socket)
	if err != nil {
		return err
	}
	defer l.Close()
	book, err := logbook.Open(filepath.Join(d.state, "log"))
	if err != nil {
		return err
	}
	defer book.Close()
	return d.serve(ctx, l, book)
}

// rearm sets a kill switch that is armed before anything else: whatever fails
// after this, it is in force.
func (d *daemon) rearm() error {
	if d.userspace {
		return nil
	}
	return netcfg.Rearm(d.journal())
}

// journal is the file of what is changed of this computer's network.
func (d *daemon) journal() string { return filepath.Join(d.state, "network.journal") }

// serve runs the session and answers on l.
func (d *daemon) serve(ctx context.Context, l *pipe.Listener, book *logbook.Book) error {
	profiles, warnings, err := d.openStore()
	if err != nil {
		return err
	}
	for _, w := range warnings {
		book.Add(logbook.Entry{Level: logbook.Warn, Event: "STORE", Text: w})
	}
	host, err := d.host(book)
	if err != nil {
		return err
	}
	defer host.Close()
	s := service.New(service.Config{Book: book, Store: profiles, Host: host, LastFile: filepath.Join(d.state, "last"),
		SettingsFile: filepath.Join(d.state, "settings.toml"), Policy: d.source()})
	ctx, cancel := context.WithCancel(ctx)
	var session sync.WaitGroup
	session.Go(func() { s.Run(ctx) })
	defer session.Wait()
	defer cancel()
	if s.Ready(ctx) == nil {
		d.announce(host)
	}
	defer systemd.SdNotify(false, systemd.SdNotifyStopping)
	return serve.Serve(ctx, l, s, cmp.Or(d.guard, pipe.LocalGuard()))
}

// openStore opens the profiles, whose secrets are sealed when the service
// manager gives us the key.
func (d *daemon) openStore() (*store.Store, []string, error) {
	key, err := sealKey(d.credentials)
	if err != nil {
		return nil, nil, fmt.Errorf("the system's credential %s: %w", sealCredential, err)
	}
	defer clear(key)
	return store.Open(filepath.Join(d.state, "profiles"), key)
}

// source is where the computer's policy is read.
func (d *daemon) source() policy.Source {
	if d.policy != nil {
		return d.policy
	}
	return policy.System(pinsFile)
}

// host is where the inner network comes to be.
func (d *daemon) host(book *logbook.Book) (service.Host, error) {
	if d.userspace {
		return service.NewUserspace(d.proxy)
	}
	note := func(n tunnel.Note) {
		book.Add(logbook.Entry{Level: logbook.Level(n.Level), Event: n.Code, Text: n.Text, Fields: n.Fields})
	}
	return service.NewComputer(d.journal(), note), nil
}

// announce says that the service is there, and what an earlier run has left is
// undone: to who has started it by hand, and to systemd, which then lets go what
// waits for us.
func (d *daemon) announce(host service.Host) {
	fmt.Fprintf(d.err, "muvpnd %s listens at %s, its state is in %s\n", client.Build(), d.socket, d.state)
	if host.Proxy() != nil {
		fmt.Fprintln(d.err, "The way into the tunnel is a proxy: muvpn status shows its address, user and password")
	}
	systemd.SdNotify(false, systemd.SdNotifyReady)
}

// choosePaths fills in the paths that were not given.
func (d *daemon) choosePaths() error {
	ordinary := d.userspace && !privileged()
	if d.state == "" {
		d.state = systemState()
		if ordinary {
			d.state = userState()
		}
	}
	if d.socket == "" {
		d.socket = pipe.SystemPath
		if ordinary {
			d.socket = pipe.UserPath()
		}
	}
	if d.state == "" || d.socket == "" {
		return errors.New("this user has no home folder: say where by --state and --socket")
	}
	var err error
	if d.state, err = filepath.Abs(d.state); err != nil {
		return err
	}
	if !privileged() && !d.userspace && d.state == systemState() {
		return errors.New("the service needs to be run as root (on Windows: as an administrator); without privileges: muvpnd run --userspace")
	}
	return nil
}
