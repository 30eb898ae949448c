package gateway

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"muvpn/tunnel/ike/wire"
)

// XAuth is how the gateway asks for the user (draft-beaulieu-ike-xauth-02).
type XAuth struct {
	// Rounds are the questions, one after the other. Default: one, for user and
	// password.
	Rounds []Round
	// Retries is how often a user who was wrong is asked again before STATUS
	// says so.
	Retries int
	// LockAfter wrong answers in a row nobody comes in under that name for
	// LockFor. 0: never; a LockFor of 0 is for ever.
	LockAfter int
	LockFor   time.Duration

	// Welcome is the message that comes with STATUS OK; empty: none.
	Welcome string
	// Type is how the type attribute is sent: "short" (as the draft has it,
	// default), "long" (with a length), "none".
	Type string
	// OneMessageID sends all requests of a Phase 1 under one message ID; else
	// each has its own.
	OneMessageID bool
	// StatusMore puts configuration behind STATUS in the SET, ConfigFirst sends
	// it in a SET of its own before STATUS, as NetScreen does.
	StatusMore, ConfigFirst bool
	// TrailingNUL accepts answers with a NUL behind them.
	TrailingNUL bool
	// Once does not ask again when the client renews its Phase 1, as Cisco.
	Once bool
}

// Round is one question.
type Round struct {
	Ask       []Ask
	Message   string // what the user is shown
	Challenge string // what "answer" is the answer to
}

// Ask is something that a user can be asked for.
type Ask string

// What can be asked for.
const (
	AskUser     Ask = "user"
	AskPassword Ask = "password"
	AskPasscode Ask = "passcode" // one-time, the next of the user's list
	AskNextPIN  Ask = "next-pin" // a new password, to be chosen by the user
	AskAnswer   Ask = "answer"   // to the challenge
	AskDomain   Ask = "domain"
)

// asks are the attributes of what can be asked for.
var asks = map[Ask]wire.AttributeType{
	AskUser: wire.AttrXAuthUser, AskPassword: wire.AttrXAuthPassword, AskPasscode: wire.AttrXAuthPasscode,
	AskNextPIN: wire.AttrXAuthNextPIN, AskAnswer: wire.AttrXAuthAnswer, AskDomain: wire.AttrXAuthDomain,
}

// withDefaults fills in what was left out.
func (x XAuth) withDefaults() XAuth {
	if len(x.Rounds) == 0 {
		x.Rounds = []Round{{Ask: []Ask{AskUser, AskPassword}}}
	}
	return x
}

// validate lists what is wrong.
func (x XAuth) validate() error {
	var faults []error
	for i, r := range x.Rounds {
		if len(r.Ask) == 0 {
			faults = append(faults, fmt.Errorf("xauth.rounds: round %d asks for nothing", i+1))
		}
		for _, a := range r.Ask {
			if _, known := asks[a]; !known {
				faults = append(faults, fmt.Errorf("xauth.rounds: %q is none of %v", a, slices.Sorted(maps.Keys(asks))))
			}
		}
	}
	if !slices.Contains([]string{"", "short", "long", "none"}, x.Type) {
		faults = append(faults, fmt.Errorf("xauth.type: %q is none of short, long, none", x.Type))
	}
	if x.Retries < 0 || x.LockAfter < 0 || x.LockFor < 0 {
		faults = append(faults, errors.New("xauth: a number below zero"))
	}
	return errors.Join(faults...)
}

// typeAttribute is the type "generic", or nothing.
func (x XAuth) typeAttribute() []wire.Attribute {
	switch x.Type {
	case "none":
		return nil
	case "long":
		return []wire.Attribute{wire.TLV(wire.AttrXAuthType, []byte{0, 0})}
	}
	return []wire.Attribute{wire.TV(wire.AttrXAuthType, 0)}
}

// attributes are those of a request: empty what is to be filled in.
func (r Round) attributes() (all []wire.Attribute) {
	for _, a := range r.Ask {
		all = append(all, wire.TLV(asks[a], nil))
	}
	if r.Challenge != "" {
		all = append(all, wire.TLV(wire.AttrXAuthChallenge, []byte(r.Challenge)))
	}
	return all
}

// message is an attribute that the user is shown; nothing if all is empty.
func messageAttribute(texts ...string) []wire.Attribute {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	if len(texts) == 0 {
		return nil
	}
	return []wire.Attribute{wire.TLV(wire.AttrXAuthMessage, []byte(strings.Join(texts, " ")))}
}
