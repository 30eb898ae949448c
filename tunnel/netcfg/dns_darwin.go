package netcfg

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// DNS is in the dynamic store of configd, which only the SystemConfiguration
// framework reaches. That is for C programs; scutil(8) is for those without,
// and takes its orders from its input, so that nothing is on a command line.

// scutilTime is how long it may take.
const scutilTime = 10 * time.Second

// ourValue is a key of our own beside those that configd reads; it holds the
// setting as a summary, to be compared with.
const ourValue = "MuvpnSetting"

// storeKey is where in the store our setting is. Nothing there outlives a
// start of the computer.
func storeKey(link string) string { return "State:/Network/Service/muvpn-" + link + "/DNS" }

// dnsScript sets the servers for all names, or for those below the search
// domains only. An empty domain to match is every name.
func dnsScript(link string, d *dns) string {
	match := `""`
	if !d.All {
		match = strings.Join(d.below(), " ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "d.init\nd.add ServerAddresses * %s\n", join(d.Servers))
	if len(d.Search) > 0 {
		fmt.Fprintf(&b, "d.add SearchDomains * %s\n", strings.Join(d.Search, " "))
	}
	fmt.Fprintf(&b, "d.add SupplementalMatchDomains * %s\n", match)
	fmt.Fprintf(&b, "d.add InterfaceName %s\n", link)
	fmt.Fprintf(&b, "d.add %s \"%s\"\nset %s\n", ourValue, d.Text, storeKey(link))
	return b.String()
}

// storedDNS is the setting that is in the store now, as a summary.
func storedDNS(link string) (string, error) {
	out, err := runScutil("show " + storeKey(link) + "\n")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), ourValue+" : "); ok {
			return value, nil
		}
	}
	return "", nil
}

// scutil gives orders and wants no answer: scutil says on its output what it
// did not like. That something to be removed is not there is no failure.
func scutil(orders string) error {
	out, err := runScutil(orders)
	if out = strings.TrimSpace(out); err == nil && out != "" && !strings.Contains(out, "No such key") {
		return fmt.Errorf("scutil: %s", out)
	}
	return err
}

// runScutil runs scutil with orders as its input.
func runScutil(orders string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), scutilTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/sbin/scutil")
	cmd.Stdin = strings.NewReader(orders + "quit\n")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("scutil: %w: %s", err, bytes.TrimSpace(out))
	}
	return string(out), nil
}
