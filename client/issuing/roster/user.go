package roster

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"muvpn/profile"
)

// User is one row.
type User struct {
	Row       int // from 0, the header
	Name      string
	FullName  string
	Email     string
	VirtualIP netip.Addr     // zero: the next free one
	Secret    profile.Secret // empty: to be generated
	Networks  []netip.Prefix // none: the site's
	Expires   Day            // zero: as the site says
	Equipment string
	OS        string
	Notes     string
	Rotate    bool   // new secrets
	Method    string // psk or rsa; empty: as the site says
}

// Day is a date, written as 2027-12-31. Zero: none.
type Day struct{ time.Time }

// UnmarshalText reads a date.
func (d *Day) UnmarshalText(text []byte) (err error) {
	d.Time = time.Time{}
	if len(text) > 0 {
		d.Time, err = time.Parse(time.DateOnly, string(text))
	}
	return err
}

// End is the last second of the day in UTC; zero: never.
func (d Day) End() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.AddDate(0, 0, 1).Add(-time.Second)
}

// List is the users of a table, with where everything stands.
type List struct {
	Users []User
	at    map[Column]int
}

// Where is the cell in which a user's value stands; that of the user's name if
// there is no such column.
func (l List) Where(row int, c Column) string {
	column, there := l.at[c]
	if !there {
		column = l.at[Name]
	}
	return Cell(row, column)
}

// reader reads the cells of one table.
type reader struct {
	List
	table  Table
	faults Faults
}

// Users reads the rows below the header; empty ones are passed over. All faults
// are told at once.
func (t Table) Users() (List, Faults) {
	r := &reader{table: t}
	r.at = t.header(&r.faults)
	if _, there := r.at[Name]; !there {
		return r.List, r.faults
	}
	for i := 1; i < len(t); i++ {
		if len(t[i]) > 0 {
			r.Users = append(r.Users, r.user(i))
		}
	}
	if len(r.Users) == 0 {
		r.fault(0, Name, "there is no user below the header", "write a row for each")
	}
	r.twins()
	r.faults.Sort()
	return r.List, r.faults
}

// cell is what stands in a column of a row.
func (r *reader) cell(row int, c Column) string {
	i, there := r.at[c]
	if !there || i >= len(r.table[row]) {
		return ""
	}
	return r.table[row][i]
}

func (r *reader) fault(row int, c Column, wrong, do string) {
	r.faults.Add(r.Where(row, c), c, wrong, do)
}

func (r *reader) user(row int) User {
	u := User{Row: row}
	r.beyond(row)
	u.Name = r.name(row)
	u.FullName, u.Equipment, u.OS, u.Notes = r.text(row, FullName), r.text(row, Equipment), r.text(row, OS), r.text(row, Notes)
	u.Email = r.email(row)
	u.VirtualIP = r.address(row)
	u.Secret = r.secret(row)
	u.Networks = r.networks(row)
	u.Expires = r.expires(row)
	u.Rotate = r.rotate(row)
	u.Method = r.method(row)
	if u.Rotate && !u.Secret.Empty() {
		r.fault(row, Keep, "rotate, although the row has a secret of its own", "empty the secret, or write keep")
	}
	return u
}

// beyond finds cells that no column has a name for.
func (r *reader) beyond(row int) {
	for i, value := range r.table[row] {
		if value != "" && (i >= len(r.table[0]) || r.table[0][i] == "") {
			r.faults.Add(Cell(row, i), "", "a value in a column without a name", "name the column in the first row, or empty the cell")
			return
		}
	}
}

// maxName keeps the names of files short.
const maxName = 64

// name is the user's, which also names files: nothing that a system may not
// like, and no two that differ in case alone.
func (r *reader) name(row int) string {
	s := r.cell(row, Name)
	odd := strings.ContainsFunc(s, func(c rune) bool {
		return !(unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("@.-_+ ", c))
	})
	switch {
	case s == "":
		r.fault(row, Name, "missing", "say who the user is to the gateway, or empty the row")
	case !utf8.ValidString(s) || odd:
		r.fault(row, Name, fmt.Sprintf("%q has characters that names of files do not have", short(s)), "use letters, digits, @ . - _ + and blanks")
	case len(s) > maxName:
		r.fault(row, Name, fmt.Sprintf("longer than %d octets", maxName), "shorten it")
	case strings.HasPrefix(s, ".") || strings.HasSuffix(s, "."), strings.HasPrefix(s, "-"), reservedName(s):
		r.fault(row, Name, fmt.Sprintf("%q cannot be the name of a file", s), "choose another")
	}
	return s
}

// reservedName says that Windows has no file of that name.
func reservedName(s string) bool {
	s, _, _ = strings.Cut(strings.ToUpper(s), ".")
	switch s {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(s) == 4 && (strings.HasPrefix(s, "COM") || strings.HasPrefix(s, "LPT")) && unicode.IsDigit(rune(s[3]))
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (r *reader) text(row int, c Column) string {
	s := r.cell(row, c)
	switch {
	case len(s) > 1024, c != Notes && len(s) > profile.MaxName:
		r.fault(row, c, "too long", "shorten it")
	case c != Notes && strings.ContainsFunc(s, func(c rune) bool { return unicode.In(c, unicode.Cc, unicode.Zl, unicode.Zp) }):
		r.fault(row, c, "has line ends or other characters that cannot be shown", "write one line of text")
	}
	return s
}

func (r *reader) email(row int) string {
	s := r.cell(row, Email)
	before, after, _ := strings.Cut(s, "@")
	if s != "" && (before == "" || after == "" || len(s) > 254 || strings.ContainsAny(after, "@") || strings.ContainsAny(s, " ,;<>*\n")) {
		r.fault(row, Email, fmt.Sprintf("%q is no e-mail address", short(s)), "write one address, such as lisa@example.com")
	}
	return s
}

func (r *reader) address(row int) netip.Addr {
	s := r.cell(row, VirtualIP)
	if s == "" {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		r.fault(row, VirtualIP, fmt.Sprintf("%q is no IP address", short(s)), "write it as 192.168.10.201, or leave it blank for the next free one")
	}
	return a
}

// secret is the shared key that the gateway already has for the user.
func (r *reader) secret(row int) profile.Secret {
	s := r.cell(row, Secret)
	switch {
	case s == profile.Redacted:
		r.fault(row, Secret, "the secret itself is missing", "write it, or leave it blank to have one made")
	case len(s) > 1024:
		r.fault(row, Secret, "longer than 1024 octets", "use a shorter one")
	case strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' }):
		r.fault(row, Secret, "has characters beyond plain ASCII, which gateways encode differently", "use letters, digits and signs, or leave it blank to have one made")
	}
	return profile.NewSecret([]byte(s))
}

func (r *reader) networks(row int) (list []netip.Prefix) {
	words := strings.FieldsFunc(r.cell(row, Networks), func(c rune) bool { return unicode.IsSpace(c) || c == ',' || c == ';' })
	for _, s := range words {
		p, err := netip.ParsePrefix(s)
		switch {
		case err != nil:
			r.fault(row, Networks, fmt.Sprintf("%q is no network", short(s)), "write it as 192.168.10.0/24, several with commas or blanks between them")
			continue
		case p != p.Masked():
			r.fault(row, Networks, s+" has bits beyond its mask", "write "+p.Masked().String())
		}
		for _, q := range list {
			if p.Overlaps(q) {
				r.fault(row, Networks, fmt.Sprintf("%s overlaps %s", p, q), "keep the larger of the two")
			}
		}
		list = append(list, p)
	}
	return list
}

// expires reads a date as text, or as the number that Excel keeps for it.
func (r *reader) expires(row int) (d Day) {
	s := r.cell(row, Expires)
	if days, err := strconv.ParseFloat(s, 64); err == nil && days > 20000 && days < 80000 {
		if d.Time, err = excelize.ExcelDateToTime(days, false); err == nil {
			d.Time = d.Truncate(24 * time.Hour)
			return d
		}
	}
	if d.UnmarshalText([]byte(s)) != nil {
		r.fault(row, Expires, fmt.Sprintf("%q is no date", short(s)), "write it as 2027-12-31, or leave it blank")
	}
	return d
}

func (r *reader) rotate(row int) bool {
	s := r.cell(row, Keep)
	switch strings.ToLower(s) {
	case "", "keep":
		return false
	case "rotate":
		return true
	}
	r.fault(row, Keep, fmt.Sprintf("%q is neither keep nor rotate", short(s)), "leave it blank to keep the secrets, or write rotate for new ones")
	return false
}

// method is how the user proves who he is.
func (r *reader) method(row int) string {
	s := strings.ToLower(r.cell(row, Method))
	if s != "" && s != "psk" && s != "rsa" {
		r.fault(row, Method, fmt.Sprintf("%q is no method", short(s)), "write psk for a shared key, rsa for a certificate, or leave it blank for the site's")
	}
	return s
}

// twins finds users and virtual IPs that stand there twice.
func (r *reader) twins() {
	names, addresses := map[string]int{}, map[netip.Addr]int{}
	for _, u := range r.Users {
		name := strings.ToLower(u.Name)
		if first, twice := names[name]; twice {
			r.fault(u.Row, Name, fmt.Sprintf("%q stands in %s already", short(u.Name), r.Where(first, Name)), "take one row away, or rename the user")
		} else if name != "" {
			names[name] = u.Row
		}
		if !u.VirtualIP.IsValid() {
			continue
		}
		if first, twice := addresses[u.VirtualIP]; twice {
			r.fault(u.Row, VirtualIP, fmt.Sprintf("%s is that of %s already", u.VirtualIP, r.Where(first, VirtualIP)), "give each user an address of his own, or leave one blank")
		} else {
			addresses[u.VirtualIP] = u.Row
		}
	}
}
