package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// wintunVersion is the one that we know, and wintunHashes how: by SHA-256, for
// each architecture as Go says it. A library of the kernel's is not taken on trust.
const wintunVersion = "0.14.1"

var wintunHashes = map[string]string{
	"amd64": "e5da8447dc2c320edc0fc52fa01885c103de8c118481f683643cacc3220dafce",
	"arm64": "f7ba89005544be9d85231a9e0d5f23b2d15b3311667e2dad0debd344918a3f80",
}

// driver lays wintun.dll and its licence into the stage.
func (o *order) driver() error {
	if o.wintun == "" {
		return errors.New("no installers for Windows without wintun.dll: WINTUN_DLL= names none. It is in wintun-" + wintunVersion +
			".zip of https://www.wintun.net, in the folder bin/" + arch)
	}
	text, err := os.ReadFile(o.wintun)
	if err != nil {
		return err
	}
	if err := knownWintun(text, arch); err != nil && !o.dummy {
		return fmt.Errorf("%s %w", o.wintun, err)
	}
	if err := os.WriteFile(filepath.Join(o.stage, "wintun.dll"), text, 0o644); err != nil {
		return err
	}
	licence, err := o.wintunLicence()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.stage, "wintun-LICENSE.txt"), licence, 0o644)
}

// knownWintun refuses what is not the library of that version, octet by octet.
func knownWintun(text []byte, arch string) error {
	sum := sha256.Sum256(text)
	switch got := hex.EncodeToString(sum[:]); got {
	case wintunHashes[arch]:
		return nil
	default:
		for other, hash := range wintunHashes {
			if got == hash {
				return fmt.Errorf("is the wintun.dll for %s, not for %s", other, arch)
			}
		}
		return fmt.Errorf("is not the wintun.dll of Wintun %s for %s: its SHA-256 is %s, not %s", wintunVersion, arch, got, wintunHashes[arch])
	}
}

// wintunLicence is what its authors want to go with it. In their zip it lies two
// folders above the library.
func (o *order) wintunLicence() ([]byte, error) {
	if o.licence != "" {
		return os.ReadFile(o.licence)
	}
	beside := filepath.Dir(o.wintun)
	for _, place := range []string{beside, filepath.Join(beside, "../..")} {
		if text, err := os.ReadFile(filepath.Join(place, "LICENSE.txt")); err == nil {
			return text, nil
		}
	}
	return nil, fmt.Errorf("wintun.dll may only be passed on with its licence, and there is no LICENSE.txt beside %s or where the zip was unpacked: WINTUN_LICENSE= names it", o.wintun)
}
