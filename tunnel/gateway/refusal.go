package gateway

import (
	"fmt"

	"muvpn/tunnel/ike/wire"
)

// messageID is the number by which Fireware's log catalogue knows a message.
type messageID string

// The message IDs of what a gateway refuses.
const (
	msgExpectMain       messageID = "0203-0002" // Aggressive Mode came
	msgExpectAggressive messageID = "0203-0003" // Main Mode came
	msgP1Encryption     messageID = "0203-0004"
	msgP1Hash           messageID = "0203-0005"
	msgP1Method         messageID = "0203-0006"
	msgP1Group          messageID = "0203-0007"
	msgP1Proposal       messageID = "0203-0008" // anything else in a proposal
	msgMalformed        messageID = "0203-000D"
	msgUnknownID        messageID = "0203-0011"
	msgPSK              messageID = "0203-0012"
	msgNoReply          messageID = "0203-0015"
	msgFull             messageID = "0203-0016"
	msgHash             messageID = "0203-0020"
	msgPeerDead         messageID = "0203-0021"
	msgClosed           messageID = "0203-0025"
	msgVersion          messageID = "0203-002A"
	msgP2Proposal       messageID = "0205-0002" // anything else in a proposal
	msgP2Encryption     messageID = "0205-0003"
	msgP2Authentication messageID = "0205-0004"
	msgP2Mode           messageID = "0205-0005"
	msgP2Selector       messageID = "0205-000A"
	msgP2PFS            messageID = "0205-000D"
)

// refusal is why the gateway does not go on with an exchange: what it writes
// down and what it tells the client.
type refusal struct {
	id     messageID
	notify wire.NotifyType // 0: nothing is told
	text   string
}

// refuse makes a refusal.
func refuse(id messageID, notify wire.NotifyType, format string, a ...any) *refusal {
	return &refusal{id: id, notify: notify, text: fmt.Sprintf(format, a...)}
}

func (r *refusal) Error() string { return r.text }
