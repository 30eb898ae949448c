package ikev1

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/recording"
	"muvpn/tunnel/ike/wire"
)

// TestRecordedExchanges replays sessions that were recorded against strongSwan
// with all its secrets: the same octets go out, the same events come, and the
// keys are those that strongSwan has derived by itself.
func TestRecordedExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/strongswan/*.json")
	if err != nil || len(files) < 6 {
		t.Fatal("recordings: ", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := recording.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			replayRecording(t, r)
		})
	}
}

// replayRecording replays one recording.
func replayRecording(t *testing.T, r *recording.Recording) {
	var sas []*sa
	var pairs []ike.ChildUp
	open := func(c ike.Config) ike.Session { return New(c) }
	err := r.Replay(open, func(s ike.Session, events []ike.Event) {
		for _, a := range s.(*Session).sas {
			if !slices.Contains(sas, a) {
				sas = append(sas, a)
				if n := len(sas) - 1; n < len(r.Phase1) {
					samePhase1(t, a, r.Phase1[n]) // now: its keys are wiped at its end
				}
			}
		}
		for _, e := range events {
			if up, ok := e.(ike.ChildUp); ok {
				pairs = append(pairs, up)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sas) == 0 || len(sas) != len(r.Phase1) || len(pairs) == 0 || 2*len(pairs) != len(r.Children) {
		t.Fatalf("%d IKE SAs and %d pairs; strongSwan has keys of %d, and of %d directions", len(sas), len(pairs), len(r.Phase1), len(r.Children))
	}
	for _, up := range pairs {
		sameKey(t, r, up.SPIIn, up.KeyIn)
		sameKey(t, r, up.SPIOut, up.KeyOut)
	}
}

// samePhase1 says that the SA has strongSwan's secrets. Those that the SA does
// not show, it shows by what it makes of them (RFC 2409 section 5).
func samePhase1(t *testing.T, a *sa, want recording.Phase1Keys) {
	t.Helper()
	k, prf := a.keys, a.keys.Hash().PRF
	id := binary.BigEndian.AppendUint32(nil, 0x01020304)
	for name, pair := range map[string][2][]byte{
		"encryption key": {k.EncryptionKey(), want.Encryption},
		"initial IV":     {k.IV(), want.IV},
		"SKEYID_d":       {prf(want.SKEYID, want.Shared, a.cookieI[:], a.cookieR[:], []byte{0}), want.SKEYIDd},
		"SKEYID_a":       {k.Hash1(0x01020304, []byte("rest")), prf(want.SKEYIDa, id, []byte("rest"))},
	} {
		if !bytes.Equal(pair[0], pair[1]) {
			t.Errorf("%s %s: %s differs from strongSwan's", a.exchange, wire.Cookie(a.cookieI), name)
		}
	}
}

// sameKey says that one direction of a pair has strongSwan's key.
func sameKey(t *testing.T, r *recording.Recording, spi uint32, got ike.ESPKey) {
	t.Helper()
	for _, want := range r.Children {
		if want.SPI == spi {
			if !bytes.Equal(got.Encryption, want.Encryption) || !bytes.Equal(got.Integrity, want.Integrity) {
				t.Errorf("the key of SPI %08x differs from strongSwan's", spi)
			}
			return
		}
	}
	t.Errorf("strongSwan has no key of SPI %08x", spi)
}
