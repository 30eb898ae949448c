package story

import (
	"fmt"
	"slices"
	"strings"

	"muvpn/client/explain"
	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// verdict is what became of the attempt: the one that both sides state, or one
// states; else what the steps suggest.
func (t *teller) verdict() Verdict {
	v := t.judged()
	if v.Reason != nil {
		a := explain.Of(v.Reason)
		v.Advice, v.AdviceAdmin = a.User, a.Admin
		v.Stage = t.stage(v.Reason.Code)
	}
	t.remark(&v)
	return v
}

// judged is the verdict without its advice.
func (t *teller) judged() Verdict {
	if t.ours == nil {
		return t.theirWord(t.refusals())
	}
	switch stated := t.ours.stated; {
	case stated != nil && stated.Reason.Code == reason.Cancelled && t.ours.connected:
		return t.went()
	case stated != nil && stated.Reason.Code == reason.Cancelled:
		return Verdict{Outcome: Ended, Reason: stated.Reason, Confidence: Stated, Ground: "the client's log, " + where(stated)}
	case stated != nil:
		return t.weighed(stated)
	case t.ours.ended, t.ours.connected:
		return t.went()
	}
	return t.suspected()
}

// refusals are what the gateway's log says against the attempt, in order.
func (t *teller) refusals() (all []logs.Event) {
	for _, h := range t.theirs.threads {
		all = append(all, h.refusals()...)
	}
	return t.marked(all)
}

// marked makes a hint of that the user was not told where the client was ready to:
// that came of something else.
func (t *teller) marked(all []logs.Event) []logs.Event {
	for i := range all {
		if all[i].Reason.Code == reason.XAuthExpected && t.ours != nil && t.ours.hasUser() {
			all[i].Hint = true
		}
	}
	return all
}

// last are the refusals of the last Phase 1: what was refused before has been mended
// by another offer, or not refused again.
func (t *teller) last() []logs.Event {
	if n := len(t.theirs.threads); n > 0 {
		return t.marked(t.theirs.threads[n-1].refusals())
	}
	return nil
}

// numbered says that the gateway's log surely tells of the same exchange.
func (t *teller) numbered() bool { return t.theirs.match != nil && t.theirs.match.By == "numbers" }

// weighed puts the client's word beside the gateway's.
func (t *teller) weighed(ours *logs.Event) Verdict {
	theirs := t.refusals()
	v := Verdict{Outcome: Failed, Reason: ours.Reason, Confidence: Stated, Ground: "the client's log says so, " + where(ours)}
	same := slices.IndexFunc(theirs, func(e logs.Event) bool { return e.Reason.Code == ours.Reason.Code })
	d := decisive(t.last())
	switch {
	case same >= 0 && t.numbered():
		v.Confidence = Certain
		v.Ground = fmt.Sprintf("both logs say so: the client's, %s; the gateway's, %s", where(ours), where(&theirs[same]))
	case same >= 0:
		v.Ground += fmt.Sprintf("; the gateway's says the same at that time, %s", where(&theirs[same]))
	case d == nil, d.Hint, ours.Reason.Side == reason.Client:
		// Nothing better than the client's word: what was refused here, the
		// gateway can only see end.
	case t.numbered():
		v.Reason, v.Ground = d.Reason, fmt.Sprintf("the gateway's log says so, %s; it knows better why it refused than the client, which took it for %s, %s",
			where(d), ours.Reason.Code, where(ours))
	default:
		v.Notes = append(v.Notes, fmt.Sprintf("At that time the gateway's log says %s, %s. Nothing but the time says that it is about the same attempt.", d.Reason.Error(), where(d)))
	}
	return v
}

// theirWord is the verdict by a gateway's log alone.
func (t *teller) theirWord(theirs []logs.Event) Verdict {
	h := t.theirs.threads[0]
	switch d := decisive(theirs); {
	case d != nil && !d.Hint:
		return Verdict{Outcome: Failed, Reason: d.Reason, Confidence: Stated, Ground: "the gateway's log says so, " + where(d)}
	case d != nil:
		return Verdict{Outcome: Failed, Reason: d.Reason, Confidence: Likely, Ground: "the gateway's log, " + where(d) + ": this can have other causes, which the client's log would tell apart"}
	case h.loaded && h.out:
		return Verdict{Outcome: Ended, Confidence: Stated, Ground: "the gateway's log shows the SAs loaded, and later removed"}
	case h.loaded:
		return Verdict{Outcome: Connected, Confidence: Stated, Ground: "the gateway's log shows the SAs loaded"}
	}
	return Verdict{Outcome: Unknown, Confidence: Open, Ground: "the gateway's log does not say how it went on",
		Missing: []string{"a line of the gateway's log that says why it ended, and the client's log"}}
}

// went is an attempt that went well, whether or not it was ended later.
func (t *teller) went() Verdict {
	v := Verdict{Outcome: Connected, Confidence: Stated, Ground: "the client's log says so"}
	if t.ours.ended || t.ours.stated != nil {
		v.Outcome = Ended
	}
	if t.numbered() && slices.ContainsFunc(t.theirs.threads, func(h *thread) bool { return h.loaded }) {
		v.Confidence, v.Ground = Certain, "both logs show the same SAs"
	}
	return v
}

// suspected is the verdict where the client's log does not say why it ended.
func (t *teller) suspected() Verdict {
	missing := []string{"the line of the client's log that says why the attempt ended (FAILED, LOST or DOWN)"}
	if d := decisive(t.last()); d != nil && !d.Hint {
		v := Verdict{Outcome: Failed, Reason: d.Reason, Confidence: Likely, Missing: missing,
			Ground: "the gateway's log says so, " + where(d) + ", but nothing but the time says that it is about this attempt"}
		if t.numbered() {
			v.Confidence, v.Ground = Stated, "the gateway's log says so, "+where(d)+"; the client's does not say why it ended"
		}
		return v
	}
	if g := guess(t.ours); g != nil {
		return Verdict{Outcome: Failed, Reason: g, Confidence: Likely, Missing: missing, Ground: "no log says so; it is concluded from: " + g.Seen}
	}
	return Verdict{Outcome: Unknown, Confidence: Open, Missing: missing, Ground: "the log ends, or goes on elsewhere, before anything is said of why"}
}

// where is the line by which something is known.
func where(e *logs.Event) string {
	if e.Code == "" {
		return fmt.Sprintf("line %d", e.Line)
	}
	return fmt.Sprintf("line %d (%s)", e.Line, e.Code)
}

// stage is where a reason has ended this connection.
func (t *teller) stage(c reason.Code) Stage {
	if s := stages[c]; s != "" {
		return s
	}
	var events []logs.Event
	if t.ours != nil {
		events = t.ours.events
	} else {
		events = t.theirs.threads[0].events
	}
	at := StageContact
	for _, e := range events {
		switch {
		case e.Kind == logs.Connected, e.Kind == logs.Loaded:
			at = StageConnected
		case at == StageConnected:
		case e.Exchange == "QM":
			at = StagePhase2
		case e.Exchange == "TR":
			at = StageUser
		case e.Kind == logs.Phase1Done:
			at = StageAdmission
		case at == StageContact && (e.Kind == logs.Received && t.ours != nil || e.Kind == logs.Sent && t.ours == nil):
			at = StagePhase1
		}
	}
	return at
}

// remark adds what else the two logs show together, and what is missing for more.
func (t *teller) remark(v *Verdict) {
	for _, h := range t.theirs.threads {
		for _, e := range h.events {
			if rest, ok := strings.CutPrefix(e.Text, "Misbehaving: "); ok {
				note := "The gateway was told to misbehave: " + rest + "."
				if !slices.Contains(v.Notes, note) {
					v.Notes = append(v.Notes, note)
				}
			}
		}
	}
	if t.ours == nil {
		return
	}
	if lost := t.lost(); lost != "" && v.Outcome == Failed {
		v.Notes = append(v.Notes, lost)
	}
	switch {
	case !t.theirs.given:
	case t.theirs.match == nil:
		v.Missing = append(v.Missing, "anything in the gateway's log that belongs to this attempt: no cookie, message ID or SPI is in both, and at that time there was nobody, or several")
	case !t.numbered():
		v.Missing = append(v.Missing, "a cookie, message ID or SPI that is in both logs: only address and time say that they belong together")
	}
}

// lost says which message one side has sent and the other never got.
func (t *teller) lost() string {
	var never []string
	for _, s := range t.story.Steps {
		if s.Alone {
			never = append(never, string(s.From)+" to "+string(s.To)+": "+s.Text)
		}
	}
	if len(never) == 0 {
		return ""
	}
	return "Sent, but not in the log of the other side: " + strings.Join(never[max(0, len(never)-3):], "; ") + "."
}

// nothing is the verdict where there is nothing to tell of.
func (t *teller) nothing() {
	t.story.Verdict = Verdict{Outcome: Unknown, Confidence: Open, Ground: "none of the logs tells of a connection"}
}

// unread says what could not be read.
func (t *teller) unread() {
	for _, l := range t.story.Logs {
		switch {
		case l.Format == logs.Unknown:
			t.story.Missing = append(t.story.Missing, fmt.Sprintf("%s: of no form that is known here; none of its %d lines was read", l.Name, l.Lines))
		case l.Unread > 0:
			t.story.Missing = append(t.story.Missing, fmt.Sprintf("%s: %d of %d lines could not be read, the first of them line %d", l.Name, l.Unread, l.Lines, l.First))
		}
		if l.Cut {
			t.story.Missing = append(t.story.Missing, l.Name+": it is longer than is read")
		}
	}
	slices.Sort(t.story.Missing)
}
