package esp

import (
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

// A batch as the tunnel loops have it: 128 packets of 1400 octets.
const (
	benchBatch  = 128
	benchOctets = 1400
)

// benchPackets makes a batch, and what puts its bounds back for another round.
func benchPackets() (batch []Packet, reset func()) {
	batch = make([]Packet, benchBatch)
	for i := range batch {
		batch[i] = packet(ipv4(benchOctets))
	}
	bounds := append([]Packet(nil), batch...)
	return batch, func() { copy(batch, bounds) }
}

func BenchmarkSeal(b *testing.B) {
	for _, s := range suites {
		b.Run(s[0]+"-"+s[1], func(b *testing.B) {
			out, _ := ends(b, config(b, s[0], s[1]))
			batch, reset := benchPackets()
			b.SetBytes(benchBatch * benchOctets)
			b.ReportAllocs()
			for b.Loop() {
				reset()
				copy(batch[0].Data(), ipv4Head)
				for i := range batch {
					copy(batch[i].Data(), ipv4Head)
				}
				out.tally.bytes.Store(0)
				out.Seal(batch)
			}
			if batch[0].Drop != Kept {
				b.Fatal(batch[0].Drop)
			}
		})
	}
}

var ipv4Head = ipv4(benchOctets)[:20]

// BenchmarkOpen opens the same batch again and again, with the window set back.
func BenchmarkOpen(b *testing.B) {
	for _, s := range suites {
		b.Run(s[0]+"-"+s[1], func(b *testing.B) {
			out, in := ends(b, config(b, s[0], s[1]))
			batch, _ := benchPackets()
			out.Seal(batch)
			sealed := append([]Packet(nil), batch...)
			octets := make([][]byte, len(batch))
			for i := range batch {
				octets[i] = append([]byte(nil), batch[i].Data()...)
			}
			b.SetBytes(benchBatch * benchOctets)
			b.ReportAllocs()
			for b.Loop() {
				copy(batch, sealed)
				for i := range batch {
					copy(batch[i].Data(), octets[i])
				}
				in.replay.last = 0
				clear(in.replay.ring)
				in.Open(batch)
			}
			if batch[0].Drop != Kept {
				b.Fatal(batch[0].Drop)
			}
		})
	}
}

// BenchmarkWireGuard is what wireguard-go does to the same batch:
// ChaCha20-Poly1305 under a counter, nothing else.
func BenchmarkWireGuard(b *testing.B) {
	aead, _ := chacha20poly1305.New(make([]byte, 32))
	batch, reset := benchPackets()
	var nonce [12]byte
	b.SetBytes(benchBatch * benchOctets)
	b.ReportAllocs()
	for b.Loop() {
		reset()
		for i := range batch {
			nonce[4]++
			aead.Seal(batch[i].Data()[:0], nonce[:], batch[i].Data(), nil)
		}
	}
}
