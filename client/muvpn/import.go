package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client"
	"muvpn/client/opening"
	"muvpn/profile"
)

const aboutImport = `Import a profile: an .EXP, or a file of another client: Shrew Soft .vpn (which a
Firebox exports), Cisco .pcf, vpnc .conf, Apple .mobileconfig, FRITZ!Box .cfg,
NCP .ini, a SafeNet policy; or plain TOML. The kind of file is found by its
content, and whatever is not taken over is named.

The file is opened here, shown on standard error, and only then given to the
service. Nothing is stored before you have agreed. The name under which it is
stored is printed on standard output.`

const importExamples = `  muvpn import lisa.exp
  muvpn import lisa.exp --passphrase-stdin --yes < passphrase.txt
  muvpn import firebox.vpn --name Office --legacy`

// importing is one import under way.
type importing struct {
	*app
	name                      string
	passphraseStdin, pskStdin bool
	yes, legacy               bool

	file   *opening.File
	opened *opening.Opened
}

func importCommand(a *app) *cobra.Command {
	i := &importing{app: a}
	cmd := &cobra.Command{
		Use:     "import FILE",
		Short:   "Store a profile",
		Long:    aboutImport,
		Example: importExamples,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return failed(i.run(cmd.Context(), args[0]))
		},
	}
	f := cmd.Flags()
	f.StringVar(&i.name, "name", "", "store it under this `NAME` instead of its own")
	f.BoolVar(&i.passphraseStdin, "passphrase-stdin", false, "read the passphrase from the first line of standard input")
	f.BoolVar(&i.pskStdin, "psk-stdin", false, "read the pre-shared key from standard input, the line after the passphrase if both are there")
	f.BoolVar(&i.yes, "yes", false, "ask nothing: accept a new profile, a newer serial, a first signer and warnings; never a changed signer or broken cryptography")
	f.BoolVar(&i.legacy, "legacy", false, "accept a profile that allows broken cryptography (DES, MD5, group 1)")
	return cmd
}

// run opens, shows, asks and stores. The file is opened before the service is
// asked, so that a bad file is named as such even when no service runs.
func (i *importing) run(ctx context.Context, path string) error {
	raw, err := profile.ReadFile(path)
	if err != nil {
		return err
	}
	if i.file, err = opening.Recognise(raw, time.Now()); err != nil {
		return err
	}
	defer i.file.Wipe()
	if err := i.open(ctx); err != nil {
		return err
	}
	defer i.opened.Wipe()
	if err := i.key(ctx); err != nil {
		return err
	}
	for _, line := range i.opened.Preview.Lines() {
		i.say("%s", line)
	}
	c, err := i.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	plan, err := i.store(ctx, c)
	if err != nil {
		return err
	}
	fmt.Fprintln(i.out, plan.Name)
	i.offerDelete(ctx, path)
	return nil
}

// open opens the file, an .EXP with its passphrase.
func (i *importing) open(ctx context.Context) (err error) {
	var passphrase []byte
	if i.file.Header() != nil {
		if passphrase, err = i.passphrase(ctx); err != nil {
			return err
		}
	}
	defer clear(passphrase)
	i.opened, err = i.file.Open(passphrase, time.Now())
	return err
}

func (i *importing) passphrase(ctx context.Context) ([]byte, error) {
	if !i.passphraseStdin {
		return i.secret(ctx, "Passphrase", "use --passphrase-stdin")
	}
	line, err := i.line(ctx)
	return []byte(line), err
}

// key takes the pre-shared key for a profile that does not hold its own. One
// that is not given here is asked for when connecting.
func (i *importing) key(ctx context.Context) error {
	if !i.pskStdin {
		return nil
	}
	v := &i.opened.Preview
	if !v.AsksPSK {
		return errors.New("--psk-stdin: the profile has a pre-shared key of its own")
	}
	line, err := i.line(ctx)
	if err != nil {
		return err
	}
	v.Warnings = append(v.Warnings, i.opened.SetPSK([]byte(line))...)
	return nil
}

// store asks the service what storing means, asks the user what is needed for
// that, and stores.
func (i *importing) store(ctx context.Context, c *client.Client) (client.Plan, error) {
	plan, err := send(ctx, c, i.opened.DryRun(i.name))
	if err != nil {
		return plan, err
	}
	for _, need := range plan.Needs {
		if err := i.consent(ctx, need, plan); err != nil {
			return plan, err
		}
	}
	return send(ctx, c, i.opened.Store(i.name, plan.Needs))
}

func send(ctx context.Context, c *client.Client, request client.Import) (client.Plan, error) {
	defer opening.Wipe(&request)
	return c.Import(ctx, request)
}

// byYes are the consents that --yes gives.
var byYes = []client.Consent{client.ConsentNew, client.ConsentUpdate, client.ConsentFirstSigner}

// consent finds out whether the user agrees to one thing.
func (i *importing) consent(ctx context.Context, need client.Consent, plan client.Plan) error {
	given := i.yes && slices.Contains(byYes, need) || i.legacy && need == client.ConsentLegacy
	if given || !i.yes && i.ask != nil && i.agree(ctx, opening.Ask(need, plan).String()) {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.New(refusal(need, plan))
}

// refusal says what was not agreed to, and how to agree without being asked.
func refusal(need client.Consent, plan client.Plan) string {
	switch need {
	case client.ConsentChangedSigner:
		return fmt.Sprintf("nothing was stored: the file is signed by %s, this issuer's files so far by %s; ask your administrator, and import it at a terminal without --yes", plan.Signer, plan.OldSigner)
	case client.ConsentLegacy:
		return "nothing was stored: the profile allows broken cryptography (DES, MD5 or group 1); --legacy accepts that"
	}
	return "nothing was stored: --yes accepts " + strings.ReplaceAll(string(need), "-", " ") + " without asking"
}

// offerDelete offers to delete a file that holds secrets for everybody to
// read.
func (i *importing) offerDelete(ctx context.Context, path string) {
	if !i.file.HoldsClearSecrets() {
		return
	}
	if i.yes || i.ask == nil || !i.agree(ctx, "The file holds secrets that anybody can read. Delete "+path+"?") {
		i.say("%s holds secrets that anybody can read: delete it, or keep it in a safe place.", path)
		return
	}
	if err := os.Remove(path); err != nil {
		i.say("muvpn: %v", err)
	}
}
