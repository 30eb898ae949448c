package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"muvpn/client"
)

// options are what the program was started with.
type options struct {
	socket string // where the service listens; empty: wherever it does
	tray   bool
	file   string // to import; empty: none
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "muvpn-gui: %v\n", err)
		explain(ctx, err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "muvpn-gui [FILE] [--tray]",
		Short: "Mobile User VPN: the window",
		Long: "The window of the VPN client. With a FILE it offers to import it.\n" +
			"There is one window and one tray in a session: what is started second brings the first to the front.",
		Args:          cobra.MaximumNArgs(1),
		Version:       client.Build(),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.file = args[0]
			}
			return start(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.socket, "socket", os.Getenv("MUVPN_SOCKET"), "where the service listens, a `PATH`")
	cmd.Flags().BoolVar(&o.tray, "tray", false, "only the icon in the tray, without a window")
	return cmd
}

// start starts the window or the tray.
func start(ctx context.Context, o options) error {
	if err := os.Setenv("MUVPN_SOCKET", o.socket); err != nil { // instance goes by it
		return err
	}
	switch {
	case o.tray && o.file != "":
		return errors.New("the tray takes no file: start muvpn-gui FILE without --tray")
	case o.tray:
		return runTray(ctx, o)
	}
	return runWindow(ctx, o)
}

// own is a setting of the user's; one that cannot be read is its default.
func own(key string) string {
	list, _ := client.Own()
	for _, s := range list {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
