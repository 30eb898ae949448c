package tunnel

import (
	"encoding/hex"
	"fmt"
	"time"

	"muvpn/tunnel/ike"
)

// note puts a line of our own into the log.
func (c *control) note(level int, code string, fields map[string]any, format string, args ...any) {
	c.mail.put(Note{Level: level, Code: code, Text: fmt.Sprintf(format, args...), Fields: fields})
}

// ikeNote is a session's line in the service's terms.
func ikeNote(n ike.Note) Note {
	note := Note{Level: int(n.Level), Code: n.Code, Text: n.Text}
	if len(n.Fields) > 0 {
		note.Fields = make(map[string]any, len(n.Fields))
	}
	for _, f := range n.Fields {
		note.Fields[f.Key] = f.Value
	}
	return note
}

// ikeState is a Phase 1 in the service's terms.
func ikeState(e ike.IKEUp, now time.Time) *IKE {
	return &IKE{
		Version: e.Version, Exchange: e.Exchange,
		Encryption: e.Proposal.Encryption, Hash: e.Proposal.Integrity, Group: e.Proposal.Group,
		InitiatorCookie: hex.EncodeToString(e.InitiatorCookie[:]),
		ResponderSPI:    hex.EncodeToString(e.ResponderCookie[:]),
		NAT:             e.NAT, AgingProof: e.AgingProof, RekeyAt: rekeyAt(now, e.Lifetime),
	}
}

// espState is an SA pair in the service's terms.
func espState(e ike.ChildUp, now time.Time) ESP {
	state := ESP{
		Encryption: e.Proposal.Encryption, Authentication: e.Proposal.Integrity,
		SPIIn: e.SPIIn, SPIOut: e.SPIOut, Encapsulation: "esp", RekeyAt: rekeyAt(now, e.Lifetime),
	}
	if e.Encap {
		state.Encapsulation = "udp"
	}
	return state
}

// rekeyAt is when an SA is replaced at the latest: at 90 % of its life; zero
// when it has no end.
func rekeyAt(now time.Time, life time.Duration) time.Time {
	if life <= 0 {
		return time.Time{}
	}
	return now.Add(life / 10 * 9)
}
