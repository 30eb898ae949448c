package gateway

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Step names a message that the gateway sends: exchange and number.
type Step string

// The steps that a fault can be tied to.
const (
	StepAG2          Step = "AG2"
	StepMM2          Step = "MM2"
	StepMM4          Step = "MM4"
	StepMM6          Step = "MM6"
	StepQM1          Step = "QM1" // the gateway starts a rekey
	StepQM2          Step = "QM2"
	StepQM3          Step = "QM3"
	StepConnected    Step = "CONNECTED"
	StepNotify       Step = "NOTIFY"
	StepDelete       Step = "DELETE"
	StepDPD          Step = "DPD"     // R-U-THERE of the gateway
	StepDPDAck       Step = "DPD-ACK" // R-U-THERE-ACK
	StepSAInit       Step = "SA-INIT"
	StepLifetime     Step = "LIFETIME" // RESPONDER-LIFETIME
	StepXAuthRequest Step = "XAUTH-REQ"
	StepXAuthStatus  Step = "XAUTH-STATUS"
	StepConfigReply  Step = "CFG-REPLY"
	StepConfigSet    Step = "CFG-SET"
	stepChild        Step = "ESP"    // of delete: the SA pair
	stepISAKMP       Step = "ISAKMP" // of delete: Phase 1
	stepEverything   Step = ""
)

var steps = []Step{StepAG2, StepMM2, StepMM4, StepMM6, StepQM1, StepQM2, StepQM3, StepConnected, StepNotify,
	StepDelete, StepDPD, StepDPDAck, StepSAInit, StepLifetime,
	StepXAuthRequest, StepXAuthStatus, StepConfigReply, StepConfigSet, stepChild, stepISAKMP}

// FaultKind is a way to misbehave.
type FaultKind string

// What can happen to any message on its way. In brackets: what stands behind
// the step, and its default.
const (
	Silence     FaultKind = "silence"      // this message and all later ones are not sent
	Drop        FaultKind = "drop"         // it is lost [how often, 1]
	Late        FaultKind = "late"         // it is sent late [by how much, 1s]
	Duplicate   FaultKind = "duplicate"    // it is sent twice
	Reorder     FaultKind = "reorder"      // the next message overtakes it
	Garbage     FaultKind = "garbage"      // random octets come before it
	WrongCookie FaultKind = "wrong-cookie" // its responder cookie is another one
	ClearNotify FaultKind = "clear-notify" // an unauthenticated notification comes before it [number, 14]
)

// What is wrong inside a message.
const (
	WrongHash      FaultKind = "wrong-hash"      // AG2, MM6, QM1, QM2, transactions: the HASH payload
	NoProposal     FaultKind = "no-proposal"     // AG2, MM2, QM2: NO-PROPOSAL-CHOSEN whatever was offered
	OtherID        FaultKind = "other-id"        // AG2, MM6, QM2: another identity or other networks
	OtherProposal  FaultKind = "other-proposal"  // AG2, MM2, QM2: a transform that was not offered
	BadPublic      FaultKind = "bad-public"      // AG2, MM4, QM2: a public value of 1
	WrongSignature FaultKind = "wrong-signature" // AG2, MM6
	NoCertificate  FaultKind = "no-certificate"  // AG2, MM6: a signature, but no certificate
	OtherName      FaultKind = "other-name"      // AG2, MM6: the certificate of somebody else
	Expired        FaultKind = "expired"         // AG2, MM6: a certificate of yesterday
	UnknownCA      FaultKind = "unknown-ca"      // AG2, MM6: a certificate of a stranger's
	Renumber       FaultKind = "renumber"        // AG2, MM2, QM2: attributes in another order, transform number 9
	HashLast       FaultKind = "hash-last"       // AG2: HASH behind vendor IDs and NAT-D
)

// What is wrong with the gateway as a whole. They have no step, or one of
// their own.
const (
	NoDPDAnswer  FaultKind = "no-dpd-answer" // R-U-THERE stays unanswered
	Delete       FaultKind = "delete"        // ESP or ISAKMP: deleted when it is up [after how long, 0s]
	Full         FaultKind = "full"          // the licences are used up: Phase 1 is deleted at once
	NATDDraft    FaultKind = "nat-d-draft"   // NAT-D payloads as the drafts number them, whatever was agreed
	NATDBoth     FaultKind = "nat-d-both"    // NAT-D payloads by both numbers
	NATDNone     FaultKind = "nat-d-none"    // no NAT-D payload
	EarlyXAuth   FaultKind = "early-xauth"   // the user is asked before Phase 1 is complete, too
	NoXAuth      FaultKind = "no-xauth"      // nobody is asked, whatever was agreed
	XAuthFailure FaultKind = "xauth-failure" // right answers are wrong too
	NoStatus     FaultKind = "no-status"     // nothing comes behind the right answers
	NoAddress    FaultKind = "no-address"    // Mode-Config without an address
	Push         FaultKind = "push"          // Mode-Config is pushed, and requests stay unanswered
)

// Fault is one way to misbehave, as a configuration says it: "wrong-hash=AG2",
// "drop=QM2,3", "late=AG2,5s", "delete=ESP,2s", "no-dpd-answer".
type Fault struct {
	Kind  FaultKind
	Step  Step
	Count int           // of drop, and the number of clear-notify
	After time.Duration // of late and delete
}

// argument is what a kind of fault takes behind its step.
type argument int

const (
	takesNothing argument = iota // not even a step
	takesStep
	takesCertificate // a step, and one of Certificates.Wrong
	takesCount
	takesTime
)

// faultKinds are all kinds with what they take.
var faultKinds = map[FaultKind]argument{
	Silence: takesStep, Drop: takesCount, Late: takesTime, Duplicate: takesStep, Reorder: takesStep,
	Garbage: takesStep, WrongCookie: takesStep, ClearNotify: takesCount,
	WrongHash: takesStep, NoProposal: takesStep, OtherID: takesStep, OtherProposal: takesStep,
	BadPublic: takesStep, WrongSignature: takesStep, NoCertificate: takesStep,
	OtherName: takesCertificate, Expired: takesCertificate, UnknownCA: takesCertificate, Renumber: takesStep, HashLast: takesStep,
	NoDPDAnswer: takesNothing, Delete: takesTime, Full: takesNothing,
	NATDDraft: takesNothing, NATDBoth: takesNothing, NATDNone: takesNothing,
	EarlyXAuth: takesNothing, NoXAuth: takesNothing, XAuthFailure: takesNothing, NoStatus: takesNothing, NoAddress: takesNothing, Push: takesNothing,
}

// ParseFault reads a fault as a configuration says it.
func ParseFault(s string) (Fault, error) {
	kind, rest, hasStep := strings.Cut(s, "=")
	step, value, hasValue := strings.Cut(rest, ",")
	f := Fault{Kind: FaultKind(kind), Step: Step(step)}
	takes, known := faultKinds[f.Kind]
	switch {
	case !known:
		return f, fmt.Errorf("misbehave: %q is unknown", kind)
	case hasStep == (takes == takesNothing), hasValue && takes < takesCount:
		return f, fmt.Errorf("misbehave: %q: too much or too little behind the name", s)
	case hasStep && !slices.Contains(steps, f.Step):
		return f, fmt.Errorf("misbehave: %q: %q is none of %v", s, step, steps)
	}
	err := f.setValue(takes, value)
	if err != nil {
		err = fmt.Errorf("misbehave: %q: %v", s, err)
	}
	return f, err
}

// setValue takes what stands behind the step; an empty value is the default.
func (f *Fault) setValue(takes argument, value string) (err error) {
	switch {
	case takes == takesCount && value == "":
		f.Count = map[FaultKind]int{Drop: 1, ClearNotify: 14}[f.Kind]
	case takes == takesCount:
		f.Count, err = strconv.Atoi(value)
	case takes == takesTime && value == "":
		f.After = map[FaultKind]time.Duration{Late: time.Second}[f.Kind]
	case takes == takesTime:
		f.After, err = time.ParseDuration(value)
	}
	return err
}

// String is the fault as a configuration says it.
func (f Fault) String() string {
	s := string(f.Kind)
	if f.Step != "" {
		s += "=" + string(f.Step)
	}
	switch faultKinds[f.Kind] {
	case takesCount:
		s += fmt.Sprintf(",%d", f.Count)
	case takesTime:
		s += "," + f.After.String()
	}
	return s
}

// Misbehave replaces the faults: from now on the gateway has these.
func (g *Gateway) Misbehave(faults ...Fault) {
	g.faults, g.silent = slices.Clone(faults), false
}

// fault finds a fault of a kind at a step.
func (g *Gateway) fault(kind FaultKind, step Step) (*Fault, bool) {
	for i := range g.faults {
		if f := &g.faults[i]; f.Kind == kind && f.Step == step {
			return f, true
		}
	}
	return nil, false
}

// faulty says that there is a fault of a kind at a step, and writes it down:
// a log must not blame the client for what the gateway was told to do.
func (g *Gateway) faulty(kind FaultKind, step Step) bool {
	f, ok := g.fault(kind, step)
	if ok {
		g.logf("Misbehaving: %s", f)
	}
	return ok
}
