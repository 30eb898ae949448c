package netcfg

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Watch tells what happens to the computer until ctx ends, on its caller's
// goroutine. It returns an error when the system does not let itself be
// watched, and nil when ctx ends.
func Watch(ctx context.Context, tell func(Event)) error {
	w, err := newWatcher()
	if err != nil {
		return fmt.Errorf("netcfg: watching the network: %w", err)
	}
	defer w.close()
	stop := context.AfterFunc(ctx, w.stop)
	defer func() {
		if !stop() {
			<-w.stopped
		}
	}()
	for ctx.Err() == nil {
		e, err := w.wait()
		if err != nil {
			return fmt.Errorf("netcfg: watching the network: %w", err)
		}
		if e != 0 && ctx.Err() == nil {
			tell(e)
		}
	}
	return nil
}

// watcher is what Watch waits for: one thread sleeps in one system call.
type watcher struct {
	network int // a netlink socket: changes of links, addresses and routes
	rules   int // another: changes of nftables; below zero: the kernel does not tell us
	clock   int // a timer that ends when the clock is set, as it is after a sleep
	ending  int // an eventfd
	stopped chan struct{}
	asleep  time.Duration // that the computer has slept since it was started
}

func newWatcher() (*watcher, error) {
	w := &watcher{network: -1, rules: -1, clock: -1, ending: -1, stopped: make(chan struct{}), asleep: slept()}
	var err error
	if w.ending, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, err
	}
	w.network, err = subscribe(unix.NETLINK_ROUTE, unix.RTNLGRP_LINK,
		unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE)
	// A firewall that others take away is a change, too.
	w.rules, _ = subscribe(unix.NETLINK_NETFILTER, unix.NFNLGRP_NFTABLES)
	if err == nil {
		w.clock, err = unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	}
	if err == nil {
		err = w.armClock()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// subscribe opens a socket for the messages of these groups (netlink(7)).
//
// The netlink package's own is not used because it may be refused here: then it
// closes its descriptor a second time, whenever the garbage is collected and
// whoever's that number is by then.
func subscribe(protocol int, groups ...uint) (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return -1, err
	}
	to := &unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	for _, g := range groups {
		to.Groups |= 1 << (g - 1)
	}
	if err := unix.Bind(fd, to); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// armClock sets the timer to a time that never comes: it ends when the clock
// jumps (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
func (w *watcher) armClock() error {
	const never = 1 << 40 // seconds since 1970
	return unix.TimerfdSettime(w.clock, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET,
		&unix.ItimerSpec{Value: unix.Timespec{Sec: never}}, nil)
}

// stop ends wait. It may be called by anybody, once.
func (w *watcher) stop() {
	defer close(w.stopped)
	unix.Write(w.ending, binary.NativeEndian.AppendUint64(nil, 1))
}

func (w *watcher) close() {
	for _, fd := range []int{w.network, w.rules, w.clock, w.ending} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// wait sleeps until something has happened and has settled.
func (w *watcher) wait() (Event, error) {
	ready, err := poll(-1, w.network, w.clock, w.ending, w.rules) // which looks at none below zero
	if err != nil {
		return 0, err
	}
	var e Event
	if ready[0] || ready[3] {
		e |= Changed
		if _, err := poll(settle, w.ending); err != nil {
			return 0, err
		}
		drain(w.network)
		drain(w.rules)
	}
	if ready[1] && w.awoke() {
		e |= Woke
	}
	return e, nil
}

// poll waits until one of the descriptors can be read, or for so long; below
// zero is for ever.
func poll(limit time.Duration, descriptors ...int) ([]bool, error) {
	fds := make([]unix.PollFd, len(descriptors))
	for i, fd := range descriptors {
		fds[i] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	}
	milliseconds := -1
	if limit >= 0 {
		milliseconds = int(limit.Milliseconds())
	}
	if _, err := unix.Poll(fds, milliseconds); err != nil && !errors.Is(err, unix.EINTR) {
		return nil, err
	}
	ready := make([]bool, len(fds))
	for i := range fds {
		ready[i] = fds[i].Revents != 0
	}
	return ready, nil
}

// drain throws away the messages of a socket: what they say is looked up as a whole. More
// of them than the socket holds (ENOBUFS) is a change, too.
func drain(fd int) {
	var b [1 << 16]byte
	for {
		_, _, err := unix.Recvfrom(fd, b[:], unix.MSG_DONTWAIT)
		if err != nil && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// awoke takes the news that the clock was set, and says whether that was
// because the computer has slept.
func (w *watcher) awoke() bool {
	var b [8]byte
	unix.Read(w.clock, b[:]) // ECANCELED, which arms it no more
	if w.armClock() != nil {
		return false
	}
	before := w.asleep
	w.asleep = slept()
	return w.asleep-before >= leastSleep
}

// slept is how long the computer has slept since it was started: what the clock
// that goes on meanwhile is ahead of the one that stands still.
func slept() time.Duration {
	var always, awake unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &always) != nil || unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake) != nil {
		return 0
	}
	return time.Duration(always.Nano() - awake.Nano())
}
