package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/kardianos/service"

	"muvpn/client/pipe"
)

const (
	// plistFile is where kardianos/service writes the job, errorFile where
	// launchd puts what we say on standard error.
	plistFile = "/Library/LaunchDaemons/" + serviceName + ".plist"
	errorFile = "/var/log/" + serviceName + ".log"
	// launchdConfig is the option of kardianos/service that takes the job's text.
	launchdConfig = "LaunchdConfig"

	whoMayUse   = "Who sits at the computer may use it, and members of the group muvpn; to add one: dseditgroup -o edit -a NAME muvpn"
	whereToLook = "; " + errorFile + " says more"
)

var dependencies []string

// hidden folders there are none.
var hidden []string

// administrators are the groups wheel and admin, whose members are root in all
// but name.
var administrators = []uint32{0, 80}

// prepare makes the group, and returns launchd's job.
func prepare(program string, _ func(string, ...any)) (service.KeyValue, error) {
	if pipe.LocalPolicy().Users == "" {
		if err := command("dseditgroup", "-o", "create", pipe.Group); err != nil {
			return nil, fmt.Errorf("the group %s could not be made: %w", pipe.Group, err)
		}
	}
	job, err := plistText(program, errorFile)
	return service.KeyValue{launchdConfig: job}, err
}

// hindrance is not known here.
func hindrance() error { return nil }

// finish gives the job the mode that launchd insists on.
func finish(func(string, ...any)) error { return os.Chmod(plistFile, 0o644) }

// withdraw takes the job away, however far it got.
func withdraw(s service.Service) error {
	if _, err := os.Stat(plistFile); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return s.Uninstall()
}

// cleanUp removes what launchd has kept for us, the socket's folder, and the
// group, unless somebody is in it.
func cleanUp(say func(string, ...any)) error {
	os.Remove(errorFile)
	os.RemoveAll("/var/run/muvpn")
	said, err := exec.Command("dscl", ".", "-read", "/Groups/"+pipe.Group, "GroupMembership").Output()
	if members := strings.Fields(string(said)); err == nil && len(members) > 1 {
		say("The group %s stays, it has members: %s", pipe.Group, strings.Join(members[1:], ", "))
		return nil
	}
	command("dseditgroup", "-o", "delete", pipe.Group)
	return nil
}

// forgetKey: the keychain is the store's affair.
func forgetKey() error { return nil }

func conditionOf(s service.Service) (condition, error) { return ask(s) }

// command runs a program of the system's; the error has what it said.
func command(name string, args ...string) error {
	said, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(said))
	}
	return nil
}
