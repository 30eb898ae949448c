//go:build linux || darwin

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"muvpn/client"
)

// acrossPatience is how long the service may take to answer.
const acrossPatience = 10 * time.Second

// across has renew put another service in the place of the one at the socket, and
// asks that one to connect what was connected. A password that was typed and may
// not be kept has gone with the old one: it is asked for again. That there was
// nothing to connect, or that it cannot be, keeps no package from its upgrade.
func across(ctx context.Context, socket string, say func(string, ...any), renew func() error) error {
	was := connectedTo(ctx, socket)
	if err := renew(); err != nil {
		return err
	}
	if was.UUID == "" {
		return nil
	}
	if err := connectAgain(ctx, socket, was.UUID); err != nil {
		say("%s was connected and could not be connected again: %v (muvpn up)", was.Profile, err)
		return nil
	}
	say("%s was connected and is connected again", was.Profile)
	return nil
}

// connectedTo is the status of a service that holds a connection, or is about to;
// else nothing. One that is dormant wakes by itself.
func connectedTo(ctx context.Context, socket string) client.Status {
	ctx, cancel := context.WithTimeout(ctx, acrossPatience)
	defer cancel()
	c, err := client.Dial(ctx, socket)
	if err != nil {
		return client.Status{}
	}
	defer c.Close()
	now, err := c.Status(ctx)
	if err != nil || now.State == client.Disconnected || now.State == client.Disconnecting || now.State == client.Failed {
		return client.Status{}
	}
	return now
}

// connectAgain asks for a connection, and does not wait until it is there.
func connectAgain(ctx context.Context, socket, profile string) error {
	ctx, cancel := context.WithTimeout(ctx, acrossPatience)
	defer cancel()
	c, err := client.Dial(ctx, socket)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Up(ctx, client.Up{Profile: profile})
	return err
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
