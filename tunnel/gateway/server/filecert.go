package server

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"muvpn/tunnel/gateway"
)

// certificates are written as PEM, in the file itself: a gateway for tests has
// no secrets that are worth a second file.
type certificates struct {
	CA        string   `toml:"ca"`
	Own       identity `toml:"own"`
	OtherName identity `toml:"other-name"`
	Expired   identity `toml:"expired"`
	UnknownCA identity `toml:"unknown-ca"`
}

// identity is a certificate with its key.
type identity struct {
	Chain string `toml:"chain"` // its own first
	Key   string `toml:"key"`
}

func (c certificates) config() (all gateway.Certificates, err error) {
	var errs []error
	read := func(name string, i identity) gateway.Certificate {
		made, err := i.certificate()
		if err != nil {
			errs = append(errs, fmt.Errorf("certificates.%s: %w", name, err))
		}
		return made
	}
	if all.CAs, err = parseCertificates(c.CA); err != nil {
		errs = append(errs, fmt.Errorf("certificates.ca: %w", err))
	}
	all.Own = read("own", c.Own)
	all.Wrong = map[gateway.FaultKind]gateway.Certificate{
		gateway.OtherName: read("other-name", c.OtherName),
		gateway.Expired:   read("expired", c.Expired),
		gateway.UnknownCA: read("unknown-ca", c.UnknownCA),
	}
	return all, errors.Join(errs...)
}

// certificate reads both; an empty identity stays empty.
func (i identity) certificate() (c gateway.Certificate, err error) {
	if i == (identity{}) {
		return c, nil
	}
	if c.Chain, err = parseCertificates(i.Chain); err != nil {
		return c, err
	}
	c.Key, err = parseKey(i.Key)
	return c, err
}

// parseCertificates reads the certificates of a PEM text.
func parseCertificates(text string) (all []*x509.Certificate, err error) {
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, errors.New("a PEM block that is no CERTIFICATE")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if text != "" && all == nil {
		return nil, errors.New("no CERTIFICATE in PEM")
	}
	return all, nil
}

// parseKey reads a private key in PEM. Its error says nothing of what is in it.
func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("key: no private key in PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, errors.New("key: neither PKCS #1 nor PKCS #8")
	}
	return signer, nil
}
