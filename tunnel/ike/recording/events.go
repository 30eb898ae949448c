package recording

import (
	"fmt"

	"muvpn/tunnel/ike"
)

// describe says an event in one line without secrets; a Note is "".
func describe(e ike.Event) string {
	switch e := e.(type) {
	case ike.Note:
		return ""
	case ike.Step:
		return "step " + e.Name
	case ike.IKEUp:
		return fmt.Sprintf("IKE up: %s Mode, cookies %x %x, %s, lifetime %v, NAT %s, rekey %t",
			e.Exchange, e.InitiatorCookie, e.ResponderCookie, e.Proposal, e.Lifetime, e.NAT, e.Rekey)
	case ike.ChildUp:
		return fmt.Sprintf("child up: SPI in %08x, out %08x, %s, %v to %v, encap %t, peer %s, lifetime %v/%d KB, replaces %08x",
			e.SPIIn, e.SPIOut, e.Proposal, e.Local, e.Remote, e.Encap, e.Peer, e.Lifetime, e.LifetimeKB, e.Replaces)
	case ike.SwitchOutbound:
		return fmt.Sprintf("outbound on %08x", e.SPIIn)
	case ike.ChildDown:
		return fmt.Sprintf("child down: %08x", e.SPIIn)
	case ike.Up:
		return fmt.Sprintf("up: %+v", e.Network)
	case ike.NeedAnswer:
		return fmt.Sprintf("question %d: %s %q", e.ID, e.Kind, e.Prompt)
	case ike.Down:
		return fmt.Sprintf("down: %s", e.Reason.Code)
	}
	return fmt.Sprintf("%T", e)
}
