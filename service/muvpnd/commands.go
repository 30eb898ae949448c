package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muvpn/tunnel/netcfg"
)

// How long the commands wait for the service manager. It kills what does not
// end within 20 seconds.
const (
	managerPatience   = 15 * time.Second
	uninstallPatience = 30 * time.Second
)

// managerCommands are those that talk to the service manager.
func managerCommands() []*cobra.Command {
	return []*cobra.Command{
		managerCommand("install", "Have the system run the service whenever it starts", asAdministrator("install", install)),
		uninstallCommand(),
		managerCommand("start", "Start the installed service", asAdministrator("start", startService)),
		managerCommand("stop", "Stop the installed service", asAdministrator("stop", stopService)),
		unblockCommand(),
		rearmCommand(),
		managerCommand("status", "Say in a word how the installed service is", status),
	}
}

func uninstallCommand() *cobra.Command {
	purge := false
	cmd := managerCommand("uninstall", "Take the service away; profiles and log stay",
		asAdministrator("uninstall", func(say func(string, ...any)) error { return uninstall(purge, say) }))
	cmd.Flags().BoolVar(&purge, "purge", false, "remove profiles, secrets and log, too")
	return cmd
}

// packageCommand is for the build of the packages and for their scripts, not for
// people.
func packageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "package", Short: "What the package muvpn asks", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(packageCommands()...)
	return cmd
}

// managerCommand is a command that says a line now and then.
func managerCommand(name, short string, do func(say func(string, ...any)) error) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return failed(do(func(format string, args ...any) { fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...) }))
		},
	}
}

// asAdministrator refuses everybody else, before anything is changed.
func asAdministrator(name string, do func(func(string, ...any)) error) func(func(string, ...any)) error {
	return func(say func(string, ...any)) error {
		if !privileged() {
			return fmt.Errorf("muvpnd %s needs to be run as root (on Windows: as an administrator)", name)
		}
		return do(say)
	}
}

// startService starts the service and waits until it answers.
func startService(say func(string, ...any)) error {
	s, err := manager("", nil)
	if err != nil {
		return err
	}
	now, err := conditionOf(s)
	if err != nil || now == absent {
		return errors.Join(err, refuseAbsent(now))
	}
	if now != active {
		if err := within(managerPatience, s.Start); err != nil {
			return fmt.Errorf("the service does not start: %w%s", errors.Join(err, hindrance()), whereToLook)
		}
	}
	say("muvpnd is running")
	return nil
}

// stopService stops the service, which disconnects and undoes everything.
func stopService(say func(string, ...any)) error {
	s, err := manager("", nil)
	if err != nil {
		return err
	}
	now, err := conditionOf(s)
	if err != nil || now == absent {
		return errors.Join(err, refuseAbsent(now))
	}
	if now != idle {
		if err := within(managerPatience, s.Stop); err != nil {
			return fmt.Errorf("the service does not stop: %w%s", err, whereToLook)
		}
	}
	sayStopped(systemState(), say)
	return nil
}

// sayStopped says so, and what a kill switch makes of it.
func sayStopped(state string, say func(string, ...any)) {
	say("muvpnd is stopped")
	if netcfg.Armed(state) {
		say("The kill switch stays on: nothing leaves this computer until muvpnd start and muvpn unblock, or muvpnd unblock.")
	}
}

// status prints the condition, and fails unless the service is running.
func status(say func(string, ...any)) error {
	s, err := manager("", nil)
	if err != nil {
		return err
	}
	now, err := conditionOf(s)
	if err != nil {
		return err
	}
	say("%s", now)
	switch now {
	case active:
		return nil
	case absent:
		return refuseAbsent(now)
	case broken:
		return fmt.Errorf("the service has failed%s", whereToLook)
	}
	return fmt.Errorf("the service is installed, but it is %s (muvpnd start)", now)
}

// refuseAbsent is the error of a service that is not installed.
func refuseAbsent(now condition) error {
	if now != absent {
		return nil
	}
	return errors.New("the service is not installed (muvpnd install)")
}
