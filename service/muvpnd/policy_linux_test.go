package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/service/policy"
)

// labFile is a profile of another name.
var labFile = strings.NewReplacer(`"Office"`, `"Lab"`, "= IKE", "= 500", "= NATT", "= 4500").Replace(profileFile)

// tryChanges is a user's program that wants to import a profile and to remove
// another, and prints what becomes of it.
func tryChanges(path string) {
	c, err := client.Dial(context.Background(), path)
	if err != nil {
		fmt.Print(err)
		return
	}
	defer c.Close()
	_, err = c.Import(context.Background(), client.Import{Plain: []byte(labFile), Source: "plain TOML", Accept: []client.Consent{client.ConsentNew}})
	fmt.Printf("import: %v\nremove: %v\n", err, c.Remove(context.Background(), "Lab"))
}

// signedBy is an .EXP and the key that opens it.
func signedBy(t *testing.T, signer ed25519.PrivateKey) client.Import {
	t.Helper()
	p, _, err := profile.ParseTOML([]byte(profileFor(t, 500, 4500, nil)))
	if err != nil {
		t.Fatal(err)
	}
	p.Meta.UUID, p.Meta.Serial, p.Meta.Issuer = "0b9f5a3e-2f7e-4a38-9a4c-0d2f6c1b7e55", 1, "IT"
	raw, err := profile.Seal(p, []byte("passphrase"), profile.SealOptions{Signer: signer, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := profile.ParseEXP(raw)
	if err != nil {
		t.Fatal(err)
	}
	key := sealed.DeriveKey([]byte("passphrase"))
	return client.Import{EXP: raw, Key: key.Reveal(), DryRun: true}
}

// What root writes into policy.toml holds for who sits at the computer from that
// moment on, and no longer than it stands there.
func TestPolicyFile(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another user's program can be started by root only")
	}
	t.Parallel()
	dir := openFolder(t)
	file := filepath.Join(dir, policy.FileName)
	c := &chair{}
	c.taken.Store(true)
	r := startWith(t, dir, func(d *daemon) {
		d.guard = pipe.NewGuard(pipe.LocalPolicy, c)
		d.policy = policy.System(filepath.Join(dir, "signers"))
	})
	if err := os.Chmod(r.d.socket, 0o666); err != nil {
		t.Fatal(err)
	}
	says := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	userIsTold := func(want string) {
		t.Helper()
		said := ""
		waitFor(t, want, func() bool { // a slow answer about who sits here is a no, for a moment
			b, err := as(play("change", r.d.socket), nobody).Output()
			if err != nil {
				t.Fatal(err)
			}
			said = string(b)
			return !strings.Contains(said, "NO_PRIVILEGE")
		})
		if got := strings.Count(said, want); got != 2 {
			t.Errorf("the user is told\n%s\nnot %q twice", said, want)
		}
	}
	userIsTold("<nil>")

	r.imported(labFile)
	says("read_only = true\n")
	userIsTold("the policy of this computer lets only an administrator import, change or remove profiles")
	r.imported(profileFor(t, 500, 4500, nil)) // root may
	if err := r.Remove(t.Context(), "Office"); err != nil {
		t.Error(err)
	}

	_, alice, _ := ed25519.GenerateKey(nil)
	_, bob, _ := ed25519.GenerateKey(nil)
	says(fmt.Sprintf("signers = [%q]\nkill_switch = true\n", base64.StdEncoding.EncodeToString(alice.Public().(ed25519.PublicKey))))
	var why *reason.Reason
	if _, err := r.Import(t.Context(), signedBy(t, bob)); !errors.As(err, &why) || !strings.Contains(why.Seen, "none of them") {
		t.Errorf("another signer's: %v", err)
	}
	if plan, err := r.Import(t.Context(), signedBy(t, alice)); err != nil || len(plan.Needs) != 1 {
		t.Errorf("the pinned signer's: %+v, %v", plan, err)
	}
	now, err := r.Status(t.Context())
	if err != nil || now.Policy == nil || !now.Policy.PinnedSigners || !now.Policy.KillSwitch || now.Policy.ReadOnly || now.Policy.Faults != nil {
		t.Errorf("the status says %+v, %v", now.Policy, err)
	}

	says("# nothing\n")
	if err := os.Chmod(file, 0o646); err != nil {
		t.Fatal(err)
	}
	userIsTold("the policy of this computer lets only an administrator")
	now, err = r.Status(t.Context())
	if err != nil || len(now.Policy.Faults) != 1 || !strings.Contains(now.Policy.Faults[0], "may be changed by others") {
		t.Errorf("the status says %+v, %v", now.Policy, err)
	}
	if log := r.log(); !strings.Contains(log, "The policy of this computer has a fault: "+file) {
		t.Errorf("the log does not tell of it:\n%s", log)
	}

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	userIsTold("<nil>")
}
