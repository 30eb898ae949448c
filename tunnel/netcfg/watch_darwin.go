package netcfg

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Watch tells what happens to the computer until ctx ends, on its caller's
// goroutine. It returns an error when the system does not let itself be
// watched, and nil when ctx ends.
func Watch(ctx context.Context, tell func(Event)) error {
	fd, err := unix.Socket(unix.AF_ROUTE, unix.SOCK_RAW, unix.AF_UNSPEC)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return fmt.Errorf("netcfg: watching the network: %w", err)
	}
	unix.CloseOnExec(fd)
	socket := os.NewFile(uintptr(fd), "route")
	news, failed := make(chan struct{}, 1), make(chan error, 1)
	go func() { failed <- readRoutes(socket, news) }()
	err = tellSettled(ctx, news, tell)
	socket.Close()
	return errors.Join(err, <-failed)
}

// readRoutes reads the socket until it is closed. What it says is looked up as a
// whole.
func readRoutes(socket *os.File, news chan<- struct{}) error {
	b := make([]byte, 1<<16)
	for {
		_, err := socket.Read(b)
		switch {
		case errors.Is(err, os.ErrClosed):
			return nil
		case err != nil && !errors.Is(err, unix.ENOBUFS):
			return fmt.Errorf("netcfg: watching the network: %w", err)
		}
		select {
		case news <- struct{}{}:
		default: // it is about to look
		}
	}
}
