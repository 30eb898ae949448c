package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"muvpn/client/explain/logs"
	"muvpn/client/explain/story"
)

// match lays the two logs side by side as `muvpn explain` does: each side's
// cookies, message ID and SPIs must be in the other's. The SPIs cross: what one side
// loads as outbound the other has loaded as inbound.
func match(client, gateway string) error {
	s := story.Tell(logs.Read("the client log", []byte(client)), []*logs.Log{logs.Read("the gateway log", []byte(gateway))}, nil)
	if s.Matched == nil || s.Confidence != story.Certain {
		return fmt.Errorf("the two logs do not tell of the same connection: %s", s.Ground)
	}
	for _, what := range []string{"cookie ", "message ID ", "(outbound at the client, inbound at the gateway)", "(inbound at the client, outbound at the gateway)"} {
		if !slices.ContainsFunc(s.Matched.Numbers, func(n string) bool { return strings.Contains(n, what) }) {
			return fmt.Errorf("the two logs have no %s in common", strings.Trim(what, " ()"))
		}
	}
	for _, n := range s.Matched.Numbers {
		fmt.Println("  " + n)
	}
	return nil
}

// successful is what a successful connection leaves in the client log, in order.
var successful = []*regexp.Regexp{
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
	for _, step := range successful {
		at := step.FindStringIndex(rest)
		if at == nil {
			return fmt.Errorf("the client log does not show %q in its place", step)
		}
		rest = rest[at[1]:]
	}
	return nil
}
