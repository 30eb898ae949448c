package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// name is the file that sha256sum --check reads.
const name = "SHA256SUMS"

func main() {
	key := flag.String("key", "", "sign with the secret OpenPGP key in this `FILE`")
	phrase := flag.String("passphrase-file", "", "`FILE` with its passphrase")
	flag.Parse()
	if err := write(flag.Arg(0), *key, *phrase); err != nil {
		fmt.Fprintf(os.Stderr, "sums: %v\n", err)
		os.Exit(1)
	}
	if *key == "" {
		fmt.Printf("installers: %s is not signed: SIGN_KEY= names no key\n", name)
	}
}

// write writes the sums of what lies in the folder, and signs them if there is a
// key.
func write(folder, key, phrase string) error {
	if folder == "" {
		return errors.New("which folder?")
	}
	text, err := sums(folder)
	if err != nil {
		return err
	}
	file := filepath.Join(folder, name)
	if err := os.Remove(file + ".asc"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil || key == "" {
		return err
	}
	return sign(file, key, phrase)
}

// sums are the lines of sha256sum, by name.
func sums(folder string) ([]byte, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), name) {
			continue
		}
		sum, err := sumOf(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%x  %s\n", sum, e.Name())
	}
	if b.Len() == 0 {
		return nil, fmt.Errorf("there is nothing in %s", folder)
	}
	return b.Bytes(), nil
}

func sumOf(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// sign puts a signature beside the file.
func sign(file, key, phrase string) error {
	home, err := os.MkdirTemp("", "sums") // short: the path of gpg's socket is bounded
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	defer exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
	with := []string{"--homedir", home, "--batch", "--yes", "--quiet", "--pinentry-mode", "loopback"}
	if phrase != "" {
		with = append(with, "--passphrase-file", phrase)
	}
	for _, args := range [][]string{{"--import", key}, {"--armor", "--output", file + ".asc", "--detach-sign", file}} {
		if said, err := exec.Command("gpg", append(with, args...)...).CombinedOutput(); err != nil {
			return fmt.Errorf("gpg %s: %w: %s", args[0], err, bytes.TrimSpace(said))
		}
	}
	return nil
}
