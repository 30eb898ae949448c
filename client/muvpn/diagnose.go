package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"muvpn/client"
	"muvpn/client/reason"
)

const aboutDiagnose = `Look at everything that a connection needs, a line each: the profile, the
clock, the gateway's name, the way to it, whether it answers on UDP 500 and 4500,
address translation on the way, how long packets may be, clashes with the network
you are in, the virtual interface and the ports of this computer; and while
connected whether addresses, routes and DNS are still as they were set, and
whether anything comes through the tunnel.

It changes nothing, ends no connection and takes up to twenty seconds. Nobody but
the profile's own gateway and this computer's name server is asked. Without NAME
the only profile, or the last one used, is meant.

Exit codes: 0 nothing is wrong, 1 something is: what the first such thing means is
explained on standard error.`

func diagnoseCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "diagnose [NAME]",
		Short:             "Find out why it does not connect",
		Long:              aboutDiagnose,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.profileNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return failed(a.diagnose(cmd.Context(), first(args)))
		},
	}
	a.jsonFlag(cmd, "print JSON")
	return cmd
}

// diagnose asks the service, whose absence is a finding, too.
func (a *app) diagnose(ctx context.Context, name string) error {
	c, err := a.dial(ctx)
	if err != nil {
		if found, ok := noService(err); ok && !a.json {
			a.printDiagnosis(found)
		}
		return err
	}
	defer c.Close()
	found, err := c.Diagnose(ctx, client.Diagnose{Profile: name})
	if err != nil {
		return err
	}
	found.Checks = append([]client.Check{serviceCheck(c.Hello())}, found.Checks...)
	if a.json {
		a.printJSON(found)
	} else {
		a.printDiagnosis(found)
	}
	if r := found.Worst(); r != nil {
		return a.found(r)
	}
	return nil
}

// found is a Reason of which the JSON was printed already.
func (a *app) found(r *reason.Reason) error {
	if a.json {
		return shown{r}
	}
	fmt.Fprintln(a.err)
	return r
}

// shown is an error that the user has seen.
type shown struct{ error }

// noService is the diagnosis when no service can be asked.
func noService(err error) (client.Diagnosis, bool) {
	var r *reason.Reason
	if !errors.As(err, &r) {
		return client.Diagnosis{}, false
	}
	return client.Diagnosis{Checks: []client.Check{{Name: "service", Verdict: client.Wrong, Text: r.Seen, Reason: r}}}, true
}

// serviceCheck is that the service runs, and whether it is of this release.
func serviceCheck(h client.Hello) client.Check {
	c := client.Check{Name: "service", Verdict: client.Good, Text: h.Program + " " + h.Version + " is running"}
	if h.Version != client.Build() {
		c.Verdict = client.Doubt
		c.Text += ", while this is muvpn " + client.Build() + ": install both from the same release, and restart the service after an update"
	}
	return c
}

// words are the verdicts for people.
var words = map[client.Verdict]string{client.Good: "ok", client.Doubt: "look", client.Wrong: "WRONG", client.Skipped: "-"}

func (a *app) printDiagnosis(d client.Diagnosis) {
	switch {
	case d.Profile == "":
		fmt.Fprintln(a.out, "Diagnosis")
	case d.Connected:
		fmt.Fprintf(a.out, "Diagnosis of %s, connected\n", d.Profile)
	default:
		fmt.Fprintf(a.out, "Diagnosis of %s, not connected\n", d.Profile)
	}
	for _, c := range d.Checks {
		fmt.Fprintf(a.out, "  %-6s %-10s %s\n", words[c.Verdict], c.Name, c.Text)
	}
	if d.Profile != "" && d.Worst() == nil {
		fmt.Fprintln(a.out, "Nothing is wrong.")
	}
}
