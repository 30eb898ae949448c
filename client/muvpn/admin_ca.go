package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client/issuing"
)

const aboutCA = `Make a certificate authority of your own, once: for users who prove who they are
by a certificate instead of a shared key. These are the users whose method is
rsa, in the site file or in the roster's column method. muvpn admin issue then
makes a key and a certificate for each of them, in the .exp and as a PKCS#12
file, and for the gateway a certificate and the list of the revoked ones.

From %d users on that is wise, where the gateway takes them (a Firebox takes none,
as far as is publicly known). Every shared key lies on the gateway, too, and on
many is typed in by hand; and it takes Aggressive Mode, in which whoever records
a connection may guess at the key. Certificates need neither, and one that is
lost goes on the list. With fewer users shared keys are less work.

The key of the authority is written into ca.p12 beside the site file, or what
site.authority names, which only its passphrase opens; its certificate into
ca.pem, which is no secret. Whoever has file and passphrase can make users: keep
it apart from what you hand out, and a copy in a safe place. Files that are
there are never overwritten. The authority is good for ten years. It is for one
site file alone, which keeps the list: each site has its own.`

func adminCACommand(a *app) *cobra.Command {
	r := &issueRun{app: a}
	cmd := &cobra.Command{
		Use:   "ca --site FILE",
		Short: "Make an authority for users with certificates",
		Long:  fmt.Sprintf(aboutCA, issuing.WiseForCertificates),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return failed(r.makeAuthority(cmd.Context())) },
	}
	cmd.Flags().StringVar(&r.siteFile, "site", "", "the site `FILE` (muvpn admin init)")
	cmd.Flags().BoolVar(&r.stdin, "passphrase-stdin", false, "read the passphrase from the first line of standard input")
	cmd.MarkFlagRequired("site")
	return cmd
}

func (r *issueRun) makeAuthority(ctx context.Context) error {
	release, err := r.alone()
	if err != nil {
		return err
	}
	defer release()
	if err := r.recover(); err != nil {
		return err
	}
	if r.site, err = r.readSite(); err != nil {
		return err
	}
	keyFile, certificateFile := r.authorityPaths()
	for _, name := range []string{keyFile, certificateFile} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already, and is not overwritten: name another file in site.authority", name)
		}
	}
	passphrase, err := r.newPassphrase(ctx, "the authority", r.stdin)
	defer clear(passphrase)
	if err != nil {
		return err
	}
	certificate, key, err := issuing.NewAuthority(r.site.Issuer, passphrase, time.Now())
	if err != nil {
		return err
	}
	c, err := issuing.ParseAuthority(certificate)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err := writeAuthority(keyFile, key, certificateFile, certificate); err != nil {
		return err
	}
	r.say("%s and %s are written. The authority is good until %s.", keyFile, certificateFile, c.NotAfter.Format(time.DateOnly))
	r.say("SHA-256 of its certificate: %s", issuing.AuthorityFingerprint(c))
	r.say("Who is to have a certificate gets the method rsa: in the roster's column method, or everybody by profile.auth.method in %s. Then: muvpn admin issue", r.siteFile)
	return nil
}

// writeAuthority writes both files or none, over nothing that is there: another
// site may have the same authority, and have made it while the passphrase was typed.
func writeAuthority(keyFile string, key []byte, certificateFile string, certificate []byte) error {
	if err := os.MkdirAll(filepath.Dir(keyFile), 0o700); err != nil {
		return err
	}
	if err := writeNew(keyFile, 0o600, key); err != nil {
		return err
	}
	err := writeNew(certificateFile, 0o644, certificate)
	if err != nil {
		os.Remove(keyFile)
	}
	return err
}

// authorityPaths are the files of the authority, beside the site file unless they
// are absolute.
func (r *issueRun) authorityPaths() (key, certificate string) {
	key, certificate = r.site.AuthorityFiles()
	return r.beside(key), r.beside(certificate)
}

// authority is the certificate of the authority, which takes no passphrase.
func (r *issueRun) authority() (*x509.Certificate, error) {
	keyFile, name := r.authorityPaths()
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s, the certificate of the authority, is not there: make both by muvpn admin ca --site %s, or bring it back beside %s", name, r.siteFile, keyFile)
	}
	if err != nil {
		return nil, err
	}
	c, err := issuing.ParseAuthority(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// ofNoOther refuses an authority that another site uses, as far as the folders of
// the site file and of the authority show: each site would have a list of its own,
// and a gateway that has one of them lets in whom the other one names.
func (r *issueRun) ofNoOther(c *x509.Certificate) error {
	key, _ := r.authorityPaths()
	own, err := realPath(stateOf(r.siteFile))
	if err != nil {
		return err
	}
	for _, folder := range []string{filepath.Dir(r.siteFile), filepath.Dir(key)} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			name := filepath.Join(folder, e.Name())
			if !strings.HasSuffix(name, stateOf("")) {
				continue
			}
			other, err := realPath(name)
			if err == nil && other != own && usesAuthority(name, c) {
				return fmt.Errorf("%s is the authority of another site, as %s says, and is for one site file alone: name another file in site.authority and run muvpn admin ca --site %s; or take %s away if that site is no more", key, name, r.siteFile, name)
			}
		}
	}
	return nil
}

// usesAuthority says that a file is the state of a site with this authority.
func usesAuthority(name string, c *x509.Certificate) bool {
	text, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	state, err := issuing.ParseState(text)
	return err == nil && state.MadeBy(c)
}

// openAuthority opens the file of the authority's key.
func (r *issueRun) openAuthority(passphrase []byte) (issuing.Authority, error) {
	c, err := r.authority()
	if err != nil {
		return issuing.Authority{}, err
	}
	name, _ := r.authorityPaths()
	raw, err := os.ReadFile(name)
	if err != nil {
		return issuing.Authority{}, err
	}
	by, err := issuing.OpenAuthority(c, raw, passphrase)
	if err != nil {
		return by, fmt.Errorf("%s: %w", name, err)
	}
	return by, nil
}
