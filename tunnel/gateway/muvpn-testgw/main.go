// Command muvpn-testgw is a gateway that behaves like a Firebox, for the demo
// and the tests: it lets the users of its configuration file into a small
// office network and writes down what happens in the Firebox's words. It is no
// gateway for an office.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"muvpn/tunnel/gateway/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{
		Use:           "muvpn-testgw",
		Short:         "A gateway that behaves like a Firebox, for tests",
		SilenceErrors: true,
	}
	root.AddCommand(runCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "muvpn-testgw: "+err.Error())
		os.Exit(exitCode(err))
	}
}

// failure is an error of the work itself; any other one is wrong use.
type failure struct{ error }

// exitCode is 1 for what failed and 2 for wrong use.
func exitCode(err error) int {
	if _, ok := err.(failure); ok {
		return 1
	}
	return 2
}

// runCommand is `muvpn-testgw run`.
func runCommand() *cobra.Command {
	var config, log string
	c := &cobra.Command{
		Use:   "run --config FILE.toml [--log FILE]",
		Short: "Let users in until interrupted",
		Long: `Let the users of a configuration file into the office network until interrupted.

assets/samples/gateway.toml is a configuration with every key explained. The log
goes to standard error unless --log names a file, which is written anew.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			c.SilenceUsage = true
			if err := run(c.Context(), config, log); err != nil {
				return failure{err}
			}
			return nil
		},
	}
	c.Flags().StringVar(&config, "config", "", "configuration `FILE` (TOML)")
	c.Flags().StringVar(&log, "log", "", "`FILE` to write the log to")
	c.MarkFlagRequired("config")
	return c
}

// run runs a gateway until ctx ends.
func run(ctx context.Context, config, log string) error {
	text, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	c, err := server.ParseConfig(text)
	if err != nil {
		return fmt.Errorf("%s: %w", config, err)
	}
	out, err := openLog(log)
	if err != nil {
		return err
	}
	defer out.Close()
	c.Log = out
	s, err := server.Start(c)
	if err != nil {
		return fmt.Errorf("%s: %w", config, err)
	}
	<-ctx.Done()
	return s.Close()
}

// openLog opens the log's file; without a name it is standard error.
func openLog(name string) (io.WriteCloser, error) {
	if name == "" {
		return keepOpen{os.Stderr}, nil
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
}

// keepOpen is a writer that stays open: errors are still to be told.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }
