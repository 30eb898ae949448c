package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"muvpn/client"
)

const aboutLog = `Print the log: one line a step, in the words of the gateway's own log, so that
the two can be read side by side. What is outbound here is inbound there.`

func logCommand(a *app) *cobra.Command {
	var o client.LogOptions
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Print the log of the connection",
		Long:  aboutLog,
		Example: `  muvpn log --follow
  muvpn log --redact > log.txt
  muvpn log mail`,
		Args: cobra.NoArgs,
		RunE: a.action(func(ctx context.Context, c *client.Client, _ []string) error {
			o.JSON = a.json
			log, err := c.Log(ctx, o)
			if err != nil {
				return err
			}
			defer log.Close()
			_, err = io.Copy(a.out, log)
			if o.Follow && ctx.Err() != nil {
				return nil
			}
			return err
		}),
	}
	f := cmd.Flags()
	f.BoolVar(&o.Follow, "follow", false, "go on with what is written from now on, until interrupted")
	f.BoolVar(&o.Redact, "redact", false, "put placeholders in the place of user names and inner addresses, the same for the same")
	f.IntVar(&o.Lines, "lines", 0, "only the last `N` lines")
	a.jsonFlag(cmd, "print JSON Lines")
	cmd.AddCommand(logMailCommand(a))
	return cmd
}
