package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client"
)

const aboutStatus = `Print how the connection stands: what was negotiated, how strong it is, and
what it has carried. The exit code is 0 whatever the state is.

Strength is that of the weakest part:
  broken   DES, MD5 or group 1: others can read what passes
  aging    3DES, SHA-1, groups 2 and 5, or Aggressive Mode with a shared key
  strong   everything else

Round trip is how long the last answers took that were measured. Through the
tunnel: from this computer to a host behind the gateway and back, of a TCP
connection that was opened, or a ping; it is there as soon as one has passed. To
the gateway: its answer to a message of a handshake, a rekey, or a probe whether
it is still there; its own work is in it. Nothing is sent to measure them. In
JSON they are tunnel_round_trip and round_trip. Lost names packets that were
dropped, by why: icv were changed on the way, replay came twice or too late; and
messages of IKE sent again because no answer had come.`

func statusCommand(a *app) *cobra.Command {
	var watch bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print how the connection stands",
		Long:  aboutStatus,
		Args:  cobra.NoArgs,
		RunE: a.action(func(ctx context.Context, c *client.Client, _ []string) error {
			if watch {
				return a.watchStatus(ctx, c)
			}
			now, err := c.Status(ctx)
			if err == nil {
				a.printStatus(now)
			}
			return err
		}),
	}
	a.jsonFlag(cmd, "print JSON")
	cmd.Flags().BoolVar(&watch, "watch", false, "print it again whenever it changes, until interrupted; with --json one object a line")
	return cmd
}

func (a *app) watchStatus(ctx context.Context, c *client.Client) error {
	for now, err := range c.Watch(ctx) {
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case a.json:
			json.NewEncoder(a.out).Encode(now)
		default:
			a.printStatus(now)
			fmt.Fprintln(a.out)
		}
	}
	return nil
}

func (a *app) printStatus(now client.Status) {
	if a.json {
		a.printJSON(now)
		return
	}
	fmt.Fprint(a.out, statusText(now, time.Now(), a.colours))
}
