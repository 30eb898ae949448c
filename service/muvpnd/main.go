package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"muvpn/client"
)

const about = `muvpnd is the service of muvpn: it holds the connection, and does what the user
who sits at the computer, and members of the group muvpn, ask of it by the
command muvpn.

As root it makes a network interface and sets addresses, routes and DNS. With
--userspace it needs no privileges and changes nothing of the computer: the
tunnel is reached by a SOCKS5 and HTTP proxy on loopback, whose user and
password muvpn status shows.`

const runExamples = `  muvpnd run
  muvpnd run --userspace
  muvpnd run --userspace --proxy 127.0.0.1:1080`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// execute carries out args and returns the exit code: 0 done, 1 failed, 2 wrong
// use.
func execute(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "muvpnd: %v\n", err)
	if _, ok := err.(failure); ok {
		return 1
	}
	fmt.Fprintln(os.Stderr, "See muvpnd --help.")
	return 2
}

// failure is an error of a command that was used rightly.
type failure struct{ error }

// failed marks err as a failure.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return failure{err}
}

// newRoot builds the tree of commands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "muvpnd",
		Short:         "The service of muvpn",
		Long:          about,
		Version:       client.Build(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("muvpnd {{.Version}}\n")
	root.AddCommand(runCommand())
	root.AddCommand(managerCommands()...)
	root.AddCommand(packageCommand())
	return root
}

func runCommand() *cobra.Command {
	d := &daemon{credentials: os.Getenv("CREDENTIALS_DIRECTORY"), err: os.Stderr}
	proxy, byManager := "127.0.0.1:0", false
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "Run the service until it is told to end",
		Long:    about,
		Example: runExamples,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("proxy") && !d.userspace {
				return fmt.Errorf("--proxy goes with --userspace")
			}
			var err error
			if d.proxy, err = netip.ParseAddrPort(proxy); err != nil {
				return fmt.Errorf("--proxy %s is not of the form 127.0.0.1:1080", proxy)
			}
			if err := keepMemory(); err != nil {
				return failed(fmt.Errorf("secrets could be left in a core dump: %w", err))
			}
			return failed(underManager(cmd.Context(), byManager, d.run))
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.state, "state", "", "keep profiles, secrets and log in this `FOLDER`; default: "+systemState()+", with --userspace $XDG_STATE_HOME/muvpn")
	f.StringVar(&d.socket, "socket", "", "listen at this `PATH`; default: where muvpn looks for it")
	f.BoolVar(&d.userspace, "userspace", false, "no interface, routes or DNS: offer a proxy into the tunnel instead; needs no privileges")
	f.StringVar(&proxy, "proxy", proxy, "loopback `ADDR:PORT` of that proxy; port 0: any free one")
	f.BoolVar(&byManager, managedFlag, false, "the service manager has started this (Windows)")
	f.MarkHidden(managedFlag)
	return cmd
}
