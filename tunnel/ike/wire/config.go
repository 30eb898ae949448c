package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// Config is the attribute payload of the Transaction Exchange
// (draft-dukes-ike-mode-cfg-02 section 3.2), which carries XAuth and
// Mode-Config.
//
//	|     Type      |   RESERVED    |           Identifier          |
//	|                           Attributes                          |
type Config struct {
	ConfigType ConfigType
	Identifier uint16
	Attributes []Attribute
	// Padding is how many zero octets some gateways put behind the last
	// attribute, inside the payload's length.
	Padding int
}

// ConfigType is the type of a configuration message.
type ConfigType uint8

// The configuration types.
const (
	ConfigRequest ConfigType = 1
	ConfigReply   ConfigType = 2
	ConfigSet     ConfigType = 3
	ConfigAck     ConfigType = 4
)

// Type is TypeConfig.
func (Config) Type() PayloadType { return TypeConfig }

func parseConfig(b []byte, left *limits) (Config, error) {
	if len(b) < 4 {
		return Config{}, malformed(0, "%d octets are too few for type and identifier", len(b))
	}
	if b[1] != 0 {
		return Config{}, malformed(1, "RESERVED is %#02x instead of zero", b[1])
	}
	c := Config{ConfigType: ConfigType(b[0]), Identifier: binary.BigEndian.Uint16(b[2:])}
	used, err := usedByAttributes(b[4:])
	if err != nil {
		return c, within(4, err)
	}
	c.Padding = len(b) - 4 - used
	c.Attributes, err = parseAttributes(b[4:4+used], left)
	return c, within(4, err)
}

// usedByAttributes is how many octets of b come before the attribute boundary
// from where on all is zero.
func usedByAttributes(b []byte) (int, error) {
	end := len(bytes.TrimRight(b, "\x00"))
	offset := 0
	for offset < end {
		_, n, err := parseAttribute(b[offset:])
		if err != nil {
			return 0, within(offset, err)
		}
		offset += n
	}
	return offset, nil
}

func (c Config) appendBody(b []byte) []byte {
	b = append(b, byte(c.ConfigType), 0)
	b = binary.BigEndian.AppendUint16(b, c.Identifier)
	b = AppendAttributes(b, c.Attributes...)
	return append(b, make([]byte, c.Padding)...)
}

// Summary is the type and the attributes by name, never their values: one may
// be a password.
func (c Config) Summary() string {
	names := make([]string, len(c.Attributes))
	for i, a := range c.Attributes {
		names[i] = a.Type.ConfigName()
	}
	return fmt.Sprintf("%s id=%d %s", c.ConfigType, c.Identifier, strings.Join(names, " "))
}
