package ikev1

import (
	"slices"
	"testing"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// thirds counts the messages 3 of Quick Mode that leave, and drops the first
// ones. It knows them by their place: message 1 is the first under its ID.
func (b *bench) thirds(drop int) *int {
	sent := 0
	firsts := map[uint32][]byte{}
	b.up = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Exchange != wire.ExchangeQuick {
			return []ike.Datagram{d}
		}
		if first := firsts[h.MessageID]; first == nil || slices.Equal(first, d.Data) {
			firsts[h.MessageID] = d.Data
			return []ike.Datagram{d}
		}
		if sent++; sent <= drop {
			return nil
		}
		return []ike.Datagram{d}
	}
	return &sent
}

// confirmed says that the firebox has message 3 of its newest pair.
func (b *bench) confirmed() bool { return b.f.children[len(b.f.children)-1].confirmed }

func TestThirdMessageOfQuickModeIsLost(t *testing.T) {
	b := newBench(t, nil)
	b.thirds(2)
	b.start()
	spi := last[ike.ChildUp](b).SPIIn
	b.carry(spi, 0, 3)
	b.advance(900 * time.Millisecond)
	if b.confirmed() {
		t.Fatal("the line has lost nothing")
	}
	b.advance(2200 * time.Millisecond) // 1 s, and 2 s later
	if !b.confirmed() {
		t.Errorf("message 3 was not repeated\n%s", b.log())
	}
	b.wantUp()
}

func TestThirdMessageIsNotRepeated(t *testing.T) {
	for name, carry := range map[string]func(*bench, uint32){
		"packets come back":        func(b *bench, spi uint32) { b.carry(spi, 1, 3) },
		"nothing is sent":          func(*bench, uint32) {},
		"packets come by themself": func(b *bench, spi uint32) { b.carry(spi, 1, 0); b.carry(spi, 0, 9) },
	} {
		b := newBench(t, nil)
		sent := b.thirds(0)
		b.start()
		carry(b, last[ike.ChildUp](b).SPIIn)
		b.advance(2 * time.Minute)
		if *sent != 1 {
			t.Errorf("%s: message 3 left %d times", name, *sent)
		}
	}
}

// A user may come back to an idle tunnel after hours.
func TestFirstPacketLongAfterQuickMode(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.noDPD = true })
	b.thirds(1)
	b.start()
	b.advance(10 * time.Minute)
	b.carry(last[ike.ChildUp](b).SPIIn, 0, 1)
	b.advance(time.Second)
	if !b.confirmed() {
		t.Errorf("message 3 was not repeated\n%s", b.log())
	}
}

// Where nothing ever comes back there is an end to it.
func TestThirdMessageIsRepeatedForAWhileOnly(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.NAT = ike.NATOff }) // else ESP counts as blocked
	sent := b.thirds(0)
	b.start()
	spi := last[ike.ChildUp](b).SPIIn
	for range 30 {
		b.carry(spi, 0, 1)
		b.advance(10 * time.Second)
	}
	if *sent < 4 || *sent > 6 {
		t.Errorf("message 3 left %d times in five minutes", *sent)
	}
}

// An idle pair does not wake the computer for ever.
func TestIdlePairIsLeftAlone(t *testing.T) {
	x := newThird(time.Unix(0, 0), ike.Datagram{Data: []byte{1}})
	looks := 0
	for ; looks < 100; looks++ {
		var e earliest
		if x.next(&e, ike.Traffic{}); e.time.IsZero() {
			break
		}
		if x.due(e.time, ike.Traffic{}) {
			t.Fatalf("sends after %d looks", looks)
		}
	}
	if looks == 0 || looks > 30 {
		t.Errorf("looked at %d times", looks)
	}
}
