package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"muvpn/client"
)

// app is what every command shares.
type app struct {
	*terminal
	socket string
	json   bool // the command was asked for JSON, so failures are JSON, too
}

const about = `muvpn connects this computer to an office network through an IPsec gateway.

The administrator sends a profile, a file such as lisa.exp, and separately
its passphrase:

  muvpn import lisa.exp      store the profile
  muvpn up                   connect
  muvpn status               how it stands, and how strong the connection is
  muvpn down                 disconnect
  muvpn unblock              lift the kill switch, if the profile has armed one

The work is done by the service muvpnd; this command asks it. Results go to
standard output, everything else to standard error. Exit codes: 0 done,
1 failed (why, and what to do about it, is on standard error), 2 wrong use.`

// newRoot builds the tree of commands.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "muvpn",
		Short:         "Connect to an office network through an IPsec gateway",
		Long:          about,
		Version:       client.Build(),
		SilenceErrors: true, // app.explain says them
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("muvpn {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.socket, "socket", os.Getenv("MUVPN_SOCKET"),
		"`PATH` of the service's socket; else $MUVPN_SOCKET, else the usual places")
	root.AddCommand(
		importCommand(a), profilesCommand(a), showCommand(a), removeCommand(a),
		upCommand(a), downCommand(a), statusCommand(a), logCommand(a), diagnoseCommand(a), unblockCommand(a),
		setCommand(a), explainCommand(a), adminCommand(a),
		versionCommand(a), manCommand(root),
	)
	return root
}

// dial connects to the service.
func (a *app) dial(ctx context.Context) (*client.Client, error) {
	return client.Dial(ctx, a.socket)
}

// action makes a cobra action of one that talks to the service. What it
// returns is a failure, not wrong use.
func (a *app) action(do func(ctx context.Context, c *client.Client, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		c, err := a.dial(ctx)
		if err != nil {
			return failed(err)
		}
		defer c.Close()
		return failed(do(ctx, c, args))
	}
}

// jsonFlag adds --json.
func (a *app) jsonFlag(cmd *cobra.Command, what string) {
	cmd.Flags().BoolVar(&a.json, "json", false, what)
}

// first is the first argument, or nothing.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// profileNames completes the names of stored profiles.
func (a *app) profileNames(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, err := a.dial(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer c.Close()
	profiles, _ := c.Profiles(cmd.Context())
	var names []string
	for _, p := range profiles {
		names = append(names, p.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
