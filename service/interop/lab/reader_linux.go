package lab

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The names that tshark has for what strongSwan's keywords name.
var (
	tsharkCiphers = map[string]string{
		"des": "DES-CBC [RFC2405]", "3des": "TripleDES-CBC [RFC2451]",
		"aes128": "AES-CBC [RFC3602]", "aes256": "AES-CBC [RFC3602]", "aes128gcm16": "AES-GCM with 16 octet ICV [RFC4106]",
	}
	tsharkHashes = map[string]string{
		"": "NULL", "md5": "HMAC-MD5-96 [RFC2403]", "sha1": "HMAC-SHA-1-96 [RFC2404]", "sha256": "HMAC-SHA-256-128 [RFC4868]",
	}
)

// Inner is one packet that was rebuilt out of ESP.
type Inner struct {
	SPI      string // as tshark writes it: 0x and eight digits
	From, To netip.Addr
	ICMPType string
}

// Rebuild records the outer link while the client pings the target, and has
// tshark, which knows nothing of us, rebuild the echoes with the gateway's
// keys. The ESP proposal is in strongSwan's keywords.
func (l *Lab) Rebuild(target netip.Addr, esp string, keys []SAKeys) ([]Inner, error) {
	name := fmt.Sprintf("rebuild-%s-%s", esp, target)
	file := filepath.Join(l.Dir, name+".pcap")
	program := Program{
		Name: name, Namespace: l.Network.Gateway,
		Args: []string{toolPath("tcpdump"), "-i", outerLink, "--immediate-mode", "-U", "-n", "-Z", "root", "-c", "200", "-w", file, "udp port 4500 or esp"},
	}
	recording, err := program.Start(l.Dir)
	if err != nil {
		return nil, err
	}
	defer recording.Kill()
	c := Capture{recording, file}
	if err := WaitFor(10*time.Second, c.listening); err != nil {
		return nil, err
	}
	if err := l.Network.Client.Ping(target, 5*time.Second); err != nil {
		return nil, err
	}
	if err := WaitFor(10*time.Second, c.bothWays); err != nil {
		return nil, err
	}
	recording.Signal(syscall.SIGINT)
	<-recording.done
	return l.decrypt(file, esp, keys)
}

// bothWays says whether ESP of two SAs has been written down: on a busy machine
// tcpdump gets to it after the ping has long been answered.
func (c *Capture) bothWays() error {
	traffic, err := c.read()
	if spis := len(traffic.UDPESP) + len(traffic.RawESP); err == nil && spis < 2 {
		err = fmt.Errorf("tcpdump has seen %d SAs", spis)
	}
	return err
}

// decrypt has tshark read a recording with the keys.
func (l *Lab) decrypt(file, esp string, keys []SAKeys) ([]Inner, error) {
	home := filepath.Join(l.Dir, "tshark")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(home, "esp_sa"), espTable(esp, keys), 0o600); err != nil {
		return nil, err
	}
	out, err := Program{
		Name: "tshark", Namespace: l.Network.Gateway,
		Env: []string{"WIRESHARK_CONFIG_DIR=" + home},
		Args: []string{toolPath("tshark"), "-r", file, "-Y", "icmp",
			"-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE",
			"-T", "fields", "-E", "separator=;", "-E", "occurrence=l",
			"-e", "esp.spi", "-e", "ip.src", "-e", "ip.dst", "-e", "icmp.type"},
	}.Run(nil)
	if err != nil {
		return nil, err
	}
	return parseInner(string(out))
}

// espTable is tshark's table of ESP SAs.
func espTable(esp string, keys []SAKeys) []byte {
	cipher, hash, _ := strings.Cut(esp, "-")
	var table strings.Builder
	for _, key := range keys {
		fmt.Fprintf(&table, "\"IPv4\",\"*\",\"*\",\"0x%08x\",%q,\"%s\",%q,\"%s\"\n", key.SPI,
			tsharkCiphers[cipher], hexKey(key.Encryption), tsharkHashes[hash], hexKey(key.Integrity))
	}
	return []byte(table.String())
}

// hexKey is a key as tshark reads it.
func hexKey(key []byte) string {
	if len(key) == 0 {
		return ""
	}
	return fmt.Sprintf("0x%x", key)
}

// parseInner reads tshark's fields, the innermost of each packet.
func parseInner(text string) ([]Inner, error) {
	var packets []Inner
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSpace(line), ";")
		if len(fields) != 4 {
			return nil, fmt.Errorf("tshark: %q", line)
		}
		from, err := netip.ParseAddr(fields[1])
		if err != nil {
			return nil, fmt.Errorf("tshark: %w", err)
		}
		to, err := netip.ParseAddr(fields[2])
		if err != nil {
			return nil, fmt.Errorf("tshark: %w", err)
		}
		packets = append(packets, Inner{fields[0], from, to, fields[3]})
	}
	return packets, nil
}
