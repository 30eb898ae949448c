package esp

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// TestConfigIsChecked: an SA that is not whole is not made.
func TestConfigIsChecked(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"unknown encryption": func(c *Config) { c.Encryption = "rot13" },
		"unknown integrity":  func(c *Config) { c.Integrity = "crc32" },
		// Encryption without integrity, NULL or not, is never built.
		`integrity algorithm ""`: func(c *Config) { c.Integrity, c.IntegrityKey = "", nil },
		"takes no integrity":     func(c *Config) { c.Encryption = "aes128gcm16" },
		"16 octets of key":       func(c *Config) { c.EncryptionKey = c.EncryptionKey[:15] },
		"20 octets of key":       func(c *Config) { c.IntegrityKey = nil },
		"SPI 000000ff":           func(c *Config) { c.SPI = 255 },
		"local and remote":       func(c *Config) { c.Remote = nil },
		"not valid":              func(c *Config) { c.Local = append(c.Local, netip.Prefix{}) },
		"window of -1":           func(c *Config) { c.Window = -1 },
		"window of 65537":        func(c *Config) { c.Window = 65537 },
	} {
		c := config(t, "aes128", "sha1")
		spoil(&c)
		if _, err := NewPair(c, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, not %q", err, want)
		}
	}
	good, bad := config(t, "aes128", "sha1"), config(t, "aes128", "sha1")
	bad.EncryptionKey = nil
	if _, err := NewPair(good, bad); err == nil {
		t.Error("a pair was made of one good half")
	}
}

// TestConfigHidesItsKeys, whatever the verb.
func TestConfigHidesItsKeys(t *testing.T) {
	c := config(t, "3des", "sha1")
	for i := range c.EncryptionKey {
		c.EncryptionKey[i] = 0xee
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{c, &c} {
			s := fmt.Sprintf(verb, v)
			if s != "esp.Config(6985177e 3des sha1)" {
				t.Errorf("%s prints %s", verb, s)
			}
		}
	}
}

// TestKeyLengths is what KEYMAT has to give.
func TestKeyLengths(t *testing.T) {
	for _, want := range []struct {
		enc, integ       string
		encLen, integLen int
	}{
		{"null", "sha1", 0, 20}, {"des", "md5", 8, 16}, {"3des", "sha1", 24, 20},
		{"aes192", "sha256", 24, 32}, {"aes256", "sha512", 32, 64}, {"aes128", "sha384", 16, 48},
		{"aes128gcm8", "", 20, 0}, {"aes256gcm16", "", 36, 0}, {"chacha20poly1305", "", 36, 0},
	} {
		enc, integ, err := KeyLengths(want.enc, want.integ)
		if enc != want.encLen || integ != want.integLen || err != nil {
			t.Errorf("%s-%s: %d, %d, %v", want.enc, want.integ, enc, integ, err)
		}
	}
	if _, _, err := KeyLengths("aes128", ""); err == nil {
		t.Error("encryption without integrity has key lengths")
	}
}

// TestSelectors compares the compiled form of a network with net/netip's.
func TestSelectors(t *testing.T) {
	addrs := []string{"0.0.0.0", "10.0.0.1", "192.168.10.201", "192.168.11.0", "255.255.255.255",
		"::", "::1", "fd00::1", "fd00:0:0:1::1", "fd00::8000:0:0:1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::192.168.10.201"}
	for _, base := range addrs {
		a := netip.MustParseAddr(base)
		for bits := range a.BitLen() + 1 {
			p := netip.PrefixFrom(a, bits)
			n := networkOf(p)
			for _, s := range addrs {
				other := netip.MustParseAddr(s)
				if got, want := n.contains(addressOf(other)), p.Contains(other); got != want {
					t.Fatalf("%s contains %s: %v", p, other, got)
				}
			}
		}
	}
}

// TestClassify tells apart what comes to the UDP-encapsulation port.
func TestClassify(t *testing.T) {
	for _, want := range []struct {
		datagram string
		kind     Kind
	}{
		{"", KindRunt}, {"\xff", KindKeepalive}, {"\xfe", KindRunt}, {"\x00", KindRunt},
		{"\xff\xff", KindRunt}, {"\x00\x00\x00\x00\x01\x02\x03", KindRunt},
		{"\x00\x00\x00\x00\x01\x02\x03\x04", KindIKE}, {"\x00\x00\x01\x00\x01\x02\x03\x04", KindESP},
		{"\xff\x00\x00\x00\x00\x00\x00\x00", KindESP},
	} {
		if got := Classify([]byte(want.datagram)); got != want.kind {
			t.Errorf("%x is %d, not %d", want.datagram, got, want.kind)
		}
	}
}

// TestEveryDropHasAName of its own.
func TestEveryDropHasAName(t *testing.T) {
	seen := map[string]bool{}
	for d := range NumDrops {
		if name := d.String(); name == "" || seen[name] || name == "unknown" {
			t.Errorf("drop %d is called %q", d, name)
		} else {
			seen[name] = true
		}
	}
	if NumDrops.String() != "unknown" {
		t.Error("a drop that does not exist has a name")
	}
}
