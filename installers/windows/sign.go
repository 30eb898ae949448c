package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

// signer is whose Authenticode signature things get. All of it is in files, or in a
// token: osslsigncode never has a secret among its arguments.
type signer struct {
	cert   string // file of the certificate and those between it and the authority's, PEM
	key    string // file of its key, PEM, or pkcs11: URI; empty: cert is PKCS#12 with the key
	phrase string // file of the key's passphrase, or of the token's PIN; empty: it has none
	module string // library of the token (PKCS#11)
	ca     string // file of the certificates that signatures are verified by; empty: the system's
	stamp  string // URL of an authority for time stamps; empty: the signature ends with the certificate
	tsa    string // file of certificate and key of a time stamp of our own: for tests
}

func (s *signer) flags(f *flag.FlagSet) {
	f.StringVar(&s.cert, "cert", "", "sign with the certificate in this `FILE` (PEM with its chain, or PKCS#12 with the key)")
	f.StringVar(&s.key, "key", "", "`FILE` with its key (PEM), or pkcs11: URI")
	f.StringVar(&s.phrase, "passphrase-file", "", "`FILE` with the key's passphrase, or the token's PIN")
	f.StringVar(&s.module, "pkcs11-module", "", "`LIBRARY` of the token")
	f.StringVar(&s.ca, "ca", "", "verify signatures by the certificates in this `FILE`; default: those of the system")
	f.StringVar(&s.stamp, "timestamp", "", "`URL` of an authority for time stamps (RFC 3161)")
	f.StringVar(&s.tsa, "timestamp-by", "", "for tests: `FILE` with certificate and key of a time stamp made here")
}

// off says that nothing is signed.
func (s *signer) off() bool { return s.cert == "" }

// check refuses what could not sign.
func (s *signer) check() error {
	if s.off() && s.key != "" {
		return errors.New("a key without a certificate signs nothing: SIGN_CERT= names the certificate")
	}
	return nil
}

// sign signs a program or installer in its place, if there is somebody to sign, and
// verifies the signature.
func (o *order) sign(path string) error {
	if o.signer.off() {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return err
	}
	return fmt.Errorf("%s cannot be signed yet", path)
}
