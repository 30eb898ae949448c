package main

import "github.com/spf13/cobra"

// adminCommand has what is for administrators; the service is not needed for it.
func adminCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "What an administrator needs",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(adminSessionsCommand(a))
	return cmd
}
