package lab

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// SAKeys are the keys of one direction, as the gateway has them.
type SAKeys struct {
	SPI                   uint32
	Encryption, Integrity []byte
}

// The lines of charon's log, without thread and group, that tell of keys.
var (
	keyHead  = regexp.MustCompile(`^(encryption|integrity) (initiator|responder) key => (\d+) bytes`)
	keyRow   = regexp.MustCompile(`^ +\d+: ((?:[0-9A-F]{2} ){1,16})`)
	keyWay   = regexp.MustCompile(`^adding (inbound|outbound) ESP SA`)
	keySPI   = regexp.MustCompile(`^  SPI 0x([0-9a-f]{8}),`)
	keyOwner = map[string]string{"inbound": "initiator", "outbound": "responder"}
)

// keyLog is how far charon's log has been read.
type keyLog struct {
	keys  map[string][]byte // "encryption initiator" and so on
	name  string            // the key whose octets are being read
	size  int               // of that key
	way   string            // inbound or outbound
	found []SAKeys
}

// charonKeys reads the keys of all SAs out of the log of a charon that was
// the responder of their Quick Modes, level 4.
func charonKeys(log string) []SAKeys {
	k := keyLog{keys: map[string][]byte{}}
	for line := range strings.Lines(log) {
		if _, text, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "[CHD] "); ok {
			k.read(text)
		}
	}
	return k.found
}

// read reads one line: keys are named, then dumped sixteen octets a line;
// then the SAs that take them are added.
func (k *keyLog) read(text string) {
	if m := keyHead.FindStringSubmatch(text); m != nil {
		k.name = m[1] + " " + m[2]
		k.size, _ = strconv.Atoi(m[3])
		k.keys[k.name] = nil
	} else if m := keyRow.FindStringSubmatch(text); m != nil && k.name != "" {
		octets, _ := hex.DecodeString(strings.ReplaceAll(m[1], " ", ""))
		missing := k.size - len(k.keys[k.name])
		k.keys[k.name] = append(k.keys[k.name], octets[:min(len(octets), missing)]...)
	} else if m := keyWay.FindStringSubmatch(text); m != nil {
		k.way = m[1]
	} else if m := keySPI.FindStringSubmatch(text); m != nil {
		spi, _ := strconv.ParseUint(m[1], 16, 32)
		owner := keyOwner[k.way]
		k.found = append(k.found, SAKeys{uint32(spi), k.keys["encryption "+owner], k.keys["integrity "+owner]})
	}
}

// The lines of `ip xfrm state` that tell of keys.
var (
	stateSPI  = regexp.MustCompile(`spi 0x([0-9a-f]{8})`)
	stateAuth = regexp.MustCompile(`auth-trunc \S+ 0x([0-9a-f]+)`)
	stateEnc  = regexp.MustCompile(`(?:enc|aead) \S+ 0x([0-9a-f]+)`)
)

// kernelKeys reads the keys of all SAs out of `ip xfrm state`.
func kernelKeys(text string) ([]SAKeys, error) {
	var found []SAKeys
	for line := range strings.Lines(text) {
		if m := stateSPI.FindStringSubmatch(line); m != nil {
			spi, _ := strconv.ParseUint(m[1], 16, 32)
			found = append(found, SAKeys{SPI: uint32(spi)})
			continue
		}
		for at, pattern := range []*regexp.Regexp{stateEnc, stateAuth} {
			m := pattern.FindStringSubmatch(line)
			if m == nil || len(found) == 0 {
				continue
			}
			key, err := hex.DecodeString(m[1])
			if err != nil {
				return nil, fmt.Errorf("ip xfrm state: %w", err)
			}
			last := &found[len(found)-1]
			*[]*[]byte{&last.Encryption, &last.Integrity}[at] = key
		}
	}
	return found, nil
}
