package gui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/opening"
	"muvpn/profile"
)

// Opening is all that is known of an import at one moment.
type Opening struct {
	File    string           // its name
	Broken  error            // why it cannot be imported, whatever is typed
	Header  *profile.Header  // what is on the outside of a sealed file
	Working bool             // a passphrase is being tried
	Wrong   bool             // the last one did not open the file
	Pause   time.Time        // none is tried before
	Preview *profile.Preview // what is in the file, once it is open
	KeyNote []string         // what the user should know of the key that was typed

	Absent  error        // why it cannot be asked; nil: it can
	Plan    *client.Plan // what storing would mean; nil: it has not said
	Refused error        // why it did not do what it was asked
	Storing bool
	Agreed  []client.Consent

	Stored  string // the name under which it is stored, while a file with clear secrets is left
	Path    string // where that is; empty: not known
	Lasting error  // why it could not be deleted
	Now     time.Time
}

// Stage is how far an import has come.
type Stage string

// The stages, in their order; Spoiled instead of all that follow Reading.
const (
	Reading Stage = "reading"
	Spoiled Stage = "spoiled"
	Closed  Stage = "closed" // a passphrase is asked for
	Shown   Stage = "shown"  // and may be stored
	Left    Stage = "left"   // it is stored, and its file is still there
)

// Page is all that is shown of an import.
type Page struct {
	Stage Stage
	Title string
	Below string
	// Fault is what is wrong. What the page is about is still shown.
	Fault *Failure
	// Help is what can be done about it here.
	Help Button
	Text string
	// Wrong is why the last passphrase opened nothing.
	Wrong    string
	Drawing  *Drawing
	Name     string // under which it will be stored, if the user leaves it so
	Strength []Strength
	Asks     []Ask
	AsksKey  bool // there is room for a shared key
	Notices  []Notice
	Facts    []Fact

	Hint   string // beside the buttons: what is waited for
	Main   string // the button that goes on
	Ready  bool   // it can be pressed
	Other  string // the button that leaves
	Locked bool   // it cannot be left just now
	// Until is when time alone changes what is shown; zero: never.
	Until time.Time
}

// Ask is something that the user has to agree to.
type Ask struct {
	Consent client.Consent
	Tone    Tone
	Text    string
	Yes     string // the words beside the box
}

// LookInto works out what is shown of an import.
func LookInto(o Opening, w Words) Page {
	p := Page{Stage: stage(o), Title: w("Import a profile"), Below: o.File, Other: w("Cancel"), Locked: o.Storing}
	switch p.Stage {
	case Spoiled:
		p.Fault = fileFault(o.Broken, w)
		p.Main, p.Ready, p.Other = w("Choose another file…"), true, w("Close")
	case Closed:
		p.closed(o, w)
	case Shown:
		p.open(o, w)
	case Left:
		p.left(o, w)
	default:
		p.Hint, p.Main = w("Reading the file…"), w("Import")
	}
	return p
}

func stage(o Opening) Stage {
	switch {
	case o.Stored != "":
		return Left
	case o.Broken != nil:
		return Spoiled
	case o.Preview != nil:
		return Shown
	case o.Header != nil:
		return Closed
	}
	return Reading
}

// closed is the page of a file that takes a passphrase.
func (p *Page) closed(o Opening, w Words) {
	h := *o.Header
	p.Title = cmp.Or(h.Label, p.Title)
	p.Text = w("The profile is locked. Type the passphrase that your administrator gave you.")
	p.Facts = present([]Fact{
		{w("From"), h.Issuer}, {w("Serial"), serial(h.Serial, nil, w)},
		{w("Issued"), date(h.Issued)}, {w("Valid until"), date(h.Expires)},
		{w("Signed by"), cmp.Or(profile.Fingerprint(h.Signer), w("nobody"))},
	})
	p.Main = w("Open")
	if o.Wrong {
		p.Wrong = w("Wrong passphrase, or the file was changed. Type it again with care; if that does not help, ask your administrator for a new copy.")
	}
	left := o.Pause.Sub(o.Now)
	switch {
	case o.Working:
		p.Hint = w("Opening…")
	case left > 0:
		seconds := (left + time.Second - 1) / time.Second
		p.Hint = w("After so many wrong passphrases: wait {{.Seconds}} s.", map[string]any{"Seconds": int(seconds)})
		p.Until = o.Pause.Add(-(seconds - 1) * time.Second)
	default:
		p.Ready = true
	}
}

// open is the preview.
func (p *Page) open(o Opening, w Words) {
	v := o.Preview
	p.Title, p.Name = v.Name, v.Name
	p.Below = strings.Join(nonEmpty(o.File, v.User, v.Issuer), " · ")
	p.Drawing = draw(*v, w)
	p.Strength = strengths(*v, w)
	p.AsksKey = v.AsksPSK
	p.Notices = warnings(append(slices.Clone(o.KeyNote), v.Warnings...), w)
	p.Facts = previewFacts(*v, o.Plan, w)
	p.Main = w("Import")
	if o.Refused != nil {
		p.Fault, p.Help = serviceFault(o.Refused, w), help(o.Refused, w)
	}
	switch {
	case o.Storing:
		p.Hint = w("Storing the profile…")
	case o.Absent != nil:
		p.Fault = serviceFault(o.Absent, w)
		p.Fault.Admin, p.Fault.Code = "", "" // the main window says it all
		p.Hint = w("The profile can be imported as soon as the service answers.")
	case o.Plan == nil && o.Refused != nil:
		p.Main, p.Ready = w("Try again"), true
	case o.Plan == nil:
		p.Hint = w("Asking the service…")
	}
	if o.Plan != nil {
		p.planned(o, w)
	}
}

// planned is what the preview shows of the service's plan.
func (p *Page) planned(o Opening, w Words) {
	p.Name = o.Plan.Name
	if o.Plan.Replaces != nil {
		p.Main = w("Replace")
		p.Text = consentText(client.ConsentUpdate, *o.Plan, w)
	}
	missing := false
	for _, need := range o.Plan.Needs {
		if byButton(need) {
			continue
		}
		p.Asks = append(p.Asks, ask(need, *o.Plan, w))
		missing = missing || !slices.Contains(o.Agreed, need)
	}
	switch {
	case o.Storing || o.Absent != nil:
	case missing:
		p.Hint = w("First agree to what is asked above, if you do.")
	default:
		p.Ready = true
	}
}

// left is the page after a file with secrets for everybody to read was imported.
func (p *Page) left(o Opening, w Words) {
	p.Title = w("{{.Name}} is stored", map[string]any{"Name": o.Stored})
	p.Notices = []Notice{{Tone: Warn, Text: w("The file holds secrets that anybody can read. Delete it, or keep it in a safe place.")}}
	p.Main, p.Ready = w("Keep the file"), true
	p.Other = w("Delete the file")
	if o.Lasting != nil {
		p.Fault = &Failure{What: w("The file could not be deleted."), Seen: o.Lasting.Error(), User: w("Delete it yourself.")}
	}
	if o.Path == "" || o.Lasting != nil {
		p.Main, p.Other = w("Close"), ""
	}
}

// byButton says that pressing the button is the consent.
func byButton(c client.Consent) bool { return c == client.ConsentNew || c == client.ConsentUpdate }

// ask is what is asked for a consent. A changed signer and broken cryptography
// stand out.
func ask(need client.Consent, plan client.Plan, w Words) Ask {
	a := Ask{Consent: need, Tone: Quiet, Text: consentText(need, plan, w), Yes: w("Yes")}
	switch need {
	case client.ConsentFirstSigner:
		a.Yes = w("Yes, trust this signer")
	case client.ConsentChangedSigner:
		a.Tone, a.Yes = Bad, w("Yes, my administrator has told me so")
	case client.ConsentLegacy:
		a.Tone, a.Yes = Bad, w("Yes, allow broken cryptography")
	}
	return a
}

func consentText(need client.Consent, plan client.Plan, w Words) string {
	q := opening.Ask(need, plan)
	return w(q.Text, q.Data)
}

// strengths are the weakest and the best connection that the profile allows; one,
// if they are the same.
func strengths(v profile.Preview, w Words) []Strength {
	worst, best := allowed(v.Weakest, w), allowed(v.Best, w)
	if v.Weakest == v.Best {
		return []Strength{worst}
	}
	worst.Word = w("At worst: {{.Strength}}", map[string]any{"Strength": worst.Word})
	best.Word = w("At best: {{.Strength}}", map[string]any{"Strength": best.Word})
	return []Strength{worst, best}
}

// allowed is a strength of a connection that there may be.
func allowed(s profile.Strength, w Words) Strength {
	v := *strength(client.Strength(s.String()), w)
	switch s {
	case profile.Broken:
		v.Sentence = w("Others can read what passes: DES, MD5 or group 1 is allowed.")
	case profile.Aging:
		v.Sentence = w("Good enough for now: 3DES, SHA-1, a small group or Aggressive Mode with a shared key is allowed.")
	}
	return v
}

func warnings(texts []string, w Words) []Notice {
	var list []Notice
	for _, text := range texts {
		list = append(list, Notice{Tone: Warn, Text: known(text, w)})
	}
	return list
}

// known translates a sentence of package profile. One that holds something out of
// the file stays as it is: it is no template.
func known(text string, w Words) string {
	if strings.Contains(text, "{{") {
		return text
	}
	return w(text)
}

// previewFacts are the details, the most important first.
func previewFacts(v profile.Preview, plan *client.Plan, w Words) []Fact {
	facts := []Fact{
		{w("Signed by"), signer(v, plan, w)},
		{w("From"), v.Issuer},
		{w("Serial"), serial(v.Serial, plan, w)},
		{w("Valid until"), moment(v.Expires)},
		{w("Gateway"), strings.Join(v.Gateways, ", ")},
		{w("Identity"), described(v.Identity, w)},
		{w("Certificate"), v.Certificate},
		{w("Virtual IP"), described(v.VirtualIP, w)},
		{w("Networks"), networks(v.Networks, w)},
		{w("Exchange"), v.Exchange},
		{w("Phase 1"), strings.Join(v.IKE, ", ")},
		{w("Phase 2"), strings.Join(v.ESP, ", ")},
		{w("Preset"), v.Preset},
		{w("Support"), v.Support},
		{w("File"), v.Format},
	}
	return present(facts)
}

// signer is who signed the file, and what the service knows of them.
func signer(v profile.Preview, plan *client.Plan, w Words) string {
	who := cmp.Or(v.Signer, w("nobody"))
	if plan == nil {
		return who
	}
	switch opening.TrustOf(*plan) {
	case opening.FirstUse:
		return w("{{.Signer}}, for the first time on this computer", map[string]any{"Signer": who})
	case opening.Changed:
		return w("{{.Signer}}, but so far by {{.Old}}", map[string]any{"Signer": who, "Old": plan.OldSigner})
	case opening.Known:
		return w("{{.Signer}}, known on this computer", map[string]any{"Signer": who})
	}
	return who
}

// serial is the number of the issue, and of the one that it replaces.
func serial(n uint64, plan *client.Plan, w Words) string {
	numbers := map[string]any{"Serial": n}
	switch {
	case plan != nil && plan.Replaces != nil:
		numbers["Old"] = *plan.Replaces
		return w("{{.Serial}}, replaces {{.Old}}", numbers)
	case n == 0:
		return ""
	}
	return w("{{.Serial}}", numbers)
}

// described translates what package profile says where the file names nothing.
func described(text string, w Words) string {
	switch text {
	case "the name in the certificate", "this computer's address", "given by the gateway", "everything", "as the gateway says":
		return w(text)
	}
	return text
}

func networks(list []string, w Words) string {
	if len(list) == 1 {
		return described(list[0], w)
	}
	return strings.Join(list, ", ")
}

// pauseLength is how long no passphrase is tried after every fifth wrong one. It
// is a courtesy to who types: what protects the file is what a try costs.
const pauseLength = 30 * time.Second

// pause is until when no passphrase is tried after so many wrong ones.
func pause(tries int, now time.Time) time.Time {
	if tries%5 != 0 {
		return time.Time{}
	}
	return now.Add(pauseLength)
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return date(*t)
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
