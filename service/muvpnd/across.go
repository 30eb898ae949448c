package main

import (
	"context"
	"time"

	"muvpn/client"
)

// acrossPatience is how long the service may take to answer.
const acrossPatience = 10 * time.Second

// held is the profile of a connection that a service has held; empty: none.
type held struct{ UUID, Profile string }

// connectedTo is what a service at the socket holds, or is about to. A connection
// that is dormant wakes by itself.
func connectedTo(ctx context.Context, socket string) held {
	ctx, cancel := context.WithTimeout(ctx, acrossPatience)
	defer cancel()
	c, err := client.Dial(ctx, socket)
	if err != nil {
		return held{}
	}
	defer c.Close()
	now, err := c.Status(ctx)
	if err != nil || now.State == client.Disconnected || now.State == client.Disconnecting || now.State == client.Failed {
		return held{}
	}
	return held{now.UUID, now.Profile}
}

// again asks the service at the socket to connect it, if it is one, and says what
// came of that.
func (h held) again(ctx context.Context, socket string, say func(string, ...any)) {
	if h == (held{}) {
		return
	}
	if err := connectAgain(ctx, socket, h.UUID); err != nil {
		say("%s was connected and could not be connected again: %v (muvpn up)", h.Profile, err)
		return
	}
	say("%s was connected and is connected again", h.Profile)
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
