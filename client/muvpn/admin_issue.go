package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client/issuing"
	"muvpn/client/issuing/commit"
	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

const aboutIssue = `Make the profiles of all users in a roster, an Excel workbook or CSV whose first
row names the columns:

  user, name, e-mail, virtual IP, secret, networks, expires, equipment, OS, notes,
  keep/rotate, method

Only user must be there. A blank virtual IP becomes the next free one of the
site's pool, a blank secret a generated key; networks and expires take the place
of the site's. keep (or nothing) keeps the secrets of the last time, rotate makes
new ones; the method psk is a shared key, rsa a certificate (muvpn admin ca).
Every fault is told with its cell, all at once, and then nothing is written.

The folder --out gets USER.exp, and for each an instruction sheet and a receipt
to sign. The folder --secrets, which nobody else may read, gets the passphrases,
the keys, and in gateway/ what the gateway needs: swanctl.conf, a list for a
Firebox, certificates, a file for muvpn-testgw and a checklist. The keys are
nowhere else: back the folder up, and name the same one each time. In p12/ are
the certificates of users once more, for other clients, under the same passphrase.

Beside the site file, SITE.state.json remembers serials and virtual IPs. Only who
has changed is issued again, and --all issues everybody. The paths of the
profiles made are printed on standard output.`

const issueExamples = `  muvpn admin issue --site site.toml --roster users.xlsx --out profiles --secrets secrets`

// issueRun is one run of muvpn admin issue.
type issueRun struct {
	*app
	siteFile, rosterFile, out, secrets string
	sameFolder, all, stdin, newKey     bool

	site  issuing.Site
	state []byte // as it was read
}

func adminIssueCommand(a *app) *cobra.Command {
	r := &issueRun{app: a}
	cmd := &cobra.Command{
		Use:     "issue --site FILE --roster FILE --out DIR --secrets DIR",
		Short:   "Make the profiles of all users in a spreadsheet",
		Long:    aboutIssue,
		Example: issueExamples,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return failed(r.run(cmd.Context())) },
	}
	f := cmd.Flags()
	f.StringVar(&r.siteFile, "site", "", "the site `FILE` (muvpn admin init)")
	f.StringVar(&r.rosterFile, "roster", "", "the `FILE` with the users: .xlsx or CSV")
	f.StringVar(&r.out, "out", "", "`DIR` for what goes to the users")
	f.StringVar(&r.secrets, "secrets", "", "`DIR` for passphrases, keys and what the gateway needs")
	f.BoolVar(&r.sameFolder, "same-folder", false, "allow --secrets to be --out, or within it")
	f.BoolVar(&r.all, "all", false, "issue everybody again, changed or not")
	f.BoolVar(&r.newKey, "new-gateway-key", false, "revoke the gateway's certificate, and make it another with a new key")
	f.BoolVar(&r.stdin, "passphrase-stdin", false, "read the passphrase of the signer's file from the first line of standard input, that of the authority's from the next; where the site has no signer, the authority's from the first")
	for _, name := range []string{"site", "roster", "out", "secrets"} {
		cmd.MarkFlagRequired(name)
	}
	return cmd
}

func (r *issueRun) run(ctx context.Context) error {
	if err := r.apart(); err != nil {
		return err
	}
	if err := r.ownFolder(); err != nil {
		return err
	}
	release, err := r.alone()
	if err != nil {
		return err
	}
	defer release()
	if err := r.recover(); err != nil {
		return err
	}
	issue, err := r.plan()
	if err != nil {
		return err
	}
	for _, notice := range issue.Notices {
		r.say("%s", notice)
	}
	signer, err := r.unlocked(ctx, issue)
	if err != nil {
		return err
	}
	defer clear(signer)
	sealed, err := r.seal(ctx, issue, signer)
	if err != nil {
		return err
	}
	if err := r.write(issue, sealed); err != nil {
		return err
	}
	return r.report(issue)
}

// apart refuses to put the passphrases where the files are that they open.
func (r *issueRun) apart() error {
	out, err := realPath(r.out)
	if err != nil {
		return err
	}
	secrets, err := realPath(r.secrets)
	if err != nil {
		return err
	}
	within, err := filepath.Rel(out, secrets)
	if r.sameFolder || err != nil || within == ".." || strings.HasPrefix(within, ".."+string(filepath.Separator)) {
		return nil
	}
	return errors.New("--secrets is --out, or within it: whoever gets the folder gets the profiles and what opens them. Name another one, or say --same-folder")
}

// realPath follows links as far as the path is there.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path {
		parent, err := realPath(filepath.Dir(path))
		return filepath.Join(parent, filepath.Base(path)), err
	}
	return real, err
}

// ownFolder refuses a folder for secrets that others can look into.
func (r *issueRun) ownFolder() error {
	info, err := os.Stat(r.secrets)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // it is made with the right mode
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", r.secrets)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("others can look into %s: take that away (chmod 700 %s), or name a folder that is not there yet", r.secrets, r.secrets)
	}
	return nil
}

// recover ends an issue that was killed.
func (r *issueRun) recover() error {
	done, err := commit.Recover(journalOf(r.siteFile))
	if done && err == nil {
		r.say("The last issue had been interrupted while it put its files in place; that is done now.")
	}
	return err
}

// The files beside a site file.
func stateOf(site string) string   { return strings.TrimSuffix(site, ".toml") + ".state.json" }
func journalOf(site string) string { return strings.TrimSuffix(site, ".toml") + ".journal" }

// plan reads all there is and works out what is to be done.
func (r *issueRun) plan() (*issuing.Issue, error) {
	order := issuing.Order{All: r.all, NewGatewayKey: r.newKey, Now: time.Now(), Random: rand.Reader}
	var err error
	if r.site, err = r.readSite(); err != nil {
		return nil, err
	}
	order.Site = r.site
	if order.State, err = r.readState(); err != nil {
		return nil, err
	}
	if order.Vault, err = r.readVault(order.State); err != nil {
		return nil, err
	}
	if r.site.Signer != "" {
		if order.Signer, err = r.signerKey(); err != nil {
			return nil, err
		}
	}
	var found roster.Faults
	if order.Roster, found, err = r.readRoster(); err != nil {
		return nil, err
	}
	if r.site.NeedsAuthority(order.Roster, order.State, order.Now) {
		if order.Authority, err = r.authority(); err != nil {
			return nil, err
		}
		if err := r.ofNoOther(order.Authority); err != nil {
			return nil, err
		}
	}
	issue, err := issuing.Make(order, found)
	var faults roster.Faults
	if errors.As(err, &faults) {
		return nil, fmt.Errorf("nothing was written, for %s has %s:\n%w", r.rosterFile, counted(len(faults), "fault"), faults)
	}
	if err != nil {
		return nil, err
	}
	return issue, r.ownProfiles(issue)
}

// ownProfiles refuses to write over a profile that is somebody else's: another
// site may have a user of the same name.
func (r *issueRun) ownProfiles(issue *issuing.Issue) error {
	for _, u := range issue.Users {
		if !u.Fresh {
			continue
		}
		name := filepath.Join(r.out, u.Name+".exp")
		raw, err := readIfThere(name)
		if err != nil {
			return err
		}
		if there, err := profile.ParseEXP(raw); err == nil && there.Header.Profile != u.Profile.Meta.UUID {
			return fmt.Errorf("%s is the profile of another site's user: name another folder as --out, or take the file away; nothing was written", name)
		}
	}
	return nil
}

// counted is a number of things, as people write it.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func (r *issueRun) readSite() (issuing.Site, error) {
	text, err := profile.ReadFile(r.siteFile)
	if err != nil {
		return issuing.Site{}, err
	}
	site, err := r.parseSite(text)
	if err != nil {
		return site, fmt.Errorf("%s: %w", r.siteFile, err)
	}
	return site, nil
}

func (r *issueRun) parseSite(text []byte) (issuing.Site, error) {
	site, ignored, err := issuing.ParseSite(text)
	for _, key := range ignored {
		r.say("%s: %s is ignored.", r.siteFile, key)
	}
	return site, err
}

// readRoster reads the users, with what is wrong with them.
func (r *issueRun) readRoster() (roster.List, roster.Faults, error) {
	raw, err := os.ReadFile(r.rosterFile)
	if err != nil {
		return roster.List{}, nil, err
	}
	table, err := roster.Read(raw)
	if err != nil {
		return roster.List{}, nil, fmt.Errorf("%s: %w", r.rosterFile, err)
	}
	list, found := table.Users()
	return list, found, nil
}

func (r *issueRun) readState() (state issuing.State, err error) {
	if r.state, err = readIfThere(stateOf(r.siteFile)); err != nil {
		return state, err
	}
	return issuing.ParseState(r.state)
}

// readVault reads the secrets of the last time, which must be there if there was
// one.
func (r *issueRun) readVault(state issuing.State) (issuing.Vault, error) {
	text, err := readIfThere(filepath.Join(r.secrets, issuing.VaultName))
	if err != nil {
		return nil, err
	}
	if text == nil && len(state.Users) > 0 {
		return nil, fmt.Errorf("%s has no %s, although %s had been issued before: name the folder of the last time", r.secrets, issuing.VaultName, counted(len(state.Users), "user"))
	}
	defer clear(text)
	vault, err := issuing.ParseVault(text)
	if err == nil && !vault.Fits(state) {
		return nil, fmt.Errorf("%s has the secrets of another site, or %s is not that of its last issue: name a folder of this site's own, or bring the file back; nothing was written", r.secrets, stateOf(r.siteFile))
	}
	return vault, err
}

func readIfThere(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// beside is a file that the site file names.
func (r *issueRun) beside(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(r.siteFile), name)
}

func (r *issueRun) signerPath() string { return r.beside(r.site.Signer) }

func (r *issueRun) signerKey() (ed25519.PublicKey, error) {
	raw, err := os.ReadFile(r.signerPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s, the signer of the site file, is not there: make it by muvpn admin keygen %s, or write signer = \"\" for profiles that nobody has signed", r.signerPath(), r.signerPath())
	}
	if err != nil {
		return nil, err
	}
	key, err := profile.SignerKey(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.signerPath(), err)
	}
	return key, nil
}

// unlocked asks for the passphrases that are needed, the signer's first, and has
// the authority make its certificates. On standard input the signer's stands first,
// needed this time or not, so that a script need not know; a site without a signer
// has no such line.
func (r *issueRun) unlocked(ctx context.Context, issue *issuing.Issue) (signer ed25519.PrivateKey, err error) {
	signs := issue.Signs()
	switch {
	case r.site.Signer == "":
		if issue.Fresh() > 0 {
			r.say("The profiles are not signed: whoever knows a passphrase can change its file.")
		}
	case issue.Fresh() > 0:
		signer, err = r.unlock(ctx)
	case signs && r.stdin:
		_, err = r.passphraseOf(ctx, "", r.stdin)
	}
	if err == nil && signs {
		err = r.certify(ctx, issue)
	}
	return signer, err
}

func (r *issueRun) unlock(ctx context.Context) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(r.signerPath())
	if err != nil {
		return nil, err
	}
	passphrase, err := r.passphraseOf(ctx, "Passphrase of "+r.signerPath(), r.stdin)
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	return profile.OpenSigner(raw, passphrase)
}

// certify has the authority make certificates, and its list.
func (r *issueRun) certify(ctx context.Context, issue *issuing.Issue) error {
	name, _ := r.authorityPaths()
	passphrase, err := r.passphraseOf(ctx, "Passphrase of "+name, r.stdin)
	if err != nil {
		return err
	}
	defer clear(passphrase)
	by, err := r.openAuthority(passphrase)
	if err != nil {
		return err
	}
	bar := r.begin("Making keys", issue.Certificates())
	defer bar.end()
	return issue.Certify(ctx, by, bar.tell)
}

// seal makes the files.
func (r *issueRun) seal(ctx context.Context, issue *issuing.Issue, signer ed25519.PrivateKey) ([][]byte, error) {
	bar := r.begin("Sealing", issue.Fresh())
	defer bar.end()
	return issue.Seal(ctx, signer, bar.tell)
}

// begin shows how far a piece of work is, at once: the first of many may take long.
func (r *issueRun) begin(what string, total int) *progress {
	bar := r.progress(what, total, time.Now)
	if total > 0 {
		bar.tell(0)
	}
	return bar
}

// write puts everything in place as one.
func (r *issueRun) write(issue *issuing.Issue, sealed [][]byte) error {
	files, err := issue.Files(sealed)
	if err != nil {
		return err
	}
	var all []commit.File
	for _, f := range files {
		to := commit.File{Folder: r.out, Name: f.Name, Mode: 0o644, Data: f.Data}
		if f.Secret {
			to.Folder, to.Mode = r.secrets, 0o600
		}
		all = append(all, to)
	}
	return r.writeState(issue.State, r.state, all)
}

// writeState writes the state, with other files, if it is still what was read.
func (r *issueRun) writeState(state issuing.State, was []byte, files []commit.File) error {
	text, err := state.Text()
	if err != nil {
		return err
	}
	name := stateOf(r.siteFile)
	now, err := readIfThere(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, was) {
		return errors.New("another muvpn admin has changed the users meanwhile: nothing was written; run the command again")
	}
	files = append(files, commit.File{Folder: filepath.Dir(name), Name: filepath.Base(name), Mode: 0o600, Data: text})
	return commit.Write(journalOf(r.siteFile), files)
}

// report says what was made, and where it goes.
func (r *issueRun) report(issue *issuing.Issue) error {
	for _, u := range issue.Users {
		if u.Fresh {
			if _, err := fmt.Fprintln(r.app.out, filepath.Join(r.out, u.Name+".exp")); err != nil {
				return err
			}
		}
	}
	fresh := issue.Fresh()
	r.say("%d of %d users have a new profile, in %s.", fresh, len(issue.Users), r.out)
	r.say("Passphrases and keys are in %s; %s has what the gateway needs.", r.secrets, filepath.Join(r.secrets, issuing.GatewayFolder))
	return nil
}
