package esp

import (
	"testing"

	"pgregory.net/rapid"
)

// model is a replay window that remembers everything.
type model struct {
	seen  map[uint64]bool
	last  uint64
	width uint64
}

func (m *model) fresh(seq uint64) bool {
	return seq != 0 && !m.seen[seq] && seq+m.width > m.last
}

func (m *model) accept(seq uint64) bool {
	if !m.fresh(seq) {
		return false
	}
	m.seen[seq] = true
	m.last = max(m.last, seq)
	return true
}

// TestReplayWindowExhaustively tries every sequence of four of the numbers
// around the edges of a small window, and asks for every number after each step.
func TestReplayWindowExhaustively(t *testing.T) {
	const width, top = 64, 200
	numbers := []uint64{1, 63, 64, 65, 127, 128, 129, 192}
	var try func(steps []uint64)
	try = func(steps []uint64) {
		w, m := newReplayWindow(width), &model{seen: map[uint64]bool{}, width: width}
		for _, seq := range steps {
			if got, want := w.accept(seq), m.accept(seq); got != want {
				t.Fatalf("after %v: accept(%d) is %v", steps, seq, got)
			}
		}
		for seq := range uint64(top) {
			if got, want := w.fresh(seq), m.fresh(seq); got != want {
				t.Fatalf("after %v: fresh(%d) is %v", steps, seq, got)
			}
		}
		if len(steps) < 4 {
			for _, n := range numbers {
				try(append(steps[:len(steps):len(steps)], n))
			}
		}
	}
	try(nil)
}

// TestReplayWindowAgainstModel makes long walks with jumps of every size, over
// windows of every width, near zero and near the end of the numbers.
func TestReplayWindowAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 2048).Draw(t, "width")
		w, m := newReplayWindow(width), &model{seen: map[uint64]bool{}, width: uint64(width)}
		at := rapid.SampledFrom([]int64{0, 1 << 31, lastSequence - 3000}).Draw(t, "base")
		jump := rapid.OneOf(rapid.Int64Range(-3, 3), rapid.Int64Range(-70, 70), rapid.Int64Range(-3000, 3000))
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			at = min(max(at+jump.Draw(t, "jump"), 0), lastSequence)
			seq := uint64(at)
			if got, want := w.fresh(seq), m.fresh(seq); got != want {
				t.Fatalf("fresh(%d) is %v with %d as the newest", seq, got, m.last)
			}
			if got, want := w.accept(seq), m.accept(seq); got != want {
				t.Fatalf("accept(%d) is %v with %d as the newest", seq, got, m.last)
			}
		}
	})
}

// TestReplayedPacketIsDropped sends packets twice: in one batch, in two, in
// another order, and after the window has passed them by.
func TestReplayedPacketIsDropped(t *testing.T) {
	c := config(t, "aes128", "sha1")
	out, in := ends(t, c)
	var sent []Packet
	for range 3000 {
		sent = append(sent, seal(t, out, ipv4(60)))
	}
	again := func(i int) Packet { return copyOf(sent[i]) }

	batch := []Packet{again(4), again(2), again(4), again(3)}
	in.Open(batch)
	for i, want := range []Drop{Kept, Kept, DropReplay, Kept} {
		wantDrop(t, batch[i], want)
	}
	wantDrop(t, open(in, again(2)), DropReplay)
	wantDrop(t, open(in, again(0)), Kept)

	// 2999 leaves 1976 in a window of 1024, and 1975 outside.
	batch = []Packet{again(2999), again(1975), again(1976), again(1976)}
	in.Open(batch)
	for i, want := range []Drop{Kept, DropReplay, Kept, DropReplay} {
		wantDrop(t, batch[i], want)
	}
	if n := in.Counters().Drops[DropReplay]; n != 4 {
		t.Errorf("%d replays were counted", n)
	}
}

// TestForgedPacketDoesNotMoveTheWindow: a forger who names a high sequence
// number must not shut out the packets below.
func TestForgedPacketDoesNotMoveTheWindow(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		good := seal(t, out, ipv4(60))
		forged := copyOf(good)
		copy(forged.Data()[4:], []byte{0xff, 0xff, 0xff, 0xff})
		batch := []Packet{forged, good}
		in.Open(batch)
		wantDrop(t, batch[0], DropICV)
		wantDrop(t, batch[1], Kept)
	})
}

// TestSequenceZeroIsDropped: no SA sends number zero.
func TestSequenceZeroIsDropped(t *testing.T) {
	out, in := ends(t, config(t, "aes128gcm16", ""))
	out.seq.Store(^uint64(0))
	wantDrop(t, open(in, sealPayload(out, pad(out, ipv4(60), protoIPv4))), DropReplay)
}
