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
	"muvpn/profile"
	"muvpn/profile/mobileconfig"
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

	file    *profile.File
	profile profile.Profile
	preview profile.Preview
	request client.Import
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
	if i.file, err = profile.Recognise(raw, mobileconfig.Format); err != nil {
		return err
	}
	if err := i.open(raw); err != nil {
		return err
	}
	i.request.Name = i.name
	for _, line := range i.preview.Lines() {
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
	i.offerDelete(path)
	return nil
}

// open finds the profile in the file, and what the service is to be given.
func (i *importing) open(raw []byte) error {
	var ignored []string
	var err error
	if i.file.Sealed == nil {
		i.profile = i.file.Profile
		i.request.Source = i.file.Format
		i.request.Plain, err = i.profile.MarshalWithSecrets()
	} else {
		ignored, err = i.unseal(raw)
	}
	if err != nil {
		return err
	}
	i.preview = i.file.Preview(i.profile, ignored)
	i.preview.Warnings = append(i.preview.Warnings, i.profile.CertificateWarnings(time.Now())...)
	return i.key()
}

// unseal opens an .EXP with its passphrase.
func (i *importing) unseal(raw []byte) (ignored []string, err error) {
	if err := i.file.Sealed.Header.CheckExpiry(time.Now()); err != nil {
		return nil, err
	}
	passphrase, err := i.passphrase()
	if err != nil {
		return nil, err
	}
	key := i.file.Sealed.DeriveKey(passphrase)
	if i.profile, ignored, err = i.file.Sealed.Open(key); err != nil {
		return nil, err
	}
	i.request.EXP, i.request.Key = raw, key.Reveal()
	if i.profile.Auth.PSK.Source == "passphrase" {
		i.request.PSK = passphrase
	}
	return ignored, nil
}

func (i *importing) passphrase() ([]byte, error) {
	if !i.passphraseStdin {
		return i.secret("Passphrase", "use --passphrase-stdin")
	}
	line, err := i.line()
	return []byte(line), err
}

// key takes the pre-shared key for a profile that does not hold its own. One
// that is not given here is asked for when connecting.
func (i *importing) key() error {
	if !i.pskStdin {
		return nil
	}
	if !i.preview.AsksPSK {
		return errors.New("--psk-stdin: the profile has a pre-shared key of its own")
	}
	line, err := i.line()
	if err != nil {
		return err
	}
	i.request.PSK = []byte(line)
	i.preview.Warnings = append(i.preview.Warnings, profile.PSKWarnings(profile.NewSecret(i.request.PSK))...)
	return nil
}

// store asks the service what storing means, asks the user what is needed for
// that, and stores.
func (i *importing) store(ctx context.Context, c *client.Client) (client.Plan, error) {
	i.request.DryRun = true
	plan, err := c.Import(ctx, i.request)
	if err != nil {
		return plan, err
	}
	for _, need := range plan.Needs {
		if err := i.consent(need, plan); err != nil {
			return plan, err
		}
	}
	i.request.DryRun, i.request.Accept = false, plan.Needs
	return c.Import(ctx, i.request)
}

// byYes are the consents that --yes gives.
var byYes = []client.Consent{client.ConsentNew, client.ConsentUpdate, client.ConsentFirstSigner}

// consent finds out whether the user agrees to one thing.
func (i *importing) consent(need client.Consent, plan client.Plan) error {
	given := i.yes && slices.Contains(byYes, need) || i.legacy && need == client.ConsentLegacy
	if given || !i.yes && i.ask != nil && i.agree(question(need, plan)) {
		return nil
	}
	return errors.New(refusal(need, plan))
}

// question is what the user is asked.
func question(need client.Consent, plan client.Plan) string {
	switch need {
	case client.ConsentUpdate:
		return fmt.Sprintf("Replace %s, serial %d, by serial %d?", plan.Name, *plan.Replaces, plan.Serial)
	case client.ConsentFirstSigner:
		return fmt.Sprintf("Files of this profile are signed by %s. Compare it with what the administrator says. Trust this signer from now on?", plan.Signer)
	case client.ConsentChangedSigner:
		return fmt.Sprintf("CAUTION: this issuer's files were signed by %s so far, this one by %s. Has the administrator told you so? Trust the new signer?", plan.OldSigner, plan.Signer)
	case client.ConsentLegacy:
		return "This profile allows broken cryptography: others can read what passes through the tunnel. Allow it?"
	}
	return fmt.Sprintf("Store it as %s?", plan.Name)
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
func (i *importing) offerDelete(path string) {
	if !i.file.HoldsClearSecrets() {
		return
	}
	if i.yes || i.ask == nil || !i.agree("The file holds secrets that anybody can read. Delete "+path+"?") {
		i.say("%s holds secrets that anybody can read: delete it, or keep it in a safe place.", path)
		return
	}
	if err := os.Remove(path); err != nil {
		i.say("muvpn: %v", err)
	}
}
