package tunnel

// The channel of events holds so many for a service that is busy; what comes
// then waits in the control loop. When that many notes wait, further ones below
// a warning are counted instead of kept.
const (
	eventBuffer = 256
	noteBacklog = 1024
)

// mailbox brings events to the service in order. It belongs to the control loop
// and never blocks it.
type mailbox struct {
	out  chan Event
	wait []Event
	lost int // notes that found too many waiting
}

func newMailbox() *mailbox { return &mailbox{out: make(chan Event, eventBuffer)} }

// put hands an event over, or lets it wait.
func (m *mailbox) put(e Event) {
	if n, ok := e.(Note); ok && n.Level < 2 && len(m.wait) >= noteBacklog {
		m.lost++
		return
	}
	if m.lost > 0 {
		m.wait = append(m.wait, Note{
			Level: 2, Code: "NOTES_LOST", Text: "The log could not keep up; lines were left out",
			Fields: map[string]any{"lines": m.lost},
		})
		m.lost = 0
	}
	m.wait = append(m.wait, e)
	m.move()
}

// move hands over what fits.
func (m *mailbox) move() {
	for len(m.wait) > 0 {
		select {
		case m.out <- m.wait[0]:
			m.shift()
		default:
			return
		}
	}
}

// shift takes the first waiting event away.
func (m *mailbox) shift() {
	m.wait[0] = nil
	m.wait = m.wait[1:]
}

// next is the channel and the event that wait for the service; a nil channel
// when none does, which no select chooses.
func (m *mailbox) next() (chan<- Event, Event) {
	if len(m.wait) == 0 {
		return nil, nil
	}
	return m.out, m.wait[0]
}

// finish closes the channel. What waits is handed over as the service reads,
// until closing says that it may not read any more: then the oldest events make
// room for the newest, so that Down is always the last.
func (m *mailbox) finish(closing <-chan struct{}) {
	defer close(m.out)
	for len(m.wait) > 0 {
		select {
		case m.out <- m.wait[0]:
			m.shift()
		case <-closing:
			m.force()
		}
	}
}

// force hands everything over at the cost of the oldest.
func (m *mailbox) force() {
	for m.move(); len(m.wait) > 0; m.move() {
		select {
		case <-m.out:
		default:
		}
	}
}
