package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"muvpn/service"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// install enters this program as the system's service, and makes what it needs.
func install(say func(string, ...any)) error {
	if err := refusePackaged("it is entered already (muvpnd start)"); err != nil {
		return err
	}
	program, err := ownProgram()
	if err != nil {
		return err
	}
	s, err := manager(program, nil)
	if err != nil {
		return err
	}
	if now, err := conditionOf(s); err != nil || now != absent {
		return errors.Join(err, errors.New("the service is installed already; to change it: muvpnd uninstall, which leaves profiles and log, and install again"))
	}
	options, err := prepare(program, say)
	if err != nil {
		return err
	}
	if s, err = manager(program, options); err != nil {
		return err
	}
	if err := errors.Join(s.Install(), finish(say)); err != nil {
		return errors.Join(fmt.Errorf("the service could not be entered: %w", err), withdraw(s))
	}
	say("muvpnd is installed and runs whenever the system starts; to start it now: muvpnd start")
	say("%s", whoMayUse)
	return nil
}

// ownProgram is where this program lies, which nobody but root may change.
func ownProgram() (string, error) {
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return "", fmt.Errorf("where this program lies: %w", err)
	}
	return program, trusted(program)
}

// uninstall takes the service away: stopped first, its traces in the network
// undone, and with purge everything that it has stored. Not while that would
// leave a kill switch behind that nobody could lift.
func uninstall(purge bool, say func(string, ...any)) error {
	if err := refusePackaged("to take it away remove that: " + removals); err != nil {
		return err
	}
	if netcfg.Armed(systemState()) {
		return refuseBlocked(presentCondition())
	}
	s, err := manager("", nil)
	if err != nil {
		return err
	}
	now, err := conditionOf(s)
	if err != nil || now == absent && !purge {
		return errors.Join(err, refuseAbsent(now))
	}
	if now != absent {
		if now != idle {
			if err := within(uninstallPatience, s.Stop); err != nil {
				return fmt.Errorf("the service does not stop, so it stays: %w%s", err, whereToLook)
			}
		}
		if err := errors.Join(withdraw(s), cleanUp(say)); err != nil {
			return err
		}
		say("muvpnd is uninstalled")
	}
	return keepOrPurge(systemState(), purge, say)
}

// keepOrPurge sees to what a service that has gone has stored: it undoes what a
// crash has left in the network, for there is no next start that would. Then
// everything is removed, or it says where it stays.
func keepOrPurge(state string, purge bool, say func(string, ...any)) error {
	if _, err := os.Stat(state); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := undo(state, say); err != nil {
		return err
	}
	if !purge {
		say("Profiles, secrets and log stay in %s; to remove them, too: muvpnd uninstall --purge", state)
		return nil
	}
	if err := errors.Join(os.RemoveAll(state), forgetKey()); err != nil {
		return fmt.Errorf("not everything could be removed: %w", err)
	}
	say("Profiles, secrets and log are removed")
	return nil
}

// undo undoes what a crash has left in the network.
func undo(state string, say func(string, ...any)) error {
	unlock, err := lock(filepath.Join(state, "lock"))
	if err != nil {
		return fmt.Errorf("%s stays as it is: %w", state, err)
	}
	defer unlock()
	host := service.NewComputer(filepath.Join(state, "network.journal"), func(n tunnel.Note) { say("%s", n.Text) })
	if err := host.Recover(); err != nil {
		return fmt.Errorf("what an earlier run has left in the network could not be undone, so %s stays: %w", state, err)
	}
	return nil
}
