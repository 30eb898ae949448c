package lab

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// tools are the programs of others that a lab runs, as Debian installs them;
// the packages are in packages.txt of package interop.
var tools = map[string]string{
	"charon":       "/usr/lib/ipsec/charon",
	"ethtool":      "/usr/sbin/ethtool",
	"nft":          "/usr/sbin/nft",
	"swanctl":      "/usr/sbin/swanctl",
	"tcpdump":      "/usr/bin/tcpdump",
	"tshark":       "/usr/bin/tshark",
	"/dev/net/tun": "/dev/net/tun",
	"linux.uml":    "/usr/bin/linux.uml",
	"modprobe":     "/usr/sbin/modprobe",
}

// toolPath is where the named tool is.
func toolPath(name string) string {
	path, ok := tools[name]
	if !ok {
		panic("lab: unknown tool " + name)
	}
	if _, err := os.Stat(path); err != nil {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return path
}

// labTools are what every lab needs.
var labTools = []string{"charon", "ethtool", "nft", "swanctl", "tcpdump", "tshark", "/dev/net/tun"}

// KernelGatewayTools are what a gateway with a kernel of its own needs besides.
var KernelGatewayTools = []string{"linux.uml", "modprobe"}

// Missing lists what the machine lacks for a lab, and of the other tools.
func Missing(others ...string) []string {
	var missing []string
	for _, name := range slices.Concat(labTools, others) {
		path := toolPath(name)
		if _, err := os.Stat(path); err != nil {
			missing = append(missing, fmt.Sprintf("%s (%s)", name, path))
		}
	}
	return missing
}
