package recording

import (
	"bytes"
	"fmt"
	"reflect"

	"muvpn/tunnel/ike"
)

// Replay makes every call of the recording again, of a session that open makes,
// and returns the first difference to what came out then. After each call it
// calls look, with what has come of it.
func (r *Recording) Replay(open func(ike.Config) ike.Session, look func(ike.Session, []ike.Event)) error {
	random := bytes.NewReader(r.Random)
	cfg := r.Config.ike()
	cfg.Rand = random
	s := open(cfg)
	for i, want := range r.Calls {
		got, events := want.perform(s)
		if err := difference(got, want); err != nil {
			return fmt.Errorf("call %d, %s at %s: %w", i, want.Do, got.at(), err)
		}
		look(s, events)
	}
	if random.Len() > 0 {
		return fmt.Errorf("%d octets of randomness are left", random.Len())
	}
	return nil
}

// at is the time of the call for people.
func (c Call) at() string {
	text, _ := c.At.MarshalText()
	return string(text)
}

// difference is the first one between what came out of a call and what should.
func difference(got, want Call) error {
	if len(got.Out) != len(want.Out) {
		return fmt.Errorf("%d datagrams instead of %d", len(got.Out), len(want.Out))
	}
	for i, d := range want.Out {
		if g := got.Out[i]; !reflect.DeepEqual(g.ike(), d.ike()) {
			return fmt.Errorf("datagram %d is %v %x\ninstead of %v %x", i, g.Remote, []byte(g.Data), d.Remote, []byte(d.Data))
		}
	}
	if len(got.Events) != len(want.Events) {
		return fmt.Errorf("events %q instead of %q", got.Events, want.Events)
	}
	for i, e := range want.Events {
		if got.Events[i] != e {
			return fmt.Errorf("event %q instead of %q", got.Events[i], e)
		}
	}
	return nil
}
