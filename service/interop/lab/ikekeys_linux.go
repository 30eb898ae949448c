package lab

import (
	"encoding/hex"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// IKEKeys are the secrets of one IKE SA by the names that charon gives them:
// "SKEYID", "SKEYID_d", "encryption key Ka" and so on.
type IKEKeys map[string][]byte

// firstSecret is the name of the secret that all others are made of: with it
// begins another IKE SA.
const firstSecret = "shared Diffie Hellman secret"

// dumpHead is the line of charon's log before some octets.
var dumpHead = regexp.MustCompile(`^(.+) => (\d+) bytes @ `)

// IKEKeys are the secrets of every IKE SA that charon has had part in, in
// their order.
func (c *Charon) IKEKeys() ([]IKEKeys, error) {
	log, err := os.ReadFile(c.KeysFile())
	return ikeKeys(string(log)), err
}

// ikeKeys reads every dump of group IKE. What later messages call by the name
// of an earlier dump is not a key of ours.
func ikeKeys(log string) []IKEKeys {
	var found []IKEKeys
	var name string
	var missing int
	for line := range strings.Lines(log) {
		_, text, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "[IKE] ")
		if m := dumpHead.FindStringSubmatch(text); m != nil {
			name = m[1]
			missing, _ = strconv.Atoi(m[2])
			if name == firstSecret {
				found = append(found, IKEKeys{})
			}
		} else if m := keyRow.FindStringSubmatch(text); m != nil && len(found) > 0 {
			octets, _ := hex.DecodeString(strings.ReplaceAll(m[1], " ", ""))
			octets = octets[:min(len(octets), missing)]
			missing -= len(octets)
			last := found[len(found)-1]
			last[name] = append(last[name], octets...)
		}
	}
	return found
}
