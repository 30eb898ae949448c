package esp

import (
	"testing"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// A batch as the tunnel's loops have it: 128 packets of 1400 octets.
const (
	benchBatch  = 128
	benchOctets = 1400
)

// bench measures work alone; prepare runs before each round, off the clock.
func bench(b *testing.B, prepare, work func()) {
	b.ReportAllocs()
	var spent time.Duration
	rounds := 0
	for b.Loop() {
		prepare()
		start := time.Now()
		work()
		spent += time.Since(start)
		rounds++
	}
	b.ReportMetric(float64(rounds*benchBatch*benchOctets)/spent.Seconds()/1e6, "MB/s")
}

// benchPackets makes a batch, and what sets it back to the inner packets.
func benchPackets() (batch []Packet, reset func()) {
	inner := ipv4(benchOctets)
	fresh := make([]Packet, benchBatch)
	for i := range fresh {
		fresh[i] = packet(inner)
	}
	batch = make([]Packet, benchBatch)
	return batch, func() {
		for i := range batch {
			batch[i] = fresh[i]
			copy(batch[i].Data(), inner)
		}
	}
}

// BenchmarkSeal seals one batch again and again.
func BenchmarkSeal(b *testing.B) {
	for _, s := range suites {
		b.Run(s[0]+"-"+s[1], func(b *testing.B) {
			out, _ := ends(b, config(b, s[0], s[1]))
			batch, reset := benchPackets()
			bench(b, func() {
				reset()
				out.tally.bytes.Store(0) // for ever young
			}, func() { out.Seal(batch) })
			wantDrop(b, batch[0], Kept)
		})
	}
}

// BenchmarkOpen opens one batch again and again, the window set back each time.
func BenchmarkOpen(b *testing.B) {
	for _, s := range suites {
		b.Run(s[0]+"-"+s[1], func(b *testing.B) {
			out, in := ends(b, config(b, s[0], s[1]))
			sealed, reset := benchPackets()
			reset()
			out.Seal(sealed)
			batch := make([]Packet, benchBatch)
			for i := range batch {
				batch[i] = copyOf(sealed[i])
			}
			bench(b, func() {
				for i, p := range sealed {
					p.Buf = batch[i].Buf
					copy(p.Buf, sealed[i].Buf)
					batch[i] = p
				}
				in.replay.last = 0
				clear(in.replay.ring)
			}, func() { in.Open(batch) })
			wantDrop(b, batch[0], Kept)
		})
	}
}

// BenchmarkWireGuard is the cipher of wireguard-go on the same batch, without
// anything around it.
func BenchmarkWireGuard(b *testing.B) {
	aead, err := chacha20poly1305.New(make([]byte, chacha20poly1305.KeySize))
	if err != nil {
		b.Fatal(err)
	}
	var nonce [chacha20poly1305.NonceSize]byte
	batch, reset := benchPackets()
	b.Run("seal", func(b *testing.B) {
		bench(b, reset, func() {
			for i := range batch {
				nonce[4]++
				aead.Seal(batch[i].Data()[:0], nonce[:], batch[i].Data(), nil)
			}
		})
	})
	b.Run("open", func(b *testing.B) {
		reset()
		sealed := aead.Seal(nil, nonce[:], batch[0].Data(), nil)
		bench(b, func() {
			for i := range batch {
				copy(batch[i].Buf, sealed)
			}
		}, func() {
			for i := range batch {
				aead.Open(batch[i].Buf[:0], nonce[:], batch[i].Buf[:len(sealed)], nil)
			}
		})
	})
}
