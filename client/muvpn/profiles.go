package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"muvpn/client"
)

func profilesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List the stored profiles",
		Long: `List the stored profiles. An asterisk marks the one that is meant when a
command is given no name: the only one, or the last one used.`,
		Args: cobra.NoArgs,
		RunE: a.action(func(ctx context.Context, c *client.Client, _ []string) error {
			list, err := c.Profiles(ctx)
			if err != nil {
				return err
			}
			if a.json {
				a.printJSON(list)
				return nil
			}
			return a.printProfiles(list)
		}),
	}
	a.jsonFlag(cmd, "print JSON")
	return cmd
}

func (a *app) printProfiles(list []client.Profile) error {
	if len(list) == 0 {
		a.say("There is no profile yet. Import the file that the administrator sent: muvpn import FILE")
		return nil
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, " \tNAME\tGATEWAY\tSERIAL\tSIGNED\tEXPIRES\tUUID")
	for _, p := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n",
			choose(p.Last, "*", " "), p.Name, p.Gateway, p.Serial, choose(p.Signer != "", "yes", "no"), expiry(p), p.UUID)
	}
	return table.Flush()
}

func expiry(p client.Profile) string {
	if p.Expires == nil {
		return "never"
	}
	return p.Expires.Local().Format("2006-01-02")
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func showCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Print a profile as TOML, without its secrets",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.profileNames,
		RunE: a.action(func(ctx context.Context, c *client.Client, args []string) error {
			text, err := c.Show(ctx, args[0])
			fmt.Fprint(a.out, text)
			return err
		}),
	}
}

func removeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "remove NAME",
		Short:             "Delete a profile and its secrets",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.profileNames,
		RunE: a.action(func(ctx context.Context, c *client.Client, args []string) error {
			if err := c.Remove(ctx, args[0]); err != nil {
				return err
			}
			a.say("%s is removed.", args[0])
			return nil
		}),
	}
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program and of the service",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(a.out, "muvpn "+client.Build())
			c, err := a.dial(cmd.Context())
			if err != nil {
				a.say("The service cannot be asked: %v", err)
				return nil
			}
			defer c.Close()
			fmt.Fprintln(a.out, c.Hello().Program+" "+c.Hello().Version)
			return nil
		},
	}
}
