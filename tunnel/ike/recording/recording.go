package recording

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"time"
)

// Recording is one session, from New to its end.
type Recording struct {
	About   string `json:"about"`   // what it shows, for people
	Gateway string `json:"gateway"` // the program at the other end, and its version
	Config  Config `json:"config"`
	Random  Octets `json:"random"` // all octets that the session has drawn, in order
	Calls   []Call `json:"calls"`
	// What the gateway says of the keys, in the order in which it made them.
	Phase1   []Phase1Keys `json:"phase1_keys"`
	Children []ChildKeys  `json:"child_keys"`
}

// Call is one call of the session, and what it left to be drained.
type Call struct {
	At     Duration  `json:"at"` // since New
	Do     string    `json:"do"` // start, datagram, timeout, answer, rekey, close
	In     *Datagram `json:"in,omitempty"`
	Answer *Answer   `json:"answer,omitempty"`

	Out    []Datagram `json:"out,omitempty"`
	Events []string   `json:"events,omitempty"` // in the words of describe; notes are left out
}

// Datagram is an ike.Datagram.
type Datagram struct {
	Remote    netip.AddrPort `json:"remote"`
	Encap     bool           `json:"encap,omitempty"`
	Keepalive bool           `json:"keepalive,omitempty"`
	Data      Octets         `json:"data,omitempty"`
}

// Answer is an ike.Answer.
type Answer struct {
	ID    int    `json:"id"`
	Value Octets `json:"value"`
}

// Phase1Keys are the secrets of one IKE SA (RFC 2409 section 5 and appendix B).
type Phase1Keys struct {
	Shared     Octets `json:"g_xy"`
	SKEYID     Octets `json:"skeyid"`
	SKEYIDd    Octets `json:"skeyid_d"`
	SKEYIDa    Octets `json:"skeyid_a"`
	SKEYIDe    Octets `json:"skeyid_e"`
	Encryption Octets `json:"encryption_key"`
	IV         Octets `json:"initial_iv"`
}

// ChildKeys are the keys of one direction of an SA pair. An AEAD has its salt
// at the end of Encryption, and no Integrity.
type ChildKeys struct {
	SPI        uint32 `json:"spi"` // chosen by the receiver
	Encryption Octets `json:"encryption_key"`
	Integrity  Octets `json:"integrity_key,omitempty"`
}

// Octets are written in hexadecimal.
type Octets []byte

// MarshalText implements encoding.TextMarshaler.
func (o Octets) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, o), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *Octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.AppendDecode(nil, text)
	return err
}

// Duration is written as Go writes it: "1.5s".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// Marshal writes a recording as a file.
func (r *Recording) Marshal() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(r)
	return b.Bytes(), err
}

// Parse reads what Marshal has written, and nothing else.
func Parse(data []byte) (*Recording, error) {
	var r Recording
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return nil, err
	}
	return &r, nil
}
