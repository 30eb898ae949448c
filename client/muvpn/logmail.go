package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client"
	"muvpn/client/mail"
)

const aboutLogMail = `Make an e-mail with the log for the people who support this connection: a
summary of what has happened, and the log as text and as JSON Lines. It is
shown, and after you have agreed it is opened in your mail program, where you
can change it and send it. Nothing is sent by muvpn itself.

It is addressed to the support that the profile names. Keys and passwords are
never in it; user names and addresses are, unless --redact is given.

Without a mail program the file can be attached to a message by hand. With --out
it is written to a file, and nothing is asked or opened.`

// mailing is one `muvpn log mail`.
type mailing struct {
	*app
	mail.Options
	path string // --out
}

func logMailCommand(a *app) *cobra.Command {
	m := &mailing{app: a}
	cmd := &cobra.Command{
		Use:   "mail",
		Short: "Make an e-mail with the log for the support",
		Long:  aboutLogMail,
		Example: `  muvpn log mail
  muvpn log mail --redact --to helpdesk@example.com
  muvpn log mail --out log.eml`,
		Args: cobra.NoArgs,
		RunE: a.action(m.run),
	}
	f := cmd.Flags()
	f.StringVar(&m.To, "to", "", "`ADDRESS` instead of the support that the profile names")
	f.StringVar(&m.path, "out", "", "write the message to this `FILE`, which must not be there yet, and open nothing; - is standard output")
	f.BoolVar(&m.Redact, "redact", false, "put placeholders in the place of user names and inner addresses, the same for the same")
	return cmd
}

// run collects, shows, asks, saves and opens.
func (m *mailing) run(ctx context.Context, c *client.Client, _ []string) error {
	r, err := mail.Collect(ctx, c, m.Options)
	if err != nil {
		return err
	}
	message, err := r.Message()
	if err != nil {
		return err
	}
	if m.path == "-" {
		_, err = m.out.Write(message)
		return err
	}
	m.show(r)
	if m.path != "" {
		return m.save(m.path, message)
	}
	if m.ask == nil {
		return errors.New("nothing was made: there is no terminal to ask at; --out FILE writes the message without asking")
	}
	if !m.agree(ctx, "Open it in your mail program?") {
		m.say("Nothing was made. --out FILE writes it to a file, --redact hides user names and addresses.")
		return nil
	}
	path := filepath.Join(mail.Folder(), r.FileName(time.Now()))
	if err := m.save(path, message); err != nil {
		return err
	}
	return m.open(path, r)
}

// show shows all that is going to be in the message, but for the log itself,
// which is what `muvpn log` prints.
func (m *mailing) show(r *mail.Report) {
	to := "(nobody: type the address into the message, or use --to)"
	switch {
	case r.To != nil:
		to = r.To.Address
	case r.Support != "":
		to = "(the profile's support is no e-mail address: " + r.Support + ")"
	}
	m.say("To: %s\nSubject: %s\n", to, r.Subject())
	m.say("%s", strings.TrimRight(r.Summary(), "\n"))
	see := "muvpn log"
	if m.Redact {
		see += " --redact"
	}
	m.say("\nThe attached log is what %s prints.", see)
}

// save writes the message and says where it is.
func (m *mailing) save(path string, message []byte) error {
	if err := mail.Save(path, message); err != nil {
		return err
	}
	fmt.Fprintln(m.out, path)
	return nil
}

// open opens the message, which is there in any case.
func (m *mailing) open(path string, r *mail.Report) error {
	err := mail.Open(path, r)
	if errors.Is(err, mail.ErrNoProgram) {
		m.say("No mail program was found here. Attach the file to a message of your own.")
		return nil
	}
	if err == nil {
		m.say("It is in your mail program now: read it, and send it from there. The file can be deleted afterwards.")
	}
	return err
}
