package netcfg

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// resolvconf(8) keeps resolv.conf together from what several programs know. It
// has no interface but its command.

// commandTime is how long the command may take; it runs the hooks of others.
const commandTime = 10 * time.Second

// record is the name of our entry: Debian sorts entries by name and puts tun*
// before those of network cards.
func record(link string) string { return "tun." + link }

// resolvconfPath finds the command. What systemd installs by that name is
// resolvectl, which is of use only while systemd-resolved is.
func resolvconfPath(command string) string {
	if command == "-" {
		return ""
	}
	if command == "" {
		command = "resolvconf"
	}
	path, err := exec.LookPath(command)
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(real) == "resolvectl" {
		return ""
	}
	return path
}

// resolvconfArgs are the arguments that add our entry: the first of all and,
// with openresolv, the only one.
func resolvconfArgs(how, link string) []string {
	if how == howOpenresolv {
		return []string{"-m", "0", "-x", "-a", record(link)}
	}
	return []string{"-a", record(link)}
}

// runResolvconf runs the command with text as its input; the error says what
// it wrote.
func runResolvconf(path, text string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = strings.NewReader(text)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", path, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}
