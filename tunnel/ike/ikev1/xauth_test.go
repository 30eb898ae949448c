package ikev1

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func TestXAuthToTheFirstPair(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := roadWarrior(t, "0003 0004 0a010002 0003 0004 0a010003 7002 000b 6578616d706c652e636f6d", func(c *ike.Config, _ *firebox) {
			c.Aggressive = aggressive
		}).pass()
		b.wantUp()
		n := last[ike.Up](b).Network
		if n.VirtualIP.String() != "10.1.1.1" || len(n.DNS) != 2 || n.Search[0] != "example.com" {
			t.Errorf("%+v", n)
		}
		if pair := last[ike.ChildUp](b); pair.Local[0].String() != "10.1.1.1/32" {
			t.Errorf("%+v", pair)
		}
		var steps []string
		for _, s := range all[ike.Step](b) {
			steps = append(steps, s.Name)
		}
		if got := strings.Join(steps, " "); !strings.HasSuffix(got, "authenticating configuring configuring") {
			t.Error(got)
		}
	}
}

// TestSecretsStayOutOfTheLog: neither the answers nor the name of their kinds'
// values are in any line.
func TestSecretsStayOutOfTheLog(t *testing.T) {
	b := roadWarrior(t, "", nil).pass()
	if strings.Contains(b.log(), "p4w") {
		t.Error(b.log())
	}
	b.wantLog("XAUTH_USER_PASSWORD")
}

func TestUserIsAskedForHisName(t *testing.T) {
	b := roadWarrior(t, "", func(c *ike.Config, _ *firebox) { c.Username = "" }).start()
	b.f.transact(7, askUser)
	b.settle()
	if q := last[ike.NeedAnswer](b); q.Kind != "xauth-user" || q.Prompt != "User name" || q.Name != "" || q.Said != "" {
		t.Errorf("%+v", q)
	}
	b.answer("lisa")
	if q := last[ike.NeedAnswer](b); q.Kind != "xauth-password" || q.Prompt != "Password of lisa" || q.Name != "lisa" {
		t.Errorf("%+v", q)
	}
	b.answer("p4w")
	b.wantConfig(7, "0200 0000 "+lisaSecret)
}

// TestEveryKindOfQuestion in rounds: passcode, next PIN, challenge with answer.
func TestEveryKindOfQuestion(t *testing.T) {
	b := roadWarrior(t, "", nil).login()
	for i, c := range []struct{ ask, kind, prompt, reply string }{
		{"408b 0000", "passcode", "Passcode of lisa", "408b 0001 78"},
		{"4090 0000 408c 0003 6e6577", "next-pin", "New PIN of lisa (new)", "4090 0001 78"},
		{"408d 0003 343231 4091 0000", "challenge", "Answer of lisa (421)", "4091 0001 78"},
		{"4089 0000 408a 0000 408c 0004 434f4445", "challenge", "Password of lisa (CODE)", "4089 0004 6c697361 408a 0001 78"},
		{"4089 0000 408a 0000", "xauth-password", "Password of lisa", "4089 0004 6c697361 408a 0001 78"},
	} {
		id := uint32(20 + i)
		b.f.transact(id, "0100 0001 "+c.ask)
		b.settle()
		if q := last[ike.NeedAnswer](b); q.Kind != c.kind || q.Prompt != c.prompt {
			t.Errorf("%+v, want %s %q", q, c.kind, c.prompt)
		}
		b.answer("x")
		b.wantConfig(id, "0200 0001 "+c.reply)
	}
	b.f.transact(40, statusOK)
	b.settle()
	b.wantUp()
	if b.s.user.password != nil {
		t.Error("a password is kept although the gateway asks for codes")
	}
}

func TestDomainIsPartOfTheName(t *testing.T) {
	for name, want := range map[string]string{
		`CORP\lisa`: "408e 0004 434f5250 4089 0004 6c697361",
		"lisa":      "408e 0000 4089 0004 6c697361",
	} {
		b := roadWarrior(t, "", func(c *ike.Config, _ *firebox) { c.Username = name }).start()
		b.f.transact(7, "0100 0000 408e 0000 4089 0000")
		b.settle()
		b.wantConfig(7, "0200 0000 "+want)
	}
}

// TestWrongPassword ends with what the gateway says, and is not tried again.
func TestWrongPassword(t *testing.T) {
	b := roadWarrior(t, "", nil).login()
	b.f.transact(8, statusFail+"408c 0006 6c6f636b6564")
	b.settle()
	b.wantDown(reason.UserAuth, `XAUTH_STATUS FAIL for user "lisa": locked`)
	b.wantConfig(8, "0400 0000 c08f 0000 408c 0000")
	if b.s.user.password != nil {
		t.Error("the password is still in memory")
	}
}

// TestSecondRequestAsksTheUser: the password is not said twice by itself.
func TestSecondRequestAsksTheUser(t *testing.T) {
	b := roadWarrior(t, "", nil).login()
	replies := len(b.f.configs)
	b.f.transact(8, askUser)
	b.settle()
	if n := len(all[ike.NeedAnswer](b)); n != 2 || len(b.f.configs) != replies {
		t.Errorf("%d questions, %d replies", n, len(b.f.configs)-replies)
	}
}

// TestRekeyWithOneTimeCodeAsksAgain, and the old Phase 1 serves until the user
// has typed.
func TestRekeyWithOneTimeCodeAsksAgain(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	for _, id := range []uint32{7, 17} {
		b.f.transact(id, "0100 0000 4089 0000 408b 0000")
		b.settle()
		if id == 17 {
			b.advance(3 * time.Minute)
			b.wantAlive()
			if len(b.s.sas) != 2 {
				t.Errorf("%d Phase 1 SAs", len(b.s.sas))
			}
		}
		b.answer("123456")
		b.f.transact(id+1, statusOK)
		b.settle()
		b.s.Rekey(b.now)
		b.settle()
	}
	if n := len(all[ike.NeedAnswer](b)); n != 2 {
		t.Errorf("%d questions", n)
	}
}

// TestWrongPasswordInARekey: what was right is wrong now. Nothing is tried twice.
func TestWrongPasswordInARekey(t *testing.T) {
	b := roadWarrior(t, "", nil).pass()
	b.s.Rekey(b.now)
	b.settle()
	b.f.transact(17, askUser)
	b.settle()
	b.f.transact(18, statusFail)
	b.settle()
	b.wantDown(reason.UserAuth, "FAIL")
	if n := len(all[ike.NeedAnswer](b)); n != 1 {
		t.Errorf("%d questions", n)
	}
}

// TestNoVerdictInARekey: the old Phase 1 goes on serving, and it is tried again.
func TestNoVerdictInARekey(t *testing.T) {
	b := roadWarrior(t, "", func(c *ike.Config, _ *firebox) { c.Lifetime = 24 * time.Hour }).pass()
	b.s.Rekey(b.now)
	b.settle()
	b.f.transact(17, askUser)
	b.settle()
	silent := b.f.current()
	b.advance(verdictWait + time.Second)
	b.wantAlive()
	b.wantLog("P1_REKEY_FAILED Phase 1 was not replaced: USER_AUTH")
	if len(b.s.sas) != 1 || b.s.sas[0].cookieI == silent.ci || !b.s.sas[0].retireAt.IsZero() {
		t.Errorf("%d Phase 1 SAs are left, and not the old one", len(b.s.sas))
	}
	b.advance(retryRekey)
	b.f.transact(27, askUser)
	b.f.transact(28, statusOK)
	b.settle()
	b.advance(time.Minute)
	b.wantUp()
	if len(b.s.sas) != 1 || b.s.sas[0].progress != ready {
		t.Errorf("%d Phase 1 SAs", len(b.s.sas))
	}
}

// TestAnswersAreWipedAtTheEnd, also those that were not sent yet.
func TestAnswersAreWipedAtTheEnd(t *testing.T) {
	for name, end := range map[string]func(b *bench){
		"end":            func(b *bench) { b.s.Close(b.now) },
		"another round":  func(b *bench) { b.f.transact(8, "0100 0000 4090 0000"); b.settle() },
		"verdict before": func(b *bench) { b.f.transact(8, statusOK); b.settle() },
	} {
		b := roadWarrior(t, "", nil).start()
		b.f.transact(7, "0100 0000 4089 0000 408b 0000 4090 0000")
		b.settle()
		b.answer("123456")
		kept := b.s.sas[0].login.round.values
		end(b)
		for _, v := range kept {
			if strings.Trim(string(v.Value), "\x00") != "" {
				t.Errorf("%s: %q is left of %d", name, v.Value, v.Type)
			}
		}
	}
}

// TestPhase1IsWipedAtItsEnd: with the session, or when another has replaced it.
func TestPhase1IsWipedAtItsEnd(t *testing.T) {
	for name, end := range map[string]func(b *bench){
		"close":  func(b *bench) { b.s.Close(b.now) },
		"rekeys": func(b *bench) { b.advance(2 * time.Hour) },
	} {
		b := newBench(t, nil).start()
		key := b.s.current().keys.EncryptionKey()
		if bytes.Equal(key, make([]byte, len(key))) {
			t.Fatal("there is no key")
		}
		end(b)
		b.settle()
		if !bytes.Equal(key, make([]byte, len(key))) {
			t.Errorf("%s: the key is left", name)
		}
	}
}

// TestUserTypesForMinutes: requests that the gateway repeats meanwhile are
// duplicates, its probes are answered, and nothing ends.
func TestUserTypesForMinutes(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	request := b.f.transact(7, askUser)
	b.settle()
	for range 30 {
		b.advance(10 * time.Second)
		b.s.HandleDatagram(b.now, request)
		b.f.inform(wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyRUThere,
			SPI: b.s.current().cookies(), Data: []byte{0, 0, 0, 1}})
		b.settle()
	}
	acks := 0
	for _, n := range b.f.notifies {
		if n.NotifyType == wire.NotifyRUThereAck {
			acks++
		}
	}
	if n := len(all[ike.NeedAnswer](b)); n != 1 || acks != 30 {
		t.Errorf("%d questions, %d answers to probes", n, acks)
	}
	b.answer("p4w")
	b.wantConfig(7, "0200 0000 "+lisaSecret)
	sent := len(b.sent)
	b.advance(2 * time.Second)
	b.s.HandleDatagram(b.now, request) // the reply was lost
	b.settle()
	if len(b.sent) != sent+1 {
		t.Errorf("%d datagrams", len(b.sent)-sent)
	}
}

// TestAnotherRequestWhileTheUserTypes takes the place of the first; the question
// stays the same.
func TestAnotherRequestWhileTheUserTypes(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	b.f.transact(7, askUser)
	b.settle()
	b.f.transact(8, askUser)
	b.settle()
	if n := len(all[ike.NeedAnswer](b)); n != 1 {
		t.Fatalf("%d questions", n)
	}
	b.answer("p4w")
	b.wantConfig(8, "0200 0000 "+lisaSecret)
}

// TestReplayedRequestIsNotAnswered: not even when it is out of the cache.
func TestReplayedRequestIsNotAnswered(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	request := b.f.transact(7, askUser)
	b.settle()
	b.answer("p4w")
	b.f.transact(8, statusOK)
	b.settle()
	b.advance(5 * time.Minute)
	messages := len(b.f.configs)
	b.s.HandleDatagram(b.now, request)
	b.settle()
	if len(b.f.configs) != messages || len(all[ike.NeedAnswer](b)) != 1 {
		t.Error("a replayed request is answered")
	}
}

// TestReplayIsKnownAfterManyOthers: message IDs that are forgotten were used all
// the same.
func TestReplayIsKnownAfterManyOthers(t *testing.T) {
	b := roadWarrior(t, "", nil).pass()
	replay := b.f.transact(1000, "0300 0001 0003 0004 0a010002")
	b.settle()
	for id := range uint32(2 * maxTransactions) {
		b.f.transact(2000+id, "0300 0001 0003 0004 0a010003")
		b.settle()
	}
	b.advance(5 * time.Minute)
	messages, ups := len(b.f.configs), len(all[ike.Up](b))
	b.s.HandleDatagram(b.now, replay)
	b.settle()
	if len(b.f.configs) != messages || len(all[ike.Up](b)) != ups {
		t.Error("a replayed CFG_SET counts")
	}
}

// TestNothingIsSaidBeforeTheGatewayIsAuthenticated: no question, whatever comes
// while HASH_R is wrong or missing, and none under a Phase 1 of the gateway.
func TestNothingIsSaidBeforeTheGatewayIsAuthenticated(t *testing.T) {
	b := roadWarrior(t, "", func(_ *ike.Config, f *firebox) { f.wrongHash = true }).start()
	b.f.sas[0].up = true
	b.f.transact(7, askUser)
	b.settle()
	if len(all[ike.NeedAnswer](b)) != 0 || len(b.f.configs) != 0 {
		t.Error("asked without HASH_R")
	}
	b = roadWarrior(t, "", nil).pass()
	messages := len(b.f.configs)
	b.f.begins = 65002
	b.f.startPhase1(wire.ExchangeAggressive, proposal(t, "3des-sha1-modp1024"))
	b.settle()
	b.f.transact(17, askUser)
	b.settle()
	if len(all[ike.NeedAnswer](b)) != 1 || len(b.f.configs) != messages {
		t.Error("asked under a Phase 1 of the gateway")
	}
	b.wantAlive()
	b.wantLog("under a Phase 1 of its own")
}

// TestWrongHashInATransaction changes nothing, and the right one counts after it.
func TestWrongHashInATransaction(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	a := b.f.current()
	set := wire.Config{ConfigType: wire.ConfigSet, Attributes: []wire.Attribute{wire.TV(wire.AttrXAuthStatus, 1)}}
	raw, _ := b.f.protect(a, b.f.header(a, wire.ExchangeTransaction, 7), a.keys.MessageIV(a.iv, 7), make([]byte, 20), set)
	b.f.send(a, raw)
	b.settle()
	if len(b.f.configs) != 0 {
		t.Error("a forged CFG_SET is acknowledged")
	}
	b.f.transact(7, askUser)
	b.settle()
	last[ike.NeedAnswer](b)
}

func TestGatewayThatNeverAsksForTheUser(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	b.advance(11 * time.Second)
	if len(b.f.configs) != 0 {
		t.Error("too hasty")
	}
	b.advance(2 * time.Second)
	b.wantUp()
	b.wantLog("does not ask for the user")
}

// TestThirdMessageIsRepeatedWhileNoRequestComes, as it may be lost.
func TestThirdMessageIsRepeatedWhileNoRequestComes(t *testing.T) {
	b := roadWarrior(t, "", nil)
	third := 0
	b.up = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Exchange == wire.ExchangeAggressive && !h.ResponderCookie.IsZero() {
			if third++; third == 1 {
				return nil
			}
		}
		return []ike.Datagram{d}
	}
	b.start().advance(5 * time.Second)
	if !b.f.sas[0].up {
		t.Fatalf("message 3 was sent %d times", third)
	}
	b.f.transact(7, askUser)
	b.settle()
	last[ike.NeedAnswer](b)
}

func TestNoVerdict(t *testing.T) {
	b := roadWarrior(t, "", nil).login()
	b.advance(89 * time.Second)
	b.wantAlive()
	b.advance(2 * time.Second)
	b.wantDown(reason.UserAuth, "no verdict")
}

// TestDeleteInPlaceOfAVerdict is a refusal of the user, and so is one while he
// types.
func TestDeleteInPlaceOfAVerdict(t *testing.T) {
	b := roadWarrior(t, "", nil).login()
	b.f.deletePhase1(b.f.current())
	b.settle()
	b.wantDown(reason.UserAuth, "DELETE")
	b = roadWarrior(t, "", nil).start()
	b.f.transact(7, askUser)
	b.settle()
	b.f.deletePhase1(b.f.current())
	b.settle()
	b.wantDown(reason.UserAuth, "before the user had answered")
}

func TestErrorInPlaceOfAVerdict(t *testing.T) {
	b := roadWarrior(t, "", nil).login()
	b.f.inform(wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyAuthenticationFailed})
	b.settle()
	b.wantDown(reason.UserAuth, "AUTHENTICATION-FAILED")
}

func TestEmptyAnswerEndsIt(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	b.f.transact(7, askUser)
	b.settle()
	b.answer("")
	b.wantDown(reason.UserAuth, "no answer")
}

func TestRadiusCHAPIsNotSpoken(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	b.f.transact(7, "0100 0000 c088 0001 4089 0000 408a 0000")
	b.settle()
	b.wantDown(reason.UserAuth, "RADIUS-CHAP")
}

// TestAnswersThatNobodyAskedFor change nothing.
func TestAnswersThatNobodyAskedFor(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	b.s.Answer(b.now, ike.Answer{ID: 0, Value: []byte("x")})
	b.s.Answer(b.now, ike.Answer{ID: 7, Value: []byte("x")})
	b.f.transact(7, askUser)
	b.settle()
	id := last[ike.NeedAnswer](b).ID
	b.answer("p4w")
	b.s.Answer(b.now, ike.Answer{ID: id, Value: []byte("again")})
	b.settle()
	if len(b.f.configs) != 1 {
		t.Errorf("%+v", b.f.configs)
	}
}

// TestXAuthWithStaticAddress goes straight to Quick Mode.
func TestXAuthWithStaticAddress(t *testing.T) {
	b := roadWarrior(t, "", func(c *ike.Config, _ *firebox) {
		c.ModeConfig, c.VirtualIP, c.Networks = false, virtualIP, []netip.Prefix{trusted}
	}).pass()
	b.wantUp()
	if len(b.f.configs) != 2 || last[ike.Up](b).Network.VirtualIP != virtualIP {
		t.Errorf("%+v", b.f.configs)
	}
	b.f.transact(30, "0300 0002 0001 0004 0a010109") // is acknowledged, and changes nothing
	b.settle()
	b.wantConfig(30, "0400 0002 0001 0000")
	if len(all[ike.Up](b)) != 1 {
		t.Error("the static address was replaced")
	}
}
