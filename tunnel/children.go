package tunnel

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"muvpn/tunnel/esp"
	"muvpn/tunnel/ike"
)

// way is what the packet loops work by: it never changes and is replaced as a
// whole.
type way struct {
	table *esp.Table
	out   transport // that of the SAs which send; nil when there is none
	// wakeAfter is how many octets a loop may carry before it wakes the control
	// loop, which compares with the SAs' limits.
	wakeAfter uint64
}

// children are the SA pairs of a tunnel. The control loop changes them; the
// packet loops load the way; anybody may read the counters.
type children struct {
	way atomic.Pointer[way]

	mu      sync.Mutex // held to change way and retired together
	retired Counters
	drops   [esp.NumDrops]uint64 // of retired pairs

	// The control loop's own:
	sockets *sockets
	list    []child // in the order of their coming
}

// child is one SA pair.
type child struct {
	up    ike.ChildUp
	pair  esp.Pair
	state ESP
	sends bool // outbound packets take it
}

func newChildren(s *sockets) *children {
	c := &children{sockets: s}
	c.way.Store(&way{table: esp.NewTable()})
	return c
}

// install makes a pair receive.
func (c *children) install(e ike.ChildUp, now time.Time) error {
	pair, err := esp.NewPair(inConfig(e), outConfig(e))
	if err != nil {
		return err
	}
	pair.SetPath(c.sockets.path(c.sockets.transportFor(e.Encap)))
	for _, key := range [][]byte{e.KeyIn.Encryption, e.KeyIn.Integrity, e.KeyOut.Encryption, e.KeyOut.Integrity} {
		clear(key)
	}
	e.KeyIn, e.KeyOut = ike.ESPKey{}, ike.ESPKey{} // only the pair keeps them
	c.list = append(c.list, child{up: e, pair: pair, state: espState(e, now)})
	w := *c.way.Load()
	w.table = w.table.Add(pair)
	w.wakeAfter = c.wakeAfter()
	c.way.Store(&w)
	return nil
}

func inConfig(e ike.ChildUp) esp.Config {
	return esp.Config{
		SPI: e.SPIIn, Encap: e.Encap,
		Encryption: e.Proposal.Encryption, Integrity: e.Proposal.Integrity,
		EncryptionKey: e.KeyIn.Encryption, IntegrityKey: e.KeyIn.Integrity,
		Local: e.Local, Remote: e.Remote,
	}
}

func outConfig(e ike.ChildUp) esp.Config {
	c := inConfig(e)
	c.SPI = e.SPIOut
	c.EncryptionKey, c.IntegrityKey = e.KeyOut.Encryption, e.KeyOut.Integrity
	return c
}

// wakeAfter is a sixteenth of the tightest limit, and at most 32 MiB, a
// thirty-second of what ciphers with short blocks may carry.
func (c *children) wakeAfter() uint64 {
	const most = 32 << 20
	n := uint64(most)
	for _, k := range c.list {
		if k.up.LifetimeKB > 0 {
			n = min(n, min(k.up.LifetimeKB, most)<<10/16)
		}
	}
	return n
}

// switchTo sends over the pair spiIn from now on, and no more over those that
// lead to the same networks. It says whether there is such a pair.
func (c *children) switchTo(spiIn uint32) bool {
	i := slices.IndexFunc(c.list, func(k child) bool { return k.up.SPIIn == spiIn })
	if i < 0 {
		return false
	}
	for j := range c.list {
		if slices.Equal(c.list[j].up.Remote, c.list[i].up.Remote) {
			c.list[j].sends = j == i
		}
	}
	w := *c.way.Load()
	w.table = w.table.Switch(spiIn)
	w.out = c.sockets.transportFor(c.list[i].up.Encap)
	c.way.Store(&w)
	return true
}

// remove takes a pair away; what it carried stays counted.
func (c *children) remove(spiIn uint32) {
	i := slices.IndexFunc(c.list, func(k child) bool { return k.up.SPIIn == spiIn })
	if i < 0 {
		return
	}
	pair := c.list[i].pair
	c.list = slices.Delete(c.list, i, i+1)
	c.mu.Lock()
	defer c.mu.Unlock()
	w := *c.way.Load()
	w.table = w.table.Remove(spiIn)
	w.wakeAfter = c.wakeAfter()
	c.way.Store(&w)
	addPair(&c.retired, &c.drops, pair)
}

// traffic is what each pair has carried, for the session. Only packets that the
// peer has authenticated count as received.
func (c *children) traffic() []ike.Traffic {
	list := make([]ike.Traffic, 0, len(c.list))
	for _, k := range c.list {
		in, out := k.pair.In.Counters(), k.pair.Out.Counters()
		list = append(list, ike.Traffic{
			SPIIn:     k.up.SPIIn,
			PacketsIn: in.Authenticated(), PacketsOut: out.Packets,
			BytesIn: in.Bytes, BytesOut: out.Bytes,
		})
	}
	return list
}

// heard says that one of the pairs has brought a packet from the peer.
func (c *children) heard() bool {
	return slices.ContainsFunc(c.list, func(k child) bool { return heard(k.pair.In) })
}

// sending are the pairs that outbound packets take.
func (c *children) sending() []ESP {
	var list []ESP
	for _, k := range c.list {
		if k.sends {
			list = append(list, k.state)
		}
	}
	return list
}

// setPath fits all pairs to what is known of the way to the gateway, and returns
// the longest inner packet that they all carry; 0 when there is no pair.
func (c *children) setPath() int {
	mtu := 0
	for _, k := range c.list {
		n := k.pair.SetPath(c.sockets.path(c.sockets.transportFor(k.up.Encap)))
		if mtu == 0 || n < mtu {
			mtu = n
		}
	}
	return mtu
}

// counters adds up what all pairs have carried, those that are gone included.
func (c *children) counters() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	total, drops := c.retired, c.drops
	table := c.way.Load().table
	for _, p := range table.Pairs() {
		addPair(&total, &drops, p)
	}
	strays := table.Strays()
	addDrops(&drops, &strays)
	total.Drops = dropsByName(&drops)
	return total
}

func addPair(c *Counters, drops *[esp.NumDrops]uint64, p esp.Pair) {
	in, out := p.In.Counters(), p.Out.Counters()
	c.PacketsIn += in.Packets
	c.BytesIn += in.Bytes
	c.PacketsOut += out.Packets
	c.BytesOut += out.Bytes
	addDrops(drops, &in)
	addDrops(drops, &out)
}

func addDrops(drops *[esp.NumDrops]uint64, c *esp.Counters) {
	for i, n := range c.Drops {
		drops[i] += n
	}
}

// dropsByName lists the reasons that there were.
func dropsByName(drops *[esp.NumDrops]uint64) map[string]uint64 {
	m := map[string]uint64{}
	for i, n := range drops {
		if n > 0 {
			m[esp.Drop(i).String()] = n
		}
	}
	return m
}
