package logs

import (
	"time"

	"muvpn/client/reason"
)

// Kind is what an event is about.
type Kind int

// The kinds of events.
const (
	Other      Kind = iota // worth no line of a story
	Begin                  // the client begins to connect
	Sent                   // a message that left the side whose log it is
	Received               // a message that came to it
	Again                  // a message that was sent once more
	Detail                 // what the message before says: a notify, a delete
	Told                   // something else that happened, in the log's words
	Phase1Done             // Phase 1 is complete
	UserOK                 // the user was accepted
	LoggedIn               // a Firebox has logged the user in
	Bound                  // an address was given or bound
	Loaded                 // an ESP SA was loaded; two of them make a pair
	Connected              // the client says that it is connected
	Traffic                // a packet passed through the tunnel
	Refused                // this side says why it does not go on
	Dropped                // a deletion, or a log-out
	LoggedOut              // a Firebox has logged the user out
	Ended                  // the client has disconnected because it was asked to
)

// Event is what one line of a log says. Fields that the line does not have are
// empty.
type Event struct {
	Line int       // from 1
	Time time.Time // as far as the log has it; see Log.Clock
	Kind Kind
	Code string // of our client's line, or the msg_id of a Firebox
	Text string // the log's words, on one line, bounded

	Profile string
	Thread  string // the log's own name of a connection: "lab[1]", "#3"
	Peer    string // address of the other side
	User    string
	Address string // virtual IP

	Exchange  string // AG, MM, QM, IF, TR, IKE_SA_INIT
	Encrypted bool
	Payloads  []string // ISA_SA, ISA_KE and so on, without vendor IDs
	Notifies  []string // names as RFC 2408 has them: NO-PROPOSAL-CHOSEN
	Config    string   // what a Transaction asks for, gives or sets; never values
	MessageID string   // eight hexadecimal digits; empty: Phase 1
	CookieI   string   // sixteen hexadecimal digits
	CookieR   string
	SPIIn     string // eight hexadecimal digits, as this side sees it
	SPIOut    string

	// Bytes are what a Firebox counts for a connection through the tunnel, from
	// the user and to the user; Counted says that the line has them.
	BytesFrom, BytesTo uint64
	Counted            bool

	// Reason is why this side does not go on, if it says so.
	Reason *reason.Reason
	// Hint says that the Reason is what the side concluded from something that
	// has other causes, too.
	Hint bool
}

// Clock is what the times of a log are good for.
type Clock int

// The clocks.
const (
	NoClock   Clock = iota
	TimeOnly        // time of day, no date
	NoYear          // month and day, no year
	NoOffset        // local time of an unknown place
	FullClock       // with its offset
)

// Format is who wrote a log.
type Format string

// The formats. Firebox is also what muvpn-testgw writes.
const (
	Unknown    Format = ""
	Client     Format = "muvpn"
	Firebox    Format = "Firebox"
	StrongSwan Format = "strongSwan"
	Libreswan  Format = "libreswan"
)

// Log is a log that was read.
type Log struct {
	Name   string // the file, and the part of it
	Format Format
	Clock  Clock
	Lines  int // that are not empty
	Unread int // of these, such as mean nothing to us
	First  int // number of the first unread line; 0: none
	Cut    bool
	Events []Event
}

// Gateway says that it is a gateway's.
func (l *Log) Gateway() bool { return l.Format != Client && l.Format != Unknown }
