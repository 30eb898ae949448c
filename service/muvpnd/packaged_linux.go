package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"muvpn/client/pipe"
)

const (
	// packagedUnit is the unit of the package muvpn, and packagedProgram what it
	// starts.
	packagedUnit    = "/usr/lib/systemd/system/" + serviceName + ".service"
	packagedProgram = "/usr/sbin/muvpnd"
	// wantedLink is how systemd remembers that the unit of install is enabled.
	wantedLink = "/etc/systemd/system/multi-user.target.wants/" + serviceName + ".service"

	removals = "apt remove muvpn or dnf remove muvpn"
)

// refusePackaged refuses what is the package's to do; then says what that means.
func refusePackaged(then string) error {
	if _, err := os.Stat(packagedUnit); err != nil {
		return nil
	}
	return fmt.Errorf("the service belongs to the package muvpn: %s", then)
}

// packageCommands are asked by the build of the packages and by their scripts
// (installers/linux).
func packageCommands() []*cobra.Command {
	return []*cobra.Command{
		managerCommand("unit", "Print the package's systemd unit", printUnit),
		managerCommand("configure", "Make what the service needs", asAdministrator("package configure", configure)),
		acrossCommand(),
		managerCommand("leave", "Stop the service before the package goes, and undo what it has left", asAdministrator("package leave", leave)),
	}
}

func printUnit(say func(string, ...any)) error {
	text, err := unitText(packagedProgram, sealCredential, byPackage)
	say("%s", strings.TrimSuffix(text, "\n"))
	return err
}

// configure makes the group and the key. The key is sealed for the system that
// runs: where none does, in an image that is still being made, it waits for the
// next time.
func configure(say func(string, ...any)) error {
	if err := errors.Join(takeOver(unitFile, wantedLink, say), makeUsers()); err != nil {
		return err
	}
	if booted() {
		sealing(say)
	}
	return nil
}

// booted says that systemd runs this computer, as sd_booted(3) does.
func booted() bool {
	_, err := os.Lstat("/run/systemd/system")
	return err == nil
}

// takeOver takes a unit away that muvpnd install has made: it would come before
// the package's. Group, key, profiles and settings are the same.
func takeOver(unit, wanted string, say func(string, ...any)) error {
	text, err := os.ReadFile(unit)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !strings.HasPrefix(string(text), "# "+byInstall) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.Remove(wanted); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(unit); err != nil {
		return err
	}
	say("The service that muvpnd install has entered is the package's from now on; the programs that you had copied can go")
	return nil
}

func acrossCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "across COMMAND [ARGUMENT]...",
		Short: "Run a command that starts the service anew, and connect again what was connected",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			say := func(format string, args ...any) { fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...) }
			return failed(across(cmd.Context(), pipe.SystemPath, say, func() error { return command("", args[0], args[1:]...) }))
		},
	}
}

// stopPackaged stops the service, where a systemd runs that could have started it.
func stopPackaged() error {
	if !booted() {
		return nil
	}
	if err := command("", "systemctl", "stop", serviceName+".service"); !errors.Is(err, exec.ErrNotFound) {
		return err
	}
	return nil
}
