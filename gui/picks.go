package gui

import "slices"

// picks are the lines that were picked out of a list: one, some by Ctrl, a
// stretch by Shift.
type picks struct {
	set            map[uint64]bool // numbers of lines
	anchor, cursor uint64          // where a stretch begins, and the last one picked; 0: none
}

// one picks a line and nothing else.
func (p *picks) one(no uint64) {
	p.set, p.anchor, p.cursor = map[uint64]bool{no: true}, no, no
}

// toggle picks one more, or one less.
func (p *picks) toggle(no uint64) {
	if p.set == nil {
		p.set = map[uint64]bool{}
	}
	if p.set[no] {
		delete(p.set, no)
	} else {
		p.set[no] = true
	}
	p.anchor, p.cursor = no, no
}

// through picks all from the anchor to a line.
func (p *picks) through(lines []logLine, no uint64) {
	if p.anchor == 0 {
		p.one(no)
		return
	}
	p.set, p.cursor = map[uint64]bool{}, no
	for _, l := range lines {
		if l.No >= min(p.anchor, no) && l.No <= max(p.anchor, no) {
			p.set[l.No] = true
		}
	}
}

// all picks all.
func (p *picks) all(lines []logLine) {
	if len(lines) > 0 {
		p.anchor = lines[0].No
		p.through(lines, lines[len(lines)-1].No)
	}
}

// move goes so many lines down, or up, and returns where that is; -1: nowhere.
// With extend all on the way are picked.
func (p *picks) move(lines []logLine, by int, extend bool) int {
	if len(lines) == 0 {
		return -1
	}
	i := len(lines) - 1
	if p.cursor != 0 {
		at, _ := slices.BinarySearchFunc(lines, p.cursor, byNo)
		i = max(0, min(len(lines)-1, at+by))
	}
	if extend {
		p.through(lines, lines[i].No)
	} else {
		p.one(lines[i].No)
	}
	return i
}

// of are the picked among lines.
func (p *picks) of(lines []logLine) (list []logLine) {
	for _, l := range lines {
		if p.set[l.No] {
			list = append(list, l)
		}
	}
	return list
}

func byNo(l logLine, no uint64) int {
	switch {
	case l.No < no:
		return -1
	case l.No > no:
		return 1
	}
	return 0
}
