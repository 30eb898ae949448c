package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"muvpn/tunnel/netcfg"
)

func unblockCommand() *cobra.Command {
	state := systemState()
	cmd := managerCommand("unblock", "Lift the kill switch of a service that does not run",
		asAdministrator("unblock", func(say func(string, ...any)) error { return unblock(state, say) }))
	cmd.Flags().StringVar(&state, "state", state, "lift that of a service that keeps its state in this `FOLDER`")
	return cmd
}

// unblock lifts the kill switch in the service's place, which may be one that
// does not start any more. What a crash has left in the network is undone with
// it.
func unblock(state string, say func(string, ...any)) error {
	const none = "No kill switch is on"
	if _, err := os.Stat(state); errors.Is(err, os.ErrNotExist) {
		say(none)
		return nil
	}
	unlock, err := lock(filepath.Join(state, "lock"))
	if err != nil {
		return fmt.Errorf("%w: ask it by muvpn unblock; if it does not answer: muvpnd stop, then muvpnd unblock again", err)
	}
	defer unlock()
	armed := netcfg.Armed(state)
	network := netcfg.New(filepath.Join(state, "network.journal"), netcfg.WithNotes(func(n netcfg.Note) {
		if n.Level > 1 {
			say("%s", n.Text)
		}
	}))
	if err := network.Unblock(); err != nil {
		return fmt.Errorf("the kill switch stays on: %w", err)
	}
	if !armed {
		say(none)
		return nil
	}
	say("The kill switch is off")
	return nil
}

// refuseBlocked is why a service in that condition is not taken away while its
// kill switch is on; empty: how it is cannot be said.
func refuseBlocked(now condition) error {
	how := "muvpn unblock; if the service does not answer: muvpnd stop, then muvpnd unblock"
	switch now {
	case idle, absent:
		how = fmt.Sprintf("the service is %s, so: muvpnd unblock", now)
	case broken:
		how = "the service has failed, so: muvpnd unblock"
	}
	return fmt.Errorf("the kill switch is on: lift it first (%s), or this computer would stay cut off without the service", how)
}

// presentCondition is the service's; empty: that cannot be said.
func presentCondition() condition {
	s, err := manager("", nil)
	if err != nil {
		return ""
	}
	now, _ := conditionOf(s)
	return now
}
