package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"muvpn/client/explain/logs"
	"muvpn/client/explain/sessions"
)

const aboutSessions = `List from the log of a Firebox, or of muvpn-testgw, who was logged in: when, from
which address, with which virtual IP, how much passed, until when, and why it
ended. - is standard input.

Times are the gateway's. Bytes are those that the log counts: a Firebox of 2001
writes none, Fireware those of connections whose log message is turned on.`

func adminSessionsCommand(a *app) *cobra.Command {
	var asCSV bool
	cmd := &cobra.Command{
		Use:   "sessions FIREBOX.LOG",
		Short: "List who was logged in, from the gateway's log",
		Long:  aboutSessions,
		Example: `  muvpn admin sessions firebox.log
  muvpn admin sessions firebox.log --csv > sessions.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if a.json && asCSV {
				return errors.New("--json or --csv, not both")
			}
			return failed(a.sessions(args[0], asCSV))
		},
	}
	a.jsonFlag(cmd, "print JSON")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "print CSV, for a spreadsheet")
	return cmd
}

// sessions reads the log and lists them.
func (a *app) sessions(path string, asCSV bool) error {
	l, err := a.readLog(path)
	if err != nil {
		return err
	}
	if l.Format != logs.Firebox {
		return fmt.Errorf("%s is not the log of a Firebox", l.Name)
	}
	all := sessions.Of(l)
	text := sessions.Text(all)
	switch {
	case a.json:
		a.printJSON(append([]*sessions.Session{}, all...)) // [] and not null
		text = ""
	case asCSV:
		if text, err = sessions.CSV(all); err != nil {
			return err
		}
	case len(all) == 0:
		text = "The log tells of nobody who logged in.\n"
	}
	if _, err := io.WriteString(a.out, text); err != nil {
		return err
	}
	if l.Unread > 0 || l.Cut {
		a.say("%d of %d lines could not be read.", l.Unread, l.Lines)
	}
	return nil
}
