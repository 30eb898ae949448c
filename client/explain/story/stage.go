package story

import "muvpn/client/reason"

// Stage is the step of a connection at which it ended.
type Stage string

// The stages, in the order of a connection.
const (
	StageProfile   Stage = "profile"
	StageComputer  Stage = "computer"
	StageName      Stage = "name"
	StageContact   Stage = "contact"
	StagePhase1    Stage = "phase1"
	StageUser      Stage = "user"
	StageAdmission Stage = "admission"
	StageAddress   Stage = "address"
	StagePhase2    Stage = "phase2"
	StageTraffic   Stage = "traffic"
	StageConnected Stage = "connected"
)

// Text is the stage for people.
func (s Stage) Text() string {
	return map[Stage]string{
		StageProfile:   "opening the profile",
		StageComputer:  "making ready this computer's network",
		StageName:      "looking up the gateway's name",
		StageContact:   "reaching the gateway",
		StagePhase1:    "Phase 1: algorithms, identity and key",
		StageUser:      "asking the user for name and password",
		StageAdmission: "being let in by the gateway, after Phase 1",
		StageAddress:   "getting an address for the office network",
		StagePhase2:    "Phase 2: agreeing on the networks",
		StageTraffic:   "traffic through the tunnel",
		StageConnected: "while connected",
	}[s]
}

// stages are where a reason ends a connection. What is not here is told by how far
// it had come.
var stages = map[reason.Code]Stage{
	reason.NoRoute: StageContact, reason.DNSFailed: StageName,
	reason.IDUnknown: StagePhase1, reason.ModeMismatch: StagePhase1, reason.P1Proposal: StagePhase1, reason.PSKWrong: StagePhase1,
	reason.CertExpired: StagePhase1, reason.CertUntrusted: StagePhase1, reason.CertName: StagePhase1, reason.CertRevoked: StagePhase1,
	reason.UserAuth: StageUser, reason.XAuthExpected: StageUser, reason.NoAddress: StageAddress,
	reason.P2Proposal: StagePhase2, reason.P2PFS: StagePhase2, reason.P2Selector: StagePhase2,
	reason.ESPBlocked: StageTraffic, reason.GWFull: StageAdmission, reason.VIPInUse: StageAdmission,
	reason.PeerDead: StageConnected, reason.GWClosed: StageConnected,
	reason.IPConflict: StageComputer, reason.LANOverlap: StageComputer, reason.PortTaken: StageComputer,
	reason.NoPrivilege: StageComputer, reason.NoTUN: StageComputer, reason.Clock: StageComputer,
	reason.ProfileChanged: StageProfile, reason.ProfileExpired: StageProfile, reason.ProfileTooWeak: StageProfile, reason.ProfileSigner: StageProfile,
}
