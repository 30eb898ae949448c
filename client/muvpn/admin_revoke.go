package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

const aboutRevoke = `Mark a user as revoked: muvpn admin issue makes no profile for the user any more
and leaves the user out of the gateway's files, even while the row stands in the
roster. The virtual IP is given to nobody else. Without USER the revoked users
are listed.

A profile that was given out still opens. It is the gateway that must no longer
let it in: issue again, and give the gateway its new files. The user's certificates
go on the list of revoked ones, and stay there.`

func adminRevokeCommand(a *app) *cobra.Command {
	var undo bool
	r := &issueRun{app: a}
	cmd := &cobra.Command{
		Use:   "revoke [USER] --site FILE",
		Short: "Mark a user as revoked, or list the revoked users",
		Long:  aboutRevoke,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return failed(r.revoke(first(args), undo))
		},
	}
	cmd.Flags().StringVar(&r.siteFile, "site", "", "the site `FILE`")
	cmd.Flags().BoolVar(&undo, "undo", false, "take the mark away: the user gets a new profile, with new secrets, the next time")
	cmd.MarkFlagRequired("site")
	return cmd
}

func (r *issueRun) revoke(user string, undo bool) error {
	if user == "" {
		return r.listRevoked()
	}
	release, err := r.alone()
	if err != nil {
		return err
	}
	defer release()
	if err := r.recover(); err != nil {
		return err
	}
	state, err := r.readState()
	if err != nil {
		return err
	}
	done := "%s is revoked. Issue again, and give the gateway its new files: until then it still lets the user in."
	if undo {
		done = "%s is not revoked any more. Issue again: the user gets a new profile."
		err = state.Restore(user)
	} else {
		err = state.Revoke(user, time.Now())
	}
	if err == nil {
		err = r.writeState(state, r.state, nil)
	}
	if err == nil {
		r.say(done, user)
	}
	return err
}

// listRevoked looks at the state and locks nothing: to look is always allowed, also
// where nothing can be written.
func (r *issueRun) listRevoked() error {
	if _, err := os.Stat(r.siteFile); err != nil {
		return err // nobody is revoked at a site whose name is mistyped
	}
	if _, err := os.Lstat(journalOf(r.siteFile)); err == nil {
		r.say("Another muvpn admin is at work, or was interrupted: what it changes is not in this list yet.")
	}
	state, err := r.readState()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(r.app.out, 0, 0, 2, ' ', 0)
	some := false
	for _, name := range slices.Sorted(maps.Keys(state.Users)) {
		u := state.Users[name]
		if u.Revoked.IsZero() {
			continue
		}
		if !some {
			fmt.Fprintln(table, "USER\tREVOKED\tSERIAL\tVIRTUAL IP\tUUID")
		}
		some = true
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", name, u.Revoked.Format(time.DateOnly), u.Serial, u.VirtualIP, u.UUID)
	}
	if !some {
		r.say("Nobody is revoked.")
	}
	return table.Flush()
}
