package ikev1

import (
	"bytes"
	"encoding/hex"
	"strings"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// boxConfig is one Transaction message of the client.
type boxConfig struct {
	id   uint32
	body string // of its configuration payload, in hexadecimal
}

// transaction takes one. It is written and read by hand, octet by octet.
func (f *firebox) transaction(a *boxSA, h wire.Header, body, raw []byte) {
	plain, next, err := a.keys.Decrypt(a.transactionIV(h.MessageID), body)
	f.must(err)
	if len(plain) < 8 || h.NextPayload != wire.TypeHash || plain[0] != byte(wire.TypeConfig) {
		f.unreadable(a) // a duplicate, as a rule
		return
	}
	hash, rest := plain[4:plain[3]], plain[plain[3]:]
	rest = rest[:int(rest[2])<<8|int(rest[3])]
	if !bytes.Equal(hash, a.keys.Hash1(h.MessageID, rest)) {
		f.t.Error("firebox: wrong HASH in a Transaction message")
	}
	a.ivs[h.MessageID] = next
	c := boxConfig{h.MessageID, hex.EncodeToString(rest[4:])}
	f.configs, a.configs = append(f.configs, c), append(a.configs, c)
	if f.configured != nil {
		f.configured(c)
	}
}

func (a *boxSA) transactionIV(id uint32) []byte {
	if a.ivs == nil {
		a.ivs = map[uint32][]byte{}
	}
	if a.ivs[id] == nil {
		a.ivs[id] = a.keys.MessageIV(a.iv, id)
	}
	return a.ivs[id]
}

// transact sends a configuration payload with this body, hexadecimal with
// blanks, under the newest SA.
func (f *firebox) transact(id uint32, body string) ike.Datagram {
	f.t.Helper()
	return f.transactAs(f.current(), id, body)
}

func (f *firebox) transactAs(a *boxSA, id uint32, body string) ike.Datagram {
	f.t.Helper()
	octets, err := hex.DecodeString(strings.ReplaceAll(body, " ", ""))
	f.must(err)
	length := len(octets) + 4
	rest := append([]byte{0, 0, byte(length >> 8), byte(length)}, octets...)
	hash := a.keys.Hash1(id, rest)
	plain := append([]byte{byte(wire.TypeConfig), 0, 0, byte(4 + len(hash))}, hash...)
	h := f.header(a, wire.ExchangeTransaction, id)
	h.NextPayload = wire.TypeHash
	data, next := a.keys.Encrypt(a.transactionIV(id), append(plain, rest...))
	a.ivs[id] = next
	f.send(a, h.Append(nil, data))
	return f.out[len(f.out)-1]
}
