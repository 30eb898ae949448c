package service

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile/store"
)

// plainImport is an import of TOML with these consents.
func plainImport(toml string, accept ...client.Consent) client.Import {
	return client.Import{Plain: []byte(toml), Source: "plain TOML", Accept: accept}
}

// refusedAs checks that err is a Refusal of that kind.
func refusedAs(t *testing.T, err error, want client.RefusalKind) {
	t.Helper()
	var no *client.Refusal
	if !errors.As(err, &no) || no.Kind != want {
		t.Errorf("refused with %v, want %s", err, want)
	}
}

func TestImportIsPlannedFirst(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		i := plainImport(other)
		i.DryRun = true
		plan, err := r.Import(t.Context(), user, i)
		if err != nil || plan.Stored || plan.Name != "Lab" || !slices.Equal(plan.Needs, []client.Consent{client.ConsentNew}) {
			t.Errorf("%+v, %v", plan, err)
		}
		if list, _ := r.Profiles(t.Context()); len(list) != 1 {
			t.Errorf("a dry run has stored it: %+v", list)
		}
	})
}

func TestImportNeedsConsent(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		broken := strings.Replace(other, "[network]", "[policy]\nsecurity = \"legacy\"\n[network]", 1)
		_, err := r.Import(t.Context(), user, plainImport(broken, client.ConsentNew))
		var no *client.Refusal
		if !errors.As(err, &no) || no.Kind != client.NeedsConsent || !slices.Equal(no.Needs, []client.Consent{client.ConsentLegacy}) {
			t.Errorf("%v", err)
		}
		if _, err := r.Import(t.Context(), user, plainImport(broken, client.ConsentNew, client.ConsentLegacy)); err != nil {
			t.Error(err)
		}
	})
}

func TestImportUpdates(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		newer := strings.Replace(office, "serial = 3", "serial = 4", 1)
		plan := r.imported(newer)
		if plan.Replaces == nil || *plan.Replaces != 3 || plan.Serial != 4 || !plan.Stored {
			t.Errorf("%+v", plan)
		}
		_, err := r.Import(t.Context(), user, plainImport(office, client.ConsentUpdate))
		var why *reason.Reason
		if !errors.As(err, &why) || !strings.Contains(why.Seen, "older") {
			t.Errorf("a lower serial: %v", err)
		}
	})
}

func TestProfileInUseStays(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		refusedAs(t, r.Remove(t.Context(), root, "Office"), client.Busy)
		_, err := r.Import(t.Context(), root, plainImport(office, client.ConsentUpdate))
		refusedAs(t, err, client.Busy)
		r.imported(other)
		if err := r.Remove(t.Context(), user, "Lab"); err != nil {
			t.Errorf("removing another one: %v", err)
		}
	})
}

func TestReadOnlyProfiles(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(other, "[network]", "[policy]\nread_only = true\n[network]", 1))
		refusedAs(t, r.Remove(t.Context(), user, "Lab"), client.NotAllowed)
		if err := r.Remove(t.Context(), root, "Lab"); err != nil {
			t.Error(err)
		}
	})
}

func TestWhichProfileIsMeant(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(other) // the last one
		list, err := r.Profiles(t.Context())
		if err != nil || len(list) != 2 || list[0].Name != "Lab" || !list[0].Last || list[1].Last {
			t.Errorf("%+v, %v", list, err)
		}
		if text, err := r.Show(t.Context(), ""); err != nil || !strings.Contains(text, "Lab") {
			t.Errorf("%q, %v", text, err)
		}
		if text, err := r.Show(t.Context(), list[1].UUID); err != nil || !strings.Contains(text, "Office") {
			t.Errorf("%q, %v", text, err)
		}
		if err := os.Remove(r.lastFile); err != nil {
			t.Fatal(err)
		}
		_, err = r.Up(t.Context(), user, client.Up{})
		refusedAs(t, err, client.WhichProfile)
		_, err = r.Up(t.Context(), user, client.Up{Profile: "Nowhere"})
		refusedAs(t, err, client.NoProfile)
		r.Remove(t.Context(), root, "Lab")
		r.Remove(t.Context(), root, "Office")
		_, err = r.Up(t.Context(), user, client.Up{})
		refusedAs(t, err, client.NoProfile)
	})
}

func TestMalformedImports(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		for name, i := range map[string]client.Import{
			"nothing":       {},
			"both":          {EXP: []byte("x"), Key: make([]byte, 32), Plain: []byte("x")},
			"a short key":   {EXP: []byte("x"), Key: make([]byte, 16)},
			"no key":        {EXP: []byte("x")},
			"not an EXP":    {EXP: []byte("x"), Key: make([]byte, 32)},
			"not TOML":      {Plain: []byte("\x00")},
			"faulty":        {Plain: []byte("name = 'x'")},
			"an unwise key": {Plain: []byte(other + "\n[hooks]\nup = '/bin/sh'\n")},
		} {
			i.Accept = []client.Consent{client.ConsentNew}
			if plan, err := r.Import(t.Context(), root, i); err == nil {
				t.Errorf("%s was imported: %+v", name, plan)
			}
		}
		if list, _ := r.Profiles(t.Context()); len(list) != 1 {
			t.Errorf("something was stored: %+v", list)
		}
	})
}

func TestExpiredAfterItsImport(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		record := store.Record{}
		record.Source.Expires = time.Now().Add(time.Hour)
		p, _ := r.store.Get("Office")
		office, err := r.store.Unlock(p)
		if err != nil {
			t.Fatal(err)
		}
		if why := usable(record, office, time.Now()); why != nil {
			t.Errorf("before: %v", why)
		}
		if why := usable(record, office, time.Now().Add(2*time.Hour)); why == nil || why.Code != reason.ProfileExpired {
			t.Errorf("after: %v", why)
		}
		office.IKE.Proposals = []string{"des-md5-modp768"}
		if why := usable(record, office, time.Now()); why == nil || why.Code != reason.ProfileTooWeak {
			t.Errorf("too weak: %v", why)
		}
	})
}

// No secret is in any log, status, list, text or error, whatever happens.
func TestSecretsStayInside(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		var told []string
		tell := func(v any, err error) {
			told = append(told, sprint(v))
			if err != nil {
				told = append(told, sprint(err), err.Error())
			}
		}
		tell(r.Import(t.Context(), user, client.Import{EXP: []byte("x"), Key: []byte(password + "012"), PSK: []byte(psk)}))
		tell(r.Import(t.Context(), user, plainImport(strings.Replace(office, "[ike]", "[ikke]", 1))))
		tell(r.Import(t.Context(), user, plainImport(strings.Replace(office, `value = "`+psk, `value = "`+psk+"\n", 1))))
		r.imported(other)
		r.Up(t.Context(), user, client.Up{Profile: "Lab", PSK: []byte(psk), User: "lisa", Password: []byte(password)})
		tell(r.is(client.Contacting), nil)
		f := r.next()
		f.comeUp()
		time.Sleep(2 * time.Second)
		tell(r.is(client.Connected), nil)
		f.down(reason.PeerDead)
		r.next().down(reason.UserAuth)
		tell(r.because(reason.UserAuth), nil)
		tell(r.Profiles(t.Context()))
		tell(r.Show(t.Context(), "Office"))
		tell(r.Show(t.Context(), "Lab"))
		r.stop()
		told = append(told, r.log(client.LogOptions{}), r.log(client.LogOptions{JSON: true}))
		told = append(told, r.files()...)
		for _, text := range told {
			for _, secret := range []string{psk, password, "secret"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is in %.300s", secret, text)
				}
			}
		}
	})
}
