package planning

import (
	"fmt"
	"math"
	"strings"

	"muvpn/client/issuing"
	"muvpn/client/issuing/roster"
)

// Report is all that was found.
type Report struct {
	Findings []Finding   `json:"findings"`
	Users    int         `json:"users"` // of the roster, without the revoked ones
	Pool     issuing.Use `json:"pool"`
}

// Add notes a finding.
func (r *Report) Add(f Finding) { r.Findings = append(r.Findings, f) }

// site notes one about a key of the site file.
func (r *Report) site(k Kind, s Severity, key, wrong, do string) {
	r.Add(Finding{Kind: k, Severity: s, Part: Site, Where: key, Wrong: wrong, Do: do})
}

// cell notes one about a cell; where the same is said of another cell already,
// that finding gets one cell more.
func (r *Report) cell(k Kind, s Severity, cell string, c roster.Column, wrong, do string) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Part == Roster && f.Kind == k && f.Where == string(c) && f.Wrong == wrong && f.Do == do {
			f.Cells = append(f.Cells, cell)
			return
		}
	}
	r.Add(Finding{Kind: k, Severity: s, Part: Roster, Where: string(c), Cells: []string{cell}, Wrong: wrong, Do: do})
}

// Count is how many findings are of that severity.
func (r Report) Count(s Severity) (n int) {
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Text is the report for people; the names are those of the files, an empty one
// is that of no file.
func (r Report) Text(site, list string) string {
	var b strings.Builder
	r.part(&b, Site, "Site", site)
	if list != "" {
		r.part(&b, Roster, "Roster", list)
	}
	b.WriteString(r.summary(list != "") + "\n")
	return b.String()
}

// part writes the findings of one file, faults first.
func (r Report) part(b *strings.Builder, p Part, title, name string) {
	fmt.Fprintf(b, "%s %s\n", title, name)
	some := false
	for _, s := range []Severity{Fault, Advice} {
		for _, f := range r.Findings {
			if f.Part == p && f.Severity == s {
				some = true
				fmt.Fprintf(b, "  %-6s  %s\n          %s.\n", word(s), strings.TrimPrefix(f.Place()+": "+f.Wrong, ": "), capital(f.Do))
			}
		}
	}
	if !some {
		fmt.Fprintln(b, "  nothing to say")
	}
	fmt.Fprintln(b)
}

// word is the severity for people: what is wrong stands out.
func word(s Severity) string {
	if s == Fault {
		return "FAULT"
	}
	return string(s)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// summary is the last line.
func (r Report) summary(withRoster bool) string {
	text := "Nothing is wrong"
	if n := r.Count(Fault); n > 0 {
		text = plural(n, "fault", "faults")
	}
	if n := r.Count(Advice); n > 0 {
		text += ", " + plural(n, "piece of advice", "pieces of advice")
	}
	text += "."
	if withRoster {
		text += " " + plural(r.Users, "user", "users") + "."
	}
	if r.Pool.Size > 0 {
		text += " " + PoolText(r.Pool, withRoster)
	}
	return text
}

// PoolText says what becomes of a pool.
func PoolText(u issuing.Use, withRoster bool) string {
	text := "Pool: " + amount(u.Size) + " addresses"
	if u.Reserved > 0 {
		text += fmt.Sprintf(", %d reserved", u.Reserved)
	}
	if withRoster {
		text += fmt.Sprintf(", %d used", u.Used)
	}
	if u.Revoked > 0 {
		text += fmt.Sprintf(", %d of revoked users", u.Revoked)
	}
	return text + ", " + amount(u.Free) + " free."
}

// amount is a number, if it is one that anybody counts to.
func amount(n uint64) string {
	if n > math.MaxUint32 {
		return "billions of"
	}
	return fmt.Sprint(n)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
