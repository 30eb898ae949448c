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

// pf's own interface, ioctls on /dev/pf, is no public one of macOS: its structures
// change between versions, pfctl(8) goes with them.

// pfctlTime is how long it may take.
const pfctlTime = 10 * time.Second

// packetFilter is the firewall of this computer.
func (m mac) packetFilter() pf {
	return pf{run: pfctl, token: filepath.Join(m.folder, "pf.token"), boot: m.boot()}
}

// pfctl runs pfctl with an input.
func pfctl(input string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pfctlTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/sbin/pfctl", args...)
	cmd.Stdin = strings.NewReader(input)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("pfctl: %w: %s", err, bytes.TrimSpace(out))
	}
	return string(out), nil
}
