package issuing

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"

	"muvpn/profile"
)

// credential is the gateway's certificate and key in PEM.
type credential struct{ certificate, key []byte }

// credential opens what Certify has made for the gateway.
func (i *Issue) credential() (credential, error) {
	own := i.Vault[gatewayEntry]
	certs, key, err := profile.Auth{PKCS12: own.PKCS12, PKCS12Password: own.Passphrase}.Credential()
	if err != nil {
		return credential{}, errors.New("the gateway's key in the folder of secrets cannot be read: the file was changed")
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return credential{}, err
	}
	defer clear(der)
	return credential{certificatePEM(certs[0]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}, nil
}

// certificateFiles are the gateway's certificates and key, in the folders that
// strongSwan has for them, and again in one file, with its passphrase, and the
// list in DER for gateways with menus.
func (i *Issue) certificateFiles(files map[string][]byte) error {
	if i.authority == nil {
		return nil
	}
	own, err := i.credential()
	if err != nil {
		return err
	}
	sealed := i.Vault[gatewayEntry]
	file, err := sealed.file()
	if err != nil {
		return err
	}
	files["x509/muvpn-gateway.pem"], files["private/muvpn-gateway.pem"] = own.certificate, own.key
	files["x509ca/muvpn-ca.pem"] = certificatePEM(i.authority)
	files["x509crl/muvpn-crl.pem"], files["crl.der"] = listPEM(i.State.List), i.State.List
	files["gateway.p12"], files["gateway.p12.passphrase.txt"] = file, append(bytes.Clone(sealed.Passphrase.Reveal()), '\n')
	return nil
}

// file is the PKCS#12 file as other programs read it.
func (s Secrets) file() ([]byte, error) {
	return base64.StdEncoding.DecodeString(string(s.PKCS12.Reveal()))
}
