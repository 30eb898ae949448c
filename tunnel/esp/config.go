package esp

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/netip"
	"slices"
)

// DefaultWindow is the width of the replay window in packets.
const DefaultWindow = 1024

// maxWindow bounds the memory that a window takes.
const maxWindow = 1 << 16

// minSPI is the lowest SPI of an SA: zero is the non-ESP marker of RFC 3948,
// and 1 to 255 are reserved (RFC 4303 section 2.1).
const minSPI = 256

// Config is what an SA in one direction is made of. Local and Remote are seen
// from this end in both directions: inbound packets come from Remote and go to
// Local, outbound packets the other way.
type Config struct {
	SPI uint32
	// Encap says that ESP travels in UDP (RFC 3948); else it is IP protocol 50.
	// An Inbound in a Table takes nothing that came the other way.
	Encap bool

	// Encryption and Integrity are strongSwan's keywords; Integrity is empty
	// with an AEAD. KeyLengths says how long the keys are. An AEAD's salt is
	// the end of EncryptionKey (RFC 4106 section 8.1).
	Encryption, Integrity       string
	EncryptionKey, IntegrityKey []byte

	Local, Remote []netip.Prefix

	ECN    ECNMode   // outbound only
	Window int       // width of the replay window in packets; 0: DefaultWindow
	Rand   io.Reader // what IVs come from; nil: crypto/rand.Reader
}

// Format prints no key, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "esp.Config(%08x %s %s)", c.SPI, c.Encryption, c.Integrity)
}

// check finds what is wrong with a Config and the suite that it names.
func (c *Config) check() (*suite, error) {
	s, err := newSuite(c.Encryption, c.Integrity)
	switch {
	case err != nil:
		return nil, err
	case c.SPI < minSPI:
		return nil, fmt.Errorf("esp: SPI %08x is reserved", c.SPI)
	case len(c.EncryptionKey) != s.enc.keyLen:
		return nil, fmt.Errorf("esp: %s needs %d octets of key, got %d", c.Encryption, s.enc.keyLen, len(c.EncryptionKey))
	case len(c.IntegrityKey) != s.mac.keyLen:
		return nil, fmt.Errorf("esp: integrity %q needs %d octets of key, got %d", c.Integrity, s.mac.keyLen, len(c.IntegrityKey))
	case len(c.Local) == 0 || len(c.Remote) == 0:
		return nil, fmt.Errorf("esp: an SA needs local and remote networks")
	case slices.ContainsFunc(c.Local, invalid) || slices.ContainsFunc(c.Remote, invalid):
		return nil, fmt.Errorf("esp: a network of the SA is not valid")
	case c.Window < 0 || c.Window > maxWindow:
		return nil, fmt.Errorf("esp: replay window of %d packets is outside 0 to %d", c.Window, maxWindow)
	}
	return s, nil
}

func invalid(p netip.Prefix) bool { return !p.IsValid() }

// window is the width of the replay window.
func (c *Config) window() int {
	if c.Window == 0 {
		return DefaultWindow
	}
	return c.Window
}

// random is the source of unpredictable octets.
func (c *Config) random() io.Reader {
	if c.Rand == nil {
		return rand.Reader
	}
	return c.Rand
}
