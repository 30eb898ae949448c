package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kardianos/service"

	"muvpn/client/pipe"
)

const (
	// unitFile is where kardianos/service writes the unit.
	unitFile = "/etc/systemd/system/" + serviceName + ".service"
	// keyFile holds the key that seals the secrets on disk, itself sealed by
	// systemd-creds for this computer.
	keyFile = "/etc/credstore.encrypted/" + sealCredential
	// hostKey is what it is sealed to.
	hostKey = "/var/lib/systemd/credential.secret"
	// exitCredentials is what systemd says for a program to which it could not
	// give its credentials (systemd.exec(5), "Process exit codes").
	exitCredentials = 243

	whoMayUse   = "Who sits at the computer may use it, and members of the group muvpn; to add one: usermod -aG muvpn NAME"
	whereToLook = "; journalctl -u muvpnd says more"
)

// dependencies are in the text of the unit.
var dependencies []string

// hidden are the folders that the unit keeps from the service, its own program
// included.
var hidden = []string{"/home", "/root", "/run/user", "/tmp", "/var/tmp"}

// administrators are the groups whose members are root in all but name.
var administrators = []uint32{0}

// prepare makes what the service needs, and returns the unit.
func prepare(program string, say func(string, ...any)) (service.KeyValue, error) {
	if err := makeUsers(); err != nil {
		return nil, err
	}
	unit, err := unitText(program, sealing(say), byInstall)
	return service.KeyValue{"SystemdScript": unit}, err
}

// makeUsers makes the group, and names it where it cannot be made.
func makeUsers() error {
	if err := makeGroup(); err != nil {
		return fmt.Errorf("the group %s could not be made: %w", pipe.Group, err)
	}
	return nil
}

// sealing makes the sealed key and returns the name of its credential; empty:
// this system has none, and that is said unless it knows of none.
func sealing(say func(string, ...any)) string {
	err := makeKey(keyFile)
	if err == nil {
		return sealCredential
	}
	if !errors.Is(err, exec.ErrNotFound) {
		say("Secrets on disk will be guarded by their file's mode alone: %v", err)
	}
	return ""
}

// finish has nothing left to do.
func finish(func(string, ...any)) error { return nil }

// makeGroup makes the group of those who may use the service, if there is none.
func makeGroup() error {
	if pipe.LocalPolicy().Users != "" {
		return nil
	}
	if err := command("g "+pipe.Group+" -\n", "systemd-sysusers", "-"); !errors.Is(err, exec.ErrNotFound) {
		return err
	}
	return command("", "groupadd", "--system", pipe.Group)
}

// makeKey makes the sealed key. One that is there is never replaced: what was
// sealed under it would be lost. It is bound to this system's own key, and not,
// as systemd-creds does by itself, to the TPM's measure of the firmware, too: with
// an update of that no service would start any more, nor a kill switch be set.
func makeKey(file string) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	if _, err := exec.LookPath("systemd-creds"); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	key := make([]byte, 32)
	rand.Read(key)
	defer clear(key)
	return command(string(key), "systemd-creds", "encrypt", "--with-key=host", "--name="+filepath.Base(file), "-", file)
}

// forgetKey removes the sealed key, with which nothing is sealed any more.
func forgetKey() error {
	if err := os.Remove(keyFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// withdraw takes the service out of the service manager, however far it got in.
func withdraw(s service.Service) error {
	if s.Platform() != "linux-systemd" {
		return s.Uninstall()
	}
	if _, err := os.Stat(unitFile); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	err := s.Uninstall()
	if err != nil {
		err = errors.Join(err, os.Remove(unitFile))
	}
	command("", "systemctl", "reset-failed", serviceName) // or it would be remembered as failed
	return err
}

// cleanUp removes the group, unless somebody is in it: their administrator has
// put them there, and would have to again after the next install.
func cleanUp(say func(string, ...any)) error {
	groups, err := os.ReadFile("/etc/group")
	if err != nil {
		return err
	}
	members, there := membersOf(pipe.Group, string(groups))
	if !there {
		return nil
	}
	if len(members) == 0 && command("", "groupdel", pipe.Group) == nil {
		return nil
	}
	say("The group %s stays, it has members: %s", pipe.Group, strings.Join(members, ", "))
	return nil
}

// membersOf reads the members of a group out of the text of /etc/group.
func membersOf(group, text string) (members []string, there bool) {
	for line := range strings.Lines(text) {
		field := strings.Split(strings.TrimSpace(line), ":")
		if len(field) == 4 && field[0] == group {
			return strings.FieldsFunc(field[3], func(r rune) bool { return r == ',' }), true
		}
	}
	return nil, false
}

// conditionOf asks systemd for more than the service manager's library tells.
func conditionOf(s service.Service) (condition, error) {
	if s.Platform() != "linux-systemd" {
		return ask(s)
	}
	said, err := exec.Command("systemctl", "show", "--property=LoadState,ActiveState", serviceName+".service").Output()
	if err != nil {
		return "", fmt.Errorf("systemd does not say how the service is: %w", err)
	}
	return systemdCondition(string(said)), nil
}

// systemdCondition puts systemd's words for a unit into ours.
func systemdCondition(properties string) condition {
	value := map[string]string{}
	for line := range strings.Lines(properties) {
		name, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		value[name] = v
	}
	switch value["ActiveState"] {
	case "active", "reloading":
		return active
	case "activating":
		return starting
	case "deactivating":
		return stopping
	case "failed":
		return broken
	}
	if value["LoadState"] == "not-found" {
		return absent
	}
	return idle
}

// hindrance is what keeps systemd from starting the service, where that is known.
func hindrance() error {
	said, _ := exec.Command("systemctl", "show", "--property=ExecMainStatus", serviceName+".service").Output()
	if strings.TrimSpace(string(said)) != fmt.Sprintf("ExecMainStatus=%d", exitCredentials) {
		return nil
	}
	return fmt.Errorf("%s, which seals the secrets on disk, cannot be opened on this computer: it was made on another one, "+
		"or %s or the machine ID is not what it was. Put that back, or remove the file, start again, and import the profiles again", keyFile, hostKey)
}

// command runs a program of the system's with that input; the error has what
// it said.
func command(input, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(input)
	said, err := cmd.CombinedOutput()
	if err != nil && !errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(said))
	}
	return err
}
