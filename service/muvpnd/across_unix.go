//go:build linux || darwin

package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// across has renew put another service in the place of the one at the socket, and
// asks that one to connect what was connected. A password that was typed and may
// not be kept has gone with the old one: it is asked for again. That there was
// nothing to connect, or that it cannot be, keeps no package from its upgrade.
func across(ctx context.Context, socket string, say func(string, ...any), renew func() error) error {
	was := connectedTo(ctx, socket)
	if err := renew(); err != nil {
		return err
	}
	was.again(ctx, socket, say)
	return nil
}

// startPause is the time between two attempts to start a service.
const startPause = time.Second

// startsUntil starts the service until it answers: launchd takes no
// job whose last process has not ended yet, and does not wait for a new one. The
// error is that of the last attempt.
func startsUntil(ctx context.Context, start, answers func() error) error {
	ctx, cancel := context.WithTimeout(ctx, uninstallPatience)
	defer cancel()
	started := start()
	for {
		if answers() == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the service does not answer within %v: %w%s", uninstallPatience, errors.Join(started, answers()), whereToLook)
		case <-time.After(startPause):
		}
		if started != nil {
			started = start()
		}
	}
}
