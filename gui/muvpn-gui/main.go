package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"muvpn/client"
)

func main() {
	if err := command().Execute(); err != nil {
		fmt.Fprintf(os.Stderr, "muvpn-gui: %v\n", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var socket string
	cmd := &cobra.Command{
		Use:           "muvpn-gui [FILE]",
		Short:         "Mobile User VPN: the window",
		Long:          "The window of the VPN client. With a FILE it offers to import it.",
		Args:          cobra.MaximumNArgs(1),
		Version:       client.Build(),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(_ *cobra.Command, args []string) error { return run(socket, args) },
	}
	cmd.Flags().StringVar(&socket, "socket", os.Getenv("MUVPN_SOCKET"), "where the service listens, a `PATH`")
	return cmd
}
