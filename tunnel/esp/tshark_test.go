package esp

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tsharkNames are our keywords in the words of Wireshark, which does not know
// ChaCha20-Poly1305 in ESP.
var tsharkNames = map[string]string{
	"null": "NULL", "des": "DES-CBC [RFC2405]", "3des": "TripleDES-CBC [RFC2451]",
	"aes128": "AES-CBC [RFC3602]", "aes192": "AES-CBC [RFC3602]", "aes256": "AES-CBC [RFC3602]",
	"aes128gcm8": "AES-GCM with 8 octet ICV [RFC4106]", "aes256gcm8": "AES-GCM with 8 octet ICV [RFC4106]",
	"aes128gcm12": "AES-GCM with 12 octet ICV [RFC4106]", "aes256gcm12": "AES-GCM with 12 octet ICV [RFC4106]",
	"aes128gcm16": "AES-GCM with 16 octet ICV [RFC4106]", "aes256gcm16": "AES-GCM with 16 octet ICV [RFC4106]",

	"": "NULL", "md5": "HMAC-MD5-96 [RFC2403]", "sha1": "HMAC-SHA-1-96 [RFC2404]",
	"sha256": "HMAC-SHA-256-128 [RFC4868]", "sha256_96": "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]",
	"sha384": "HMAC-SHA-384-192 [RFC4868]", "sha512": "HMAC-SHA-512-256 [RFC4868]",
}

// TestWiresharkReadsUs has Wireshark decrypt and check one packet each way, of
// every suite that it knows.
func TestWiresharkReadsUs(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("MUVPN_INTEROP") == "1" {
			t.Fatal("tshark is needed and not installed")
		}
		t.Skip("tshark is not installed: no foreign reader has seen our packets")
	}
	var sas []Config
	var packets [][]byte
	var want strings.Builder
	exchange := func(c Config, inner []byte, src, dst string) {
		c.SPI += uint32(len(sas))
		out, err := NewOutbound(c)
		if err != nil {
			t.Fatal(err)
		}
		p := seal(t, out, inner)
		sas, packets = append(sas, c), append(packets, p.Data())
		fmt.Fprintf(&want, "0x%08x 1 203.0.113.1,%s 198.51.100.7,%s %x\n", c.SPI, src, dst, inner[28:])
	}
	for _, s := range suites {
		if tsharkNames[s[0]] == "" {
			continue
		}
		lisa, host := "192.168.10.201", "192.168.10.2"
		exchange(config(t, s[0], s[1]), ipv4From(lisa, host, 60), lisa, host)
		exchange(mirror(config(t, s[0], s[1])), ipv4From(host, lisa, 61), host, lisa)
	}
	file := filepath.Join(t.TempDir(), "esp.pcap")
	writeCapture(t, file, packets)
	if got := tshark(t, file, sas); got != want.String() {
		t.Errorf("Wireshark reads\n%snot\n%s", got, want.String())
	}
}

// writeCapture writes a pcap file of raw IP packets that carry ESP.
func writeCapture(t *testing.T, file string, packets [][]byte) {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, 101) // raw IP
	for _, p := range packets {
		outer := append(ipv4From("203.0.113.1", "198.51.100.7", ipv4HeaderLen), p...)
		outer[9] = 50
		binary.BigEndian.PutUint16(outer[2:], uint16(len(outer)))
		sumIPv4(outer)
		b = append(b, make([]byte, 8)...)
		b = le.AppendUint32(b, uint32(len(outer)))
		b = le.AppendUint32(b, uint32(len(outer)))
		b = append(b, outer...)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// tshark reads a capture with the keys of the SAs: a line for each packet with
// its SPI, whether its ICV is good, the addresses outside and inside, and the
// inner payload.
func tshark(t *testing.T, file string, sas []Config) string {
	args := []string{"-r", file, "-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE",
		"-T", "fields", "-E", "separator=/s"}
	for _, field := range []string{"esp.spi", "esp.icv_good", "ip.src", "ip.dst", "udp.payload"} {
		args = append(args, "-e", field)
	}
	for _, c := range sas {
		args = append(args, "-o", fmt.Sprintf(`uat:esp_sa:"IPv4","*","*","0x%08x","%s","0x%x","%s","0x%x"`,
			c.SPI, tsharkNames[c.Encryption], c.EncryptionKey, tsharkNames[c.Integrity], c.IntegrityKey))
	}
	var complaints strings.Builder
	cmd := exec.Command("tshark", args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, complaints.String())
	}
	return string(out)
}
