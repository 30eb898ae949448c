package esp

// replayWindow remembers which sequence numbers were received (RFC 4303
// section 3.4.3): one bit for each of the last width numbers, in a ring of
// words as in RFC 6479, so that moving on clears whole words and shifts
// nothing. One word more than the width is kept, because the word that holds
// the newest number is only partly in the window.
type replayWindow struct {
	last  uint64 // highest number received
	width uint64
	ring  []uint64
}

func newReplayWindow(width int) replayWindow {
	return replayWindow{width: uint64(width), ring: make([]uint64, (width+63)/64+1)}
}

// fresh says that seq may still be accepted. Zero never is: the first packet
// of an SA has number one.
func (w *replayWindow) fresh(seq uint64) bool {
	switch {
	case seq == 0:
		return false
	case seq > w.last:
		return true
	case w.last-seq >= w.width:
		return false
	}
	word, bit := w.place(seq)
	return *word&bit == 0
}

// accept marks seq as received and says whether it was fresh. It is called
// for authenticated packets only.
func (w *replayWindow) accept(seq uint64) bool {
	if !w.fresh(seq) {
		return false
	}
	w.advance(seq)
	word, bit := w.place(seq)
	*word |= bit
	return true
}

// advance makes seq the newest number, clearing the words that it enters.
func (w *replayWindow) advance(seq uint64) {
	if seq <= w.last {
		return
	}
	from, to := w.last/64, seq/64
	for n := min(to-from, uint64(len(w.ring))); n > 0; n-- {
		w.ring[(to-n+1)%uint64(len(w.ring))] = 0
	}
	w.last = seq
}

// place is the word and the bit of seq.
func (w *replayWindow) place(seq uint64) (word *uint64, bit uint64) {
	return &w.ring[seq/64%uint64(len(w.ring))], 1 << (seq % 64)
}
