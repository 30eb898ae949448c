package main

import "github.com/spf13/cobra"

// adminCommand is what an administrator does; none of it asks the service.
func adminCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Plan and make the profiles of many users, and read a gateway's log",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(adminInitCommand(a), adminKeygenCommand(a), adminCACommand(a), adminCheckCommand(a), adminMapCommand(a), adminIssueCommand(a),
		adminRevokeCommand(a), adminSessionsCommand(a))
	return cmd
}
