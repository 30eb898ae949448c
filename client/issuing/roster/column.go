package roster

import (
	"fmt"
	"strings"
	"unicode"
)

// Column is what a column of the roster holds.
type Column string

// The columns. Only User must be there.
const (
	Name      Column = "user" // who the user is to the gateway
	FullName  Column = "name"
	Email     Column = "e-mail"
	VirtualIP Column = "virtual IP"
	Secret    Column = "secret" // the shared key
	Networks  Column = "networks"
	Expires   Column = "expires"
	Equipment Column = "equipment"
	OS        Column = "OS"
	Notes     Column = "notes"
	Keep      Column = "keep/rotate"
	Method    Column = "method" // shared key or certificate
)

// Columns are all, in the order in which they are shown.
var Columns = []Column{Name, FullName, Email, VirtualIP, Secret, Networks, Expires, Equipment, OS, Notes, Keep, Method}

// spellings are other names of columns, without case, blanks and signs.
var spellings = map[string]Column{
	"username": Name, "login": Name, "fullname": FullName, "mail": Email, "emailaddress": Email,
	"vip": VirtualIP, "ip": VirtualIP, "virtualaddress": VirtualIP, "virtualipaddress": VirtualIP,
	"psk": Secret, "key": Secret, "sharedkey": Secret, "sharedsecret": Secret, "network": Networks,
	"expiry": Expires, "expiration": Expires, "device": Equipment, "operatingsystem": OS, "system": OS, "note": Notes, "remarks": Notes,
	"keep": Keep, "rotate": Keep, "keeporrotate": Keep, "secrets": Keep,
}

// column finds a column by its name in the header.
func column(name string) (Column, bool) {
	name = plain(name)
	for _, c := range Columns {
		if plain(string(c)) == name {
			return c, true
		}
	}
	c, ok := spellings[name]
	return c, ok
}

// plain is a name without case, blanks and signs.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// header finds out where each column is.
func (t Table) header(f *Faults) map[Column]int {
	at := map[Column]int{}
	for i, name := range t[0] {
		c, known := column(name)
		first, twice := at[c]
		switch {
		case name == "", strings.HasPrefix(strings.ToLower(name), "x-"):
		case !known:
			f.Add(Cell(0, i), "", fmt.Sprintf("unknown column %q", name), `check the spelling, or begin the name with "x-" to have it ignored`)
		case twice:
			f.Add(Cell(0, i), c, fmt.Sprintf("%s has this column already", Cell(0, first)), "take one away")
		default:
			at[c] = i
		}
	}
	if _, there := at[Name]; !there {
		f.Add(Cell(0, 0), "", "no column “user”", "say in one column who each user is to the gateway")
	}
	return at
}
