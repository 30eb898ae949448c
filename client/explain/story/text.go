package story

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"muvpn/client/explain"
)

// width is how many letters a line of a terminal has.
const width = 80

// Text is the story for a terminal of 80 columns, ending with a line feed.
func (s *Story) Text() string {
	var b strings.Builder
	s.writeVerdict(&b)
	if len(s.Steps) > 0 {
		s.writeSteps(&b)
	}
	writeList(&b, "What else the logs show:", s.Notes)
	writeList(&b, "What is missing or could not be read:", s.Missing)
	s.writeMatch(&b)
	s.writeAttempts(&b)
	return b.String()
}

// outcomes are the outcomes for people.
var outcomes = map[Outcome]string{Connected: "connected", Failed: "FAILED", Ended: "ended as it was asked to", Unknown: "not known how it went"}

// Title says whose connection it is, when, and how it went.
func (s *Story) Title() string {
	who := cmp.Or(s.Profile, s.User, "A connection")
	if s.Profile != "" && s.User != "" {
		who += " (" + s.User + ")"
	}
	if s.Begin != nil && s.Begin.Year() > 4 {
		who += ", " + s.Begin.Format("2006-01-02 15:04:05")
	}
	return who + ": " + outcomes[s.Outcome]
}

func (s *Story) writeVerdict(b *strings.Builder) {
	b.WriteString(wrapped(s.Title(), "", ""))
	if s.Reason != nil {
		b.WriteString(wrapped(string(s.Reason.Code)+": "+explain.Of(s.Reason).What, "  ", "  "))
	}
	for _, row := range s.Facts() {
		b.WriteString(wrapped(row.Text, fmt.Sprintf("  %-15s", row.Name+":"), strings.Repeat(" ", 17)))
	}
}

// Fact is a line of the verdict.
type Fact struct{ Name, Text string }

// Facts are the lines of the verdict that have something to say.
func (s *Story) Facts() (rows []Fact) {
	add := func(name, text string) {
		if text != "" {
			rows = append(rows, Fact{name, text})
		}
	}
	add("Step", s.Stage.Text())
	if s.Reason != nil {
		add("Side", explain.Side(s.Reason.Side))
		add("Seen", s.Reason.Seen)
		add("Expected", s.Reason.Expected)
	}
	add("How sure", string(s.Confidence)+": "+s.Ground)
	add("You can", s.Advice)
	add("Administrator", s.AdviceAdmin)
	return rows
}

func (s *Story) writeSteps(b *strings.Builder) {
	b.WriteString("\nWhat happened, step by step:\n")
	for i, step := range s.Steps {
		if s.LeftOut > 0 && i == len(s.Steps)/2 {
			fmt.Fprintf(b, "  ... %d steps ...\n", s.LeftOut)
		}
		b.WriteString(step.line())
	}
}

// line is a step on as many lines as it needs.
func (s *Step) line() string {
	who := map[[2]Side]string{
		{OurSide, OtherSide}: "client  -> gateway", {OtherSide, OurSide}: "client <-  gateway",
		{OurSide, ""}: "client", {OtherSide, ""}: "           gateway",
	}[[2]Side{s.From, s.To}]
	first := fmt.Sprintf("  %-12s  %-18s  ", Clock(s.Time.Time), who)
	return wrapped(s.Text+s.Remarks(), first, strings.Repeat(" ", len(first)))
}

// Remarks are how often a step was taken, and whether the other side knows of it.
func (s *Step) Remarks() (r string) {
	if s.Count > 1 {
		r = fmt.Sprintf(" [%d times]", s.Count)
	}
	if s.Alone {
		r += " [not in the log of the " + string(s.To) + "]"
	}
	return r
}

// Clock is the time of day of a step; empty: unknown.
func Clock(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Nanosecond() == 0:
		return t.Format("15:04:05")
	}
	return t.Format("15:04:05.000")
}

func writeList(b *strings.Builder, head string, all []string) {
	if len(all) == 0 {
		return
	}
	b.WriteString("\n" + head + "\n")
	for _, text := range all {
		b.WriteString(wrapped(text, "  - ", "    "))
	}
}

func (s *Story) writeMatch(b *strings.Builder) {
	if text := s.Matched.Text(); text != "" {
		b.WriteString("\n" + wrapped(text, "", ""))
		for i, n := range s.Matched.Numbers {
			if i == maxNumbers {
				fmt.Fprintf(b, "  and %d more\n", s.Matched.Count-i)
				break
			}
			b.WriteString(wrapped(n, "  ", "    "))
		}
	}
}

// maxNumbers and maxAttempts are how many are listed.
const (
	maxNumbers  = 6
	maxAttempts = 10
)

// Text says how the two logs were laid side by side; empty: there was one.
func (m *Match) Text() string {
	switch {
	case m == nil:
		return ""
	case m.By == "time":
		return "The two logs were laid side by side by their times alone."
	case m.ClockOffset == 0:
		return "The two logs were laid side by side by what is in both:"
	}
	word := "ahead of"
	if m.ClockOffset < 0 {
		word = "behind"
	}
	return fmt.Sprintf("The two logs were laid side by side by what is in both (the gateway's clock was %s %s the client's):",
		time.Duration(abs(m.ClockOffset)*float64(time.Second)).Round(10*time.Millisecond), word)
}

func abs(f float64) float64 {
	if f < 0 {
		return -f
	}
	return f
}

func (s *Story) writeAttempts(b *strings.Builder) {
	if len(s.Attempts) < 2 {
		return
	}
	fmt.Fprintf(b, "\nThe log tells of %d attempts; this is the story of number %d:\n", len(s.Attempts), s.Chosen+1)
	from := max(0, len(s.Attempts)-maxAttempts)
	if from > 0 {
		fmt.Fprintf(b, "  (the last %d of them)\n", maxAttempts)
	}
	for i, a := range s.Attempts[from:] {
		b.WriteString(wrapped(a.Text(), fmt.Sprintf("  %3d  ", from+i+1), "       "))
	}
}

// Text is an attempt in a line.
func (a *Summary) Text() string {
	parts := []string{}
	if a.Begin != nil && a.Begin.Year() > 4 {
		parts = append(parts, a.Begin.Format("2006-01-02 15:04:05"))
	} else if a.Begin != nil {
		parts = append(parts, a.Begin.Format("15:04:05"))
	}
	for _, s := range []string{a.Profile, a.User, a.Peer, outcomes[a.Outcome], string(a.Reason)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "  ")
}

// wrapped breaks a text at its spaces; first and rest are what lines begin with.
func wrapped(text, first, rest string) string {
	var b strings.Builder
	line, used := first, utf8.RuneCountInString(first)
	begun := false
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		if begun && used+1+n > width {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line, used, begun = rest, utf8.RuneCountInString(rest), false
		}
		if begun {
			line, used = line+" ", used+1
		}
		line, used, begun = line+word, used+n, true
	}
	return b.String() + strings.TrimRight(line, " ") + "\n"
}
