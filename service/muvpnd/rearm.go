package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"muvpn/tunnel/netcfg"
)

func rearmCommand() *cobra.Command {
	state := systemState()
	cmd := managerCommand("rearm", "Set an armed kill switch in the place of a service that does not run",
		asAdministrator("rearm", func(say func(string, ...any)) error { return rearm(state, say) }))
	cmd.Flags().StringVar(&state, "state", state, "set that of a service that keeps its state in this `FOLDER`")
	return cmd
}

// rearm sets the kill switch if one is armed, whatever keeps the service from
// doing so. systemd has it run whenever a service has ended or could not be
// started.
func rearm(state string, say func(string, ...any)) error {
	if _, err := os.Stat(state); err != nil || !netcfg.Armed(state) {
		return nil
	}
	unlock, err := lock(filepath.Join(state, "lock"))
	if err != nil {
		return fmt.Errorf("%w, and holds its kill switch itself", err)
	}
	defer unlock()
	if err := netcfg.Rearm(filepath.Join(state, "network.journal")); err != nil {
		return err
	}
	say("The kill switch is on: nothing leaves this computer until muvpnd start and muvpn unblock, or muvpnd unblock")
	return nil
}
