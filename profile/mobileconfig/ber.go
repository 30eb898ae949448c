package mobileconfig

// checkBER says that the encoding (X.690) is no deeper than a signature is and
// that no element reaches beyond the one it lies in. What the library does
// with others takes time and memory without bound. Lengths may be indefinite:
// that is how macOS signs.
func checkBER(b []byte) bool {
	w := berWalk{b: b}
	_, ok := w.element(0, len(b), 0)
	return ok
}

type berWalk struct {
	b    []byte
	seen int
}

// element walks the element at that place, which must end by end, and returns
// what comes behind it.
func (w *berWalk) element(at, end, depth int) (next int, ok bool) {
	if w.seen++; w.seen > maxObjects || depth > maxDepth || end-at < 2 {
		return 0, false
	}
	constructed := w.b[at]&0x20 != 0
	at, ok = w.behindTag(at, end)
	if !ok {
		return 0, false
	}
	length, at, ok := w.length(at, end)
	switch {
	case !ok, length > end-at, length < 0 && !constructed:
		return 0, false
	case length < 0:
		return w.indefinite(at, end, depth)
	case !constructed:
		return at + length, true
	}
	return w.members(at, at+length, depth)
}

// behindTag skips a tag of one or several octets.
func (w *berWalk) behindTag(at, end int) (int, bool) {
	several := w.b[at]&0x1F == 0x1F
	at++
	for several && at < end {
		several = w.b[at]&0x80 != 0
		at++
	}
	return at, at < end
}

// length reads a length; -1 is indefinite.
func (w *berWalk) length(at, end int) (n, next int, ok bool) {
	first := int(w.b[at])
	at++
	switch {
	case first < 0x80:
		return first, at, true
	case first == 0x80:
		return -1, at, true
	case first-0x80 > 3 || first-0x80 > end-at: // no file has 16 MiB
		return 0, 0, false
	}
	size := first - 0x80
	return int(number(w.b[at : at+size])), at + size, true
}

func (w *berWalk) members(at, end, depth int) (int, bool) {
	for at < end {
		var ok bool
		if at, ok = w.element(at, end, depth+1); !ok {
			return 0, false
		}
	}
	return end, true
}

// indefinite walks members up to two zero octets, of which there must be one
// at least.
func (w *berWalk) indefinite(at, end, depth int) (int, bool) {
	for {
		var ok bool
		if at, ok = w.element(at, end, depth+1); !ok || end-at < 2 {
			return 0, false
		}
		if w.b[at] == 0 && w.b[at+1] == 0 {
			return at + 2, true
		}
	}
}
