package main

import (
	"context"

	"github.com/spf13/cobra"

	"muvpn/client"
)

const aboutUnblock = `Lift the kill switch: this computer may send beside the tunnel again.

A profile with policy.kill_switch arms it when it is connected. From then on
nothing leaves this computer but through the tunnel: while connecting, when the
connection has failed or was ended, when the service is stopped, and after a new
start. muvpn status says how it stands.

Where the profile is read-only, or the policy of this computer demands the kill
switch, this takes an administrator (root). Where the service does not run,
muvpnd unblock does it, as root.`

func unblockCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "unblock",
		Short: "Lift the kill switch",
		Long:  aboutUnblock,
		Args:  cobra.NoArgs,
		RunE: a.action(func(ctx context.Context, c *client.Client, _ []string) error {
			if _, err := c.Unblock(ctx); err != nil {
				return err
			}
			a.say("The kill switch is off.")
			return nil
		}),
	}
}
