package opening

import (
	"strings"
	"text/template"

	"muvpn/client"
)

// Question is what the user is asked before something is agreed to, in English:
// a template, and the data for it, so that the window can translate it.
type Question struct {
	Text string
	Data map[string]any
}

// String is the question in English.
func (q Question) String() string {
	var b strings.Builder
	if err := template.Must(template.New("").Parse(q.Text)).Execute(&b, q.Data); err != nil {
		panic("opening: " + err.Error()) // the texts are ours
	}
	return b.String()
}

// Ask is the question that goes with a consent which a plan needs.
func Ask(need client.Consent, plan client.Plan) Question {
	switch need {
	case client.ConsentUpdate:
		return replace(plan)
	case client.ConsentFirstSigner:
		return Question{"Files of this profile are signed by {{.Signer}}. Compare it with what the administrator says. Trust this signer from now on?",
			map[string]any{"Signer": plan.Signer}}
	case client.ConsentChangedSigner:
		return changedSigner(plan)
	case client.ConsentLegacy:
		return Question{Text: "This profile allows broken cryptography: others can read what passes through the tunnel. Allow it?"}
	}
	return Question{"Store it as {{.Name}}?", map[string]any{"Name": plan.Name}}
}

func replace(plan client.Plan) Question {
	old := uint64(0)
	if plan.Replaces != nil {
		old = *plan.Replaces
	}
	return Question{"Replace {{.Name}}, serial {{.Old}}, by serial {{.New}}?", map[string]any{"Name": plan.Name, "Old": old, "New": plan.Serial}}
}

func changedSigner(plan client.Plan) Question {
	if plan.Signer == "" {
		return Question{"CAUTION: this issuer's files were signed by {{.Old}} so far, this one by nobody. Has the administrator told you so? Accept it without a signature?",
			map[string]any{"Old": plan.OldSigner}}
	}
	return Question{"CAUTION: this issuer's files were signed by {{.Old}} so far, this one by {{.Signer}}. Has the administrator told you so? Trust the new signer?",
		map[string]any{"Old": plan.OldSigner, "Signer": plan.Signer}}
}

// Trust is what the service knows of whoever signed a file.
type Trust string

// The degrees of trust.
const (
	Unsigned Trust = "unsigned" // nobody signed
	FirstUse Trust = "first"    // never seen before
	Known    Trust = "known"    // has signed before, or was installed with this computer
	Changed  Trust = "changed"  // the issuer had another signer, or one at all, before
)

// TrustOf reads a plan.
func TrustOf(plan client.Plan) Trust {
	for _, need := range plan.Needs {
		switch need {
		case client.ConsentFirstSigner:
			return FirstUse
		case client.ConsentChangedSigner:
			return Changed
		}
	}
	if plan.Signer == "" {
		return Unsigned
	}
	return Known
}
