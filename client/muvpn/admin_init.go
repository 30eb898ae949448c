package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"muvpn/client/issuing"
	"muvpn/profile"
)

func adminInitCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a site file with everything explained",
		Long: `Write a site file, site.toml if no FILE is named: what all users of one gateway
have in common, each line with its meaning. Change it to what your gateway has.
A file that is there already is never overwritten.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := firstOr(args, "site.toml")
			if err := writeNew(name, 0o644, issuing.SampleSite); err != nil {
				return failed(err)
			}
			a.say("%s is written. Change it to what your gateway has; then: muvpn admin keygen", name)
			return nil
		},
	}
}

// firstOr is the first argument, or what is usual.
func firstOr(args []string, usual string) string {
	if len(args) == 0 {
		return usual
	}
	return args[0]
}

// writeNew writes a file that is not there yet.
func writeNew(name string, mode fs.FileMode, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and is not overwritten: name another file", name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(name)
	}
	return err
}

const aboutKeygen = `Make the key that signs profiles, in a file that only its passphrase opens;
signer.key if no FILE is named. A file that is there already is never
overwritten.

Standard output gets the public key, as it goes into /etc/muvpn/signers on the
users' computers, with its fingerprint. Keep a copy of the file in a safe place:
with another key every user is told that the signer has changed.`

func adminKeygenCommand(a *app) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:   "keygen [FILE]",
		Short: "Make the key that signs profiles",
		Long:  aboutKeygen,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return failed(a.keygen(cmd.Context(), firstOr(args, "signer.key"), stdin))
		},
	}
	cmd.Flags().BoolVar(&stdin, "passphrase-stdin", false, "read the passphrase from the first line of standard input")
	return cmd
}

// leastPassphrase is how many characters the passphrase of a key has.
const leastPassphrase = 12

func (a *app) keygen(ctx context.Context, name string, stdin bool) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s is there already, and is not overwritten: name another file", name)
	}
	passphrase, err := a.newPassphrase(ctx, "the signer", stdin)
	defer clear(passphrase)
	if err != nil {
		return err
	}
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	defer clear(key)
	sealed, err := profile.SealSigner(key, passphrase, rand.Reader)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err := writeNew(name, 0o600, sealed); err != nil {
		return err
	}
	a.say("%s is written. Its fingerprint is %s. What follows is the line for /etc/muvpn/signers.", name, profile.Fingerprint(public))
	fmt.Fprintf(a.out, "%s  # %s\n", base64.StdEncoding.EncodeToString(public), profile.Fingerprint(public))
	return nil
}

// newPassphrase takes a passphrase for somebody's file, twice where it is typed
// unseen.
func (a *app) newPassphrase(ctx context.Context, whose string, stdin bool) ([]byte, error) {
	first, err := a.passphraseOf(ctx, "Passphrase for the file of "+whose, stdin)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCount(first) < leastPassphrase {
		return first, fmt.Errorf("a passphrase of fewer than %d characters does not protect %s: choose a longer one", leastPassphrase, whose)
	}
	if stdin {
		return first, nil
	}
	again, err := a.passphraseOf(ctx, "Once more", stdin)
	defer clear(again)
	if err == nil && !bytes.Equal(first, again) {
		err = errors.New("the two passphrases differ: nothing was written")
	}
	return first, err
}

// errInterrupted is the end of a muvpn admin that was interrupted before it wrote.
var errInterrupted = errors.New("interrupted: nothing was written")

// passphraseOf reads a passphrase from standard input, or asks for it.
func (a *app) passphraseOf(ctx context.Context, question string, stdin bool) (passphrase []byte, err error) {
	if stdin {
		var line string
		line, err = a.line(ctx)
		passphrase = []byte(line)
	} else {
		passphrase, err = a.secret(ctx, question, "use --passphrase-stdin")
	}
	if errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	return passphrase, err
}
