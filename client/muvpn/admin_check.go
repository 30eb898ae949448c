package main

import (
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client/issuing/planning"
	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

const aboutCheck = `Look at a site file, and at the roster if one is named, for what will not work or
not work well: before the first profile is made, and after every change.

  addresses   virtual IPs that are given twice, in use or out of place; a pool
              that is too small, or leaves nothing for new users
  networks    overlapping ones, those that many people have at home, secondary
              ones, DNS servers that the tunnel does not lead to
  security    weak algorithms, short keys, what Aggressive Mode gives away
  users       systems that the client does not run on, profiles that end soon,
              missing e-mail addresses

A FAULT keeps somebody from connecting, or is refused by muvpn admin issue;
advice is what to look at. Each is told with its key in the site file or its cell
in the roster, all at once. What is remembered of the last issue beside the site
file counts, if it is there. Nothing is changed, and nobody is asked.

Exit codes: 0 no fault, with advice or without; 1 faults; 2 wrong use.`

func adminCheckCommand(a *app) *cobra.Command {
	r := &issueRun{app: a}
	cmd := &cobra.Command{
		Use:   "check --site FILE [--roster FILE]",
		Short: "Find what will not work, before it is rolled out",
		Long:  aboutCheck,
		Example: `  muvpn admin check --site site.toml
  muvpn admin check --site site.toml --roster users.xlsx`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return failed(r.check()) },
	}
	r.planFlags(cmd)
	a.jsonFlag(cmd, "print JSON")
	return cmd
}

// planFlags are those of the commands that only look.
func (r *issueRun) planFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.siteFile, "site", "", "the site `FILE` (muvpn admin init)")
	cmd.Flags().StringVar(&r.rosterFile, "roster", "", "the `FILE` with the users: .xlsx or CSV; without it only the site is looked at")
	cmd.MarkFlagRequired("site")
}

// check tells all that is found, and fails if there is a fault.
func (r *issueRun) check() error {
	report, err := r.lookAt()
	if err != nil {
		return err
	}
	if r.json {
		report.Findings = append([]planning.Finding{}, report.Findings...) // [] and not null
		r.printJSON(report)
	} else if _, err := io.WriteString(r.app.out, report.Text(r.siteFile, r.rosterFile)); err != nil {
		return err
	}
	if report.Count(planning.Fault) > 0 {
		return shown{errors.New("there are faults")}
	}
	return nil
}

// lookAt reads what there is and checks it. Of a site file that is refused only
// that is told, and what is wrong with the roster by itself.
func (r *issueRun) lookAt() (planning.Report, error) {
	text, err := profile.ReadFile(r.siteFile)
	if err != nil {
		return planning.Report{}, err
	}
	plan := planning.Plan{Now: time.Now()}
	if r.rosterFile != "" {
		plan.Roster = new(roster.List)
		if *plan.Roster, plan.Faults, err = r.readRoster(); err != nil {
			return planning.Report{}, err
		}
	}
	if plan.Site, err = r.parseSite(text); err != nil {
		r.say("The site file has faults: what else is wrong is told when they are mended.")
		return planning.Report{Findings: append(planning.OfSite(err), planning.OfRoster(plan.Faults)...)}, nil
	}
	if plan.State, err = r.readState(); err != nil {
		return planning.Report{}, err
	}
	r.site = plan.Site
	lacking := r.keyFiles(&plan)
	report, err := planning.Check(plan)
	for _, f := range lacking {
		report.Add(f)
	}
	return report, err
}

// keyFiles looks for the signer and the authority, without which nothing is issued.
func (r *issueRun) keyFiles(plan *planning.Plan) (lacking []planning.Finding) {
	lacks := func(key string, err error) {
		if err != nil {
			lacking = append(lacking, planning.Finding{Kind: planning.Refused, Severity: planning.Fault, Part: planning.Site, Where: key, Wrong: err.Error(), Do: "without it muvpn admin issue makes nothing"})
		}
	}
	if r.site.Signer != "" {
		_, err := r.signerKey()
		lacks("site.signer", err)
	}
	if plan.Roster != nil && r.site.NeedsAuthority(*plan.Roster, plan.State, plan.Now) {
		var err error
		if plan.Authority, err = r.authority(); err == nil {
			err = r.ofNoOther(plan.Authority)
		}
		lacks("site.authority", err)
	}
	return lacking
}
