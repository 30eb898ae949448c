package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kardianos/service"
	"github.com/spf13/cobra"

	"muvpn/client"
	"muvpn/client/pipe"
)

// removals: macOS removes no package; what takes ours away is muvpn-uninstall
// (installers/macos), which leaves the service to muvpnd uninstall.
const removals = ""

func refusePackaged(string) error { return nil }

// packageCommands are asked by the package's script.
func packageCommands() []*cobra.Command {
	return []*cobra.Command{{
		Use:   "enter",
		Short: "Have the system run this program as the service, whatever it has run before, and connect again what was connected",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			say := func(format string, args ...any) { fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...) }
			return failed(asAdministrator("package enter", func(say func(string, ...any)) error { return enter(cmd.Context(), say) })(say))
		},
	}}
}

// enter makes what the service needs, and has launchd run this program. Profiles,
// settings and an armed kill switch stay.
func enter(ctx context.Context, say func(string, ...any)) error {
	program, err := ownProgram()
	if err != nil {
		return err
	}
	options, err := prepare(program, say)
	if err != nil {
		return err
	}
	s, err := manager(program, options)
	if err != nil {
		return err
	}
	now, err := conditionOf(s)
	if err != nil {
		return err
	}
	if err := replaceJob(options[launchdConfig].(string)); err != nil {
		return fmt.Errorf("the service could not be entered: %w", err)
	}
	if now != active && now != absent {
		say("The service was stopped and stays so; to start it: muvpnd start")
		return nil
	}
	return across(ctx, pipe.SystemPath, say, func() error { return renew(ctx, s, now) })
}

// renew starts the service, and stops the one before it.
func renew(ctx context.Context, s service.Service, now condition) error {
	if now == active {
		if err := within(uninstallPatience, s.Stop); err != nil {
			return fmt.Errorf("the service does not stop, so the old one runs on: %w%s", err, whereToLook)
		}
	}
	return startsUntil(ctx, s.Start, func() error {
		c, err := client.Dial(ctx, pipe.SystemPath)
		if err == nil {
			c.Close()
		}
		return err
	})
}

// replaceJob writes launchd's job as a whole or not at all, with the mode that
// launchd insists on.
func replaceJob(job string) error {
	f, err := os.CreateTemp(filepath.Dir(plistFile), ".muvpnd-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // not there any more when all went well
	_, err = f.WriteString(job)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), plistFile)
}
