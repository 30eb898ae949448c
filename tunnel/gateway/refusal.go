package gateway

import (
	"fmt"

	"muvpn/tunnel/ike/wire"
)

// catalogueID is the number by which Fireware's log catalogue knows a message.
type catalogueID string

// The message IDs of what a gateway refuses.
const (
	msgExpectMain       catalogueID = "0203-0002" // Aggressive Mode came
	msgExpectAggressive catalogueID = "0203-0003" // Main Mode came
	msgP1Encryption     catalogueID = "0203-0004"
	msgP1Hash           catalogueID = "0203-0005"
	msgP1Method         catalogueID = "0203-0006"
	msgP1Group          catalogueID = "0203-0007"
	msgP1Proposal       catalogueID = "0203-0008" // anything else in a proposal
	msgMalformed        catalogueID = "0203-000D"
	msgUnknownID        catalogueID = "0203-0011"
	msgPSK              catalogueID = "0203-0012"
	msgNoReply          catalogueID = "0203-0015"
	msgFull             catalogueID = "0203-0016"
	msgCertificate      catalogueID = "0203-0017"
	msgCertExpired      catalogueID = "0203-0018"
	msgCertUntrusted    catalogueID = "0203-0019"
	msgHash             catalogueID = "0203-0020"
	msgPeerDead         catalogueID = "0203-0021"
	msgClosed           catalogueID = "0203-0025"
	msgCertName         catalogueID = "0203-0026"
	msgSignature        catalogueID = "0203-0027"
	msgVersion          catalogueID = "0203-002A"
	msgPoolEmpty        catalogueID = "0202-0001"
	msgP2Proposal       catalogueID = "0205-0002" // anything else in a proposal
	msgP2Encryption     catalogueID = "0205-0003"
	msgP2Authentication catalogueID = "0205-0004"
	msgP2Mode           catalogueID = "0205-0005"
	msgP2Selector       catalogueID = "0205-000A"
	msgP2PFS            catalogueID = "0205-000D"
	msgXAuthFailed      catalogueID = "0206-0001"
	msgXAuthMissing     catalogueID = "0206-0002"
	msgTransaction      catalogueID = "0206-0003"
	msgAccepted         catalogueID = "1100-0004"
	msgRejected         catalogueID = "1100-0003"
)

// refusal is why the gateway does not go on with an exchange: what it writes
// down and what it tells the client.
type refusal struct {
	id     catalogueID
	notify wire.NotifyType // 0: nothing is told
	text   string
}

// refuse makes a refusal.
func refuse(id catalogueID, notify wire.NotifyType, format string, a ...any) *refusal {
	return &refusal{id: id, notify: notify, text: fmt.Sprintf(format, a...)}
}

func (r *refusal) Error() string { return r.text }
