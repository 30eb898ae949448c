package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client/issuing"
	"muvpn/client/issuing/chart"
	"muvpn/client/issuing/roster"
)

const aboutMap = `Draw who may reach what, as one SVG file for any browser: users at home, the
gateway with its pool, and the networks behind it, with their names from
site.networks in the site file. Users who reach the same are one group; who is
revoked is left out. Without a roster everybody is one group.

The file holds no script, asks for nothing elsewhere, suits light and dark
screens, and says in words what it shows. The same site and roster give the same
file. A roster with faults is not drawn: muvpn admin check tells them.`

func adminMapCommand(a *app) *cobra.Command {
	var file string
	r := &issueRun{app: a}
	cmd := &cobra.Command{
		Use:   "map --site FILE [--roster FILE] [--out FILE.svg]",
		Short: "Draw who may reach what",
		Long:  aboutMap,
		Example: `  muvpn admin map --site site.toml --roster users.xlsx --out map.svg
  muvpn admin map --site site.toml > map.svg`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return failed(r.drawMap(file)) },
	}
	r.planFlags(cmd)
	cmd.Flags().StringVar(&file, "out", "", "write into this `FILE`, which must not be there yet; without it, to standard output")
	return cmd
}

// drawMap draws what issue would make.
func (r *issueRun) drawMap(file string) error {
	site, err := r.readSite()
	if err != nil {
		return err
	}
	issue, list, err := r.draft(site)
	if err != nil {
		return err
	}
	picture, err := chart.New(site, issue, list).SVG()
	if err != nil {
		return err
	}
	if file == "" {
		_, err = r.app.out.Write(picture)
		return err
	}
	if err := writeNew(file, 0o600, picture); err != nil {
		return err
	}
	r.say("%s is written.", file)
	return nil
}

// draft is what an issue would be; nil: there is no roster.
func (r *issueRun) draft(site issuing.Site) (*issuing.Issue, roster.List, error) {
	if r.rosterFile == "" {
		return nil, roster.List{}, nil
	}
	state, err := r.readState()
	if err != nil {
		return nil, roster.List{}, err
	}
	list, found, err := r.readRoster()
	if err != nil {
		return nil, list, err
	}
	issue, faults, err := issuing.Draft(issuing.Order{Site: site, Roster: list, State: state, Now: time.Now()}, found)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("nothing was drawn, for %s has faults: muvpn admin check tells them", r.rosterFile)
	}
	return issue, list, err
}
