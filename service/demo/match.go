package main

import (
	"fmt"
	"regexp"
	"strings"
)

// facts are what two logs of one connection must agree upon.
type facts struct {
	cookies    map[string]bool // "CKY-I/CKY-R" of completed exchanges
	messageIDs map[string]bool // Quick Mode message IDs
	inbound    map[string]bool // SPIs
	outbound   map[string]bool // SPIs
}

var (
	cookiePair = regexp.MustCompile(`AG-HDR.*CKY-I=([0-9a-f]{16}) CKY-R=([0-9a-f]{16})`)
	messageID  = regexp.MustCompile(`QM-HDR\*-([0-9A-F]{8})`)
	loadedSPI  = regexp.MustCompile(`Load (inbound|outbound) ESP SA,.* SPI=([0-9a-f]{8})`)
)

// readFacts collects the facts of a client's or a gateway's log.
func readFacts(log string) facts {
	f := facts{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for line := range strings.Lines(log) {
		if m := cookiePair.FindStringSubmatch(line); m != nil && strings.Trim(m[2], "0") != "" {
			f.cookies[m[1]+"/"+m[2]] = true
		}
		if m := messageID.FindStringSubmatch(line); m != nil {
			f.messageIDs[m[1]] = true
		}
		if m := loadedSPI.FindStringSubmatch(line); m != nil {
			direction := map[string]map[string]bool{"inbound": f.inbound, "outbound": f.outbound}[m[1]]
			direction[m[2]] = true
		}
	}
	return f
}

// match lays the two logs side by side. The SPIs cross: what one side loads as
// outbound the other has loaded as inbound.
func match(client, gateway string) error {
	c, g := readFacts(client), readFacts(gateway)
	for _, pair := range []struct {
		what     string
		ours, of map[string]bool
	}{
		{"cookies", c.cookies, g.cookies},
		{"Quick Mode message ID", c.messageIDs, g.messageIDs},
		{"outbound SPI (inbound at the gateway)", c.outbound, g.inbound},
		{"inbound SPI (outbound at the gateway)", c.inbound, g.outbound},
	} {
		if len(pair.ours) == 0 {
			return fmt.Errorf("the client log has no %s", pair.what)
		}
		for value := range pair.ours {
			if !pair.of[value] {
				return fmt.Errorf("the gateway log does not have the client's %s %s", pair.what, value)
			}
		}
		fmt.Printf("  %-38s %s\n", pair.what, strings.Join(keys(pair.ours), " "))
	}
	return nil
}

func keys(set map[string]bool) (all []string) {
	for key := range set {
		all = append(all, key)
	}
	return all
}

// story is what a successful connection leaves in the client log, in order.
var story = []*regexp.Regexp{
	regexp.MustCompile(`TO \S+ AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID`),
	regexp.MustCompile(`FROM \S+ AG-HDR ISA_SA .*ISA_HASH`),
	regexp.MustCompile(`TO \S+ AG-HDR\* ISA_HASH`),
	regexp.MustCompile(`Phase 1 completed as initiator`),
	regexp.MustCompile(`TO \S+ QM-HDR\*-[0-9A-F]{8} ISA_HASH ISA_SA`),
	regexp.MustCompile(`FROM \S+ QM-HDR\*-[0-9A-F]{8} ISA_HASH ISA_SA`),
	regexp.MustCompile(`TO \S+ QM-HDR\*-[0-9A-F]{8} ISA_HASH`),
}

// tells reports the first step of the story that the log does not tell in its
// place.
func tells(log string) error {
	rest := log
	for _, step := range story {
		at := step.FindStringIndex(rest)
		if at == nil {
			return fmt.Errorf("the client log does not show %q in its place", step)
		}
		rest = rest[at[1]:]
	}
	return nil
}
