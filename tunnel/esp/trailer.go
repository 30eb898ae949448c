package esp

import "bytes"

// padding is what pads a payload (RFC 4303 section 2.4): 1, 2, 3, …
var padding = func() (b [255]byte) {
	for i := range b {
		b[i] = byte(i + 1)
	}
	return b
}()

// padLen is how many octets of padding a payload of n octets takes before its
// trailer, to end on a multiple of align.
func padLen(n, align int) int { return (align - (n+trailerLen)%align) % align }

// putTrailer writes padding, pad length and next header at the start of b.
func putTrailer(b []byte, pad int, next byte) {
	copy(b, padding[:pad])
	b[pad], b[pad+1] = byte(pad), next
}

// cutTrailer returns the payload before padding and trailer, and the next
// header; false when the padding is not what it must be. b holds the trailer.
func cutTrailer(b []byte) (payload []byte, next byte, ok bool) {
	end := len(b) - trailerLen
	pad, next := int(b[end]), b[end+1]
	if pad > end {
		return nil, next, false
	}
	ok = bytes.Equal(b[end-pad:end], padding[:pad])
	return b[:end-pad], next, ok
}
