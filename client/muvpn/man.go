package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes the man pages; `make man` and the packages use it.
func manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the man pages into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return failed(err)
			}
			header := &doc.GenManHeader{Title: "MUVPN", Section: "1", Source: "muvpn " + root.Version, Manual: "Mobile User VPN"}
			return failed(doc.GenManTree(root, header, args[0]))
		},
	}
}
