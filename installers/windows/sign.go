package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"muvpn/installers/making"
)

// signer is whose Authenticode signature things get. All of it is in files or in a
// token: no secret is ever an argument of osslsigncode.
type signer struct {
	cert   string // file of the certificate and of those up to the authority's
	key    string // file of its key, or the pkcs11: URI of one; empty: cert is PKCS#12, and has the key, too
	phrase string // file of the key's passphrase, or of the token's PIN; empty: it has none
	module string // library of the token
	ca     string // file of the authorities that signatures are verified by; empty: the system's
	stamp  string // URL of who puts the time on a signature (RFC 3161); empty: it ends with the certificate
	tsa    string // file of a certificate and its key that do so here: for tests
}

func (s *signer) flags(f *flag.FlagSet) {
	f.StringVar(&s.cert, "cert", "", "sign with the certificate in this `FILE`: PEM with its chain, or PKCS#12 with the key")
	f.StringVar(&s.key, "key", "", "its key: a `FILE` (PEM), or a pkcs11: URI")
	f.StringVar(&s.phrase, "passphrase-file", "", "`FILE` with the key's passphrase, or the token's PIN")
	f.StringVar(&s.module, "pkcs11-module", "", "`LIBRARY` of the token")
	f.StringVar(&s.ca, "ca", "", "verify signatures by the authorities in this `FILE`; default: the system's")
	f.StringVar(&s.stamp, "timestamp", "", "`URL` of a service for time stamps (RFC 3161)")
	f.StringVar(&s.tsa, "timestamp-by", "", "for tests: make the time stamps here, with certificate and key in this `FILE`")
}

// off says that nothing is signed.
func (s *signer) off() bool { return s.cert == "" }

// token says that the key is in one.
func (s *signer) token() bool { return strings.HasPrefix(s.key, "pkcs11:") }

// check refuses what could not sign, and makes paths absolute.
func (s *signer) check() error {
	switch {
	case s.off() && *s != (signer{}):
		return errors.New("without a certificate nothing can be signed: SIGN_CERT= names its file")
	case s.token() && s.module == "":
		return errors.New("a key in a token needs the token's library: SIGN_MODULE= names it")
	case strings.Contains(s.key, "pin-value") || strings.Contains(s.key, "pin-source"):
		return errors.New("a PIN does not belong into the URI of the key, which everybody on this computer could read: SIGN_CERT_PASS= names a file with it")
	}
	paths := []*string{&s.cert, &s.phrase, &s.module, &s.ca, &s.tsa}
	if !s.token() {
		paths = append(paths, &s.key)
	}
	return making.Absolute(paths...)
}

// sign signs a program or an installer in its place, if there is somebody to sign,
// and verifies the signature.
func (o *order) sign(path string) error {
	if o.signer.off() {
		return nil
	}
	signed := path + ".signed"
	args := append(append([]string{"sign"}, o.signer.arguments()...), "-in", path, "-out", signed)
	defer os.Remove(signed) // which osslsigncode would not write over
	if _, err := o.Run(o.Work, nil, "osslsigncode", args...); err != nil {
		return fmt.Errorf("sign %s: %w", filepath.Base(path), err)
	}
	if err := o.verify(signed); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return os.Rename(signed, path)
}

// arguments are what osslsigncode learns of who signs.
func (s *signer) arguments() []string {
	args := []string{"-h", "sha256", "-n", product}
	switch {
	case s.key == "":
		args = append(args, "-pkcs12", s.cert)
	case s.token():
		args = append(args, "-pkcs11module", s.module, "-certs", s.cert, "-key", s.key)
	default:
		args = append(args, "-certs", s.cert, "-key", s.key)
	}
	if s.phrase != "" {
		args = append(args, "-readpass", s.phrase)
	}
	if s.stamp != "" {
		args = append(args, "-ts", s.stamp)
	}
	if s.tsa != "" {
		args = append(args, "-TSA-certs", s.tsa, "-TSA-key", s.tsa)
	}
	return args
}

// verify refuses a signature that an authority we know has no part in, and one of
// something else.
func (o *order) verify(path string) error {
	args := []string{"verify"}
	if o.signer.ca != "" {
		args = append(args, "-CAfile", o.signer.ca, "-TSA-CAfile", o.signer.ca)
	}
	if _, err := o.Run(o.Work, nil, "osslsigncode", append(args, "-in", path)...); err != nil {
		return fmt.Errorf("the signature cannot be verified (SIGN_CA= names the file of the authorities that it goes back to): %w", err)
	}
	return nil
}
