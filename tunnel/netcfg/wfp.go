package netcfg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// guid is a GUID in the order in which it is written.
type guid [16]byte

// The keys of everything of ours in the Windows Filtering Platform. They are
// fixed, so that what an earlier process or version has left is found again
// without a list of it: wallKey with another fifth group for each object.
var wallKey = guid{0x5b, 0x1f, 0x0e, 0x6a, 0x2d, 0x94, 0x4c, 0x37, 0x9a, 0x51, 0x6d, 0x75, 0x76, 0x00, 0x00, 0x00}

// What the thirteenth octet of a key says, the fourteenth being the slot and the
// last two the number of a filter.
const (
	keyProvider = iota
	keyBody
	keySeal
	keyFilter
)

func key(what, slot byte, number int) guid {
	k := wallKey
	k[12] ^= what << 4
	k[13] = slot
	binary.BigEndian.PutUint16(k[14:], uint16(number))
	return k
}

// sublayer is one of ours with what we keep beside it.
type sublayer struct {
	Key        guid
	Name       string
	Persistent bool
	Data       []byte
}

// engine is the Base Filtering Engine of Windows, as far as it is ours. What is
// added and is there already, and what is deleted and is not there, is no error.
type engine interface {
	addProvider() error
	deleteProvider() error
	// sublayers are those of our provider.
	sublayers() ([]sublayer, error)
	addSublayer(sublayer) error
	deleteSublayer(guid) error
	// filters are the keys of those of our provider.
	filters() ([]guid, error)
	addFilter(key, sublayer guid, f filter) error
	deleteFilter(guid) error
}

// howWFP is the firewall of Windows.
const howWFP = "WFP"

// wall is the firewall of Windows: shields in two slots, of which one is empty
// but for the moment in which one takes the place of the other.
//
// The engine gives us no transaction over several calls. But a packet passes only
// if no sublayer blocks it, and each slot is a sublayer of its own, with permits
// that others may overrule and blocks that none may. So while two shields are
// set, whole or in part, no more passes than either whole one lets pass. A new
// shield is therefore set whole beside the old one before the old one is touched,
// and there is always one that is whole: at no moment, nor after a crash in any,
// does more pass than one of the two allows.
//
// What is whole has a seal: a second, empty sublayer, which is added after the
// last filter and deleted before the first. A slot without one is what a crash
// has left half made or half gone, beside a whole one.
type wall struct{ engine }

// slot is what is in one of the two.
type slot struct {
	number byte
	body   *sublayer
	seal   *sublayer
}

// slots are both, in order of their serial: what is empty or not whole first,
// what was set last at the end.
func (w wall) slots() ([]slot, error) {
	found, err := w.sublayers()
	if err != nil {
		return nil, err
	}
	all := []slot{{number: 0}, {number: 1}}
	for i := range all {
		for _, s := range found {
			switch s.Key {
			case key(keyBody, all[i].number, 0):
				all[i].body = &s
			case key(keySeal, all[i].number, 0):
				all[i].seal = &s
			}
		}
	}
	slices.SortStableFunc(all, func(a, b slot) int { return int(a.serial()) - int(b.serial()) })
	return all, nil
}

// whole says that all filters of a slot were set.
func (s slot) whole() bool {
	return s.body != nil && s.seal != nil && len(s.body.Data) == 2 && len(s.seal.Data) > 4
}

// serial counts the shields that were set, from 1; 0 is none that is whole.
func (s slot) serial() uint32 {
	if !s.whole() {
		return 0
	}
	return binary.BigEndian.Uint32(s.seal.Data)
}

// digest is that of the shield in the slot.
func (s slot) digest() string { return string(s.seal.Data[4:]) }

// count is how many filters may be there.
func (s slot) count() int {
	if s.body == nil || len(s.body.Data) != 2 {
		return 0
	}
	return int(binary.BigEndian.Uint16(s.body.Data))
}

// look takes down which shield is in force: the digest of the one that was set
// last, if all its filters are still there. Those that are not persistent are
// gone after a start of the computer, and anybody's may be deleted.
func (w wall) look() Firewall {
	f := Firewall{How: howWFP, Untried: "Windows"}
	slots, err := w.slots()
	if err != nil {
		return Firewall{Missing: fmt.Sprintf("the filtering engine of Windows cannot be used (%v)", err)}
	}
	last := slots[1]
	there, err := w.filters()
	if err != nil || !last.whole() || slots[0].body != nil {
		return f // whatever it is now is not what we want
	}
	for i := range last.count() {
		if !slices.Contains(there, key(keyFilter, last.number, i)) {
			return f
		}
	}
	f.Text = last.digest()
	return f
}

// apply puts a shield in the place of the one that is set.
func (w wall) apply(s *Shield) error {
	if err := w.addProvider(); err != nil {
		return err
	}
	slots, err := w.slots()
	if err != nil {
		return err
	}
	empty, old := slots[0], slots[1]
	if err := w.clear(empty); err != nil {
		return err
	}
	next := slot{number: empty.number}
	if err := w.fill(next.number, old.serial()+1, s); err != nil {
		next.body = bodyOf(next.number, s)
		if failed := w.clear(next); failed != nil {
			return fmt.Errorf("%w; and taking it back: %w", err, failed)
		}
		return err
	}
	return w.clear(old)
}

// bodyOf is the sublayer for the filters of a shield.
func bodyOf(slot byte, s *Shield) *sublayer {
	return &sublayer{Key: key(keyBody, slot, 0), Name: "muvpn", Persistent: s.Block,
		Data: binary.BigEndian.AppendUint16(nil, uint16(len(s.filters())))}
}

// fill sets a shield in an empty slot: first what passes, so that what goes on
// passing is not interrupted, at last what is blocked, and the seal.
func (w wall) fill(slot byte, serial uint32, s *Shield) error {
	body := *bodyOf(slot, s)
	if err := w.addSublayer(body); err != nil {
		return err
	}
	for i, f := range s.filters() {
		if err := w.addFilter(key(keyFilter, slot, i), body.Key, f); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return w.addSublayer(sublayer{Key: key(keySeal, slot, 0), Name: "muvpn seal", Persistent: s.Block,
		Data: append(binary.BigEndian.AppendUint32(nil, serial), s.digest()...)})
}

// clear empties a slot in the opposite order.
func (w wall) clear(s slot) error {
	if err := w.deleteSublayer(key(keySeal, s.number, 0)); err != nil {
		return err
	}
	for i := range s.count() {
		if err := w.deleteFilter(key(keyFilter, s.number, s.count()-1-i)); err != nil {
			return err
		}
	}
	return w.deleteSublayer(key(keyBody, s.number, 0))
}

// undo takes everything away that is our provider's, whatever version of ours has
// set it, and nothing else.
func (w wall) undo() error {
	slots, err := w.slots()
	if err != nil {
		return err
	}
	for _, s := range slots {
		if err := w.clear(s); err != nil {
			return err
		}
	}
	left, err := w.filters()
	for _, f := range left {
		if err == nil {
			err = w.deleteFilter(f)
		}
	}
	more, failed := w.sublayers()
	for _, s := range more {
		if failed == nil {
			failed = w.deleteSublayer(s.Key)
		}
	}
	if failed != nil {
		return errors.Join(err, failed)
	}
	return w.deleteProvider()
}
