package gui

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"muvpn/assets"
	"muvpn/client"
	"muvpn/client/opening"
	"muvpn/client/reason"
	"muvpn/profile"
)

// samplePassphrase opens the sample profiles.
const samplePassphrase = "correct-horse-battery"

// sample is a sealed sample profile, and what is in it.
type sample struct {
	header  profile.Header
	preview profile.Preview
}

// lisa and maggie are opened once for all tests: that takes time by design.
var (
	lisa   = sync.OnceValues(func() (sample, error) { return openSample("lisa.exp") })
	maggie = sync.OnceValues(func() (sample, error) { return openSample("maggie.exp") })
)

func openSample(name string) (sample, error) {
	raw, err := assets.Samples.ReadFile("samples/" + name)
	if err != nil {
		return sample{}, err
	}
	f, err := opening.Recognise(raw, noon)
	if err != nil {
		return sample{}, err
	}
	o, err := f.Open([]byte(samplePassphrase), noon)
	if err != nil {
		return sample{}, err
	}
	return sample{*f.Header(), o.Preview}, nil
}

func must[T any](t *testing.T, of func() (T, error)) T {
	t.Helper()
	v, err := of()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// foreign is a file of another format, open.
func foreign(t *testing.T, path string) profile.Preview {
	t.Helper()
	raw, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	f, err := opening.Recognise(raw, noon)
	if err != nil {
		t.Fatal(err)
	}
	o, err := f.Open(nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	return o.Preview
}

// text is a profile as TOML, open.
func text(t *testing.T, toml string) profile.Preview {
	t.Helper()
	f, err := opening.Recognise([]byte(toml), noon)
	if err != nil {
		t.Fatal(err)
	}
	o, err := f.Open(nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	return o.Preview
}

// everywhere is a profile that sends everything through the tunnel and asks for
// its key.
const everywhere = `
name = "Travel"
user = "bart@example.com"
gateway = { addresses = ["firebox.example.com", "198.51.100.7", "2001:db8:0:5::1", "198.51.100.9"] }
auth = { local_id = { type = "user_fqdn", value = "bart" }, psk = { source = "prompt" } }
ike = { exchange = "aggressive", proposals = ["aes256-sha256-modp2048"] }
esp = { proposals = ["aes256-sha256"] }
network = { full_tunnel = true, virtual_ip = { mode = "mode-config" } }`

// branches is one that has many networks.
const branches = `
name = "Branches and warehouses of the north-west"
gateway = { addresses = ["203.0.113.7"] }
auth = { local_id = { type = "key_id", value = "a-rather-long-identity-of-a-group" }, psk = { value = "a-key-of-twenty-characters" } }
network = { networks = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16", "172.16.20.0/24"], virtual_ip = { mode = "static", address = "10.1.9.200" } }`

const (
	lisaSigner = "e3b0-c442-98fc-1c14-9afb-f4c8-996f-b924"
	oldSigner  = "27ae-41e4-649b-934c-a495-991b-7852-b855"
)

// planOf is what the service says to a profile.
func planOf(v profile.Preview, needs ...client.Consent) *client.Plan {
	return &client.Plan{Name: v.Name, UUID: "2b6d", Serial: v.Serial, Signer: v.Signer, Needs: needs}
}

// importScene is a moment of an import.
type importScene struct {
	name string
	o    Opening
}

func importScenes(t *testing.T) []importScene {
	l, m := must(t, lisa), must(t, maggie)
	closed := Opening{File: "lisa.exp", Header: &l.header}
	shown := func(v profile.Preview, plan *client.Plan) Opening {
		return Opening{File: "profile.exp", Preview: &v, Plan: plan}
	}
	with := func(o Opening, change func(*Opening)) Opening { change(&o); return o }
	broken := func(kind profile.Kind, sentence string) Opening {
		return Opening{File: "lisa.exp", Broken: &profile.Refusal{Kind: kind, Sentence: sentence}}
	}
	firstLisa := planOf(l.preview, client.ConsentNew, client.ConsentFirstSigner, client.ConsentLegacy)
	fourth := m.preview
	fourth.Serial = 4
	newer := planOf(fourth, client.ConsentUpdate)
	newer.Replaces = new(uint64(3))
	changed := planOf(l.preview, client.ConsentNew, client.ConsentChangedSigner, client.ConsentLegacy)
	changed.OldSigner = oldSigner
	travel, north := text(t, everywhere), text(t, branches)
	return []importScene{
		{"reading", Opening{File: "lisa.exp"}},
		{"unknown", Opening{File: "lisa.wgx", Broken: &profile.Refusal{Kind: profile.UnknownFormat,
			Sentence: "the file is encrypted or of a format that is not documented, such as WatchGuard's .wgx, .wgm or an .exp of 2001; ask your administrator for an .EXP of muvpn, or for the \"Shrew Soft VPN\" export (.vpn) of the Firebox"}}},
		{"toobig", broken(profile.TooBig, "lisa.exp has more than 1 MiB: this is no profile")},
		{"expired", broken(profile.Expired, "the profile expired on 2 January 2006; ask your administrator for a new copy")},
		{"faults", Opening{File: "lab.toml", Broken: profile.Faults{
			{Key: "gateway.addresses", Wrong: "missing", Do: "name the gateway"}, {Key: "network.networks[0]", Wrong: "has bits behind its mask", Do: "write 10.0.0.0/8"}}}},
		{"closed", closed},
		{"working", with(closed, func(o *Opening) { o.Working = true })},
		{"wrong", with(closed, func(o *Opening) { o.Wrong = true })},
		{"paused", with(closed, func(o *Opening) { o.Wrong, o.Pause = true, noon.Add(26500*time.Millisecond) })},
		{"asking", shown(m.preview, nil)},
		{"absent", with(shown(m.preview, nil), func(o *Opening) {
			o.Absent = &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client, Seen: "nobody listens at /run/muvpn/muvpnd.sock"}
		})},
		{"known", shown(m.preview, planOf(m.preview, client.ConsentNew))},
		{"update", shown(fourth, newer)},
		{"firstuse", shown(l.preview, firstLisa)},
		{"agreed", with(shown(l.preview, firstLisa), func(o *Opening) {
			o.Agreed = []client.Consent{client.ConsentFirstSigner, client.ConsentLegacy}
		})},
		{"changed", shown(l.preview, changed)},
		{"older", with(shown(m.preview, nil), func(o *Opening) {
			o.Refused = &reason.Reason{Code: reason.ProfileExpired, Side: reason.Client, Seen: "Office of today is in use with serial 4 and this file has 1, which is older; remove the profile first if you want to go back"}
		})},
		{"busy", with(shown(fourth, newer), func(o *Opening) {
			o.Refused = &client.Refusal{Kind: client.Busy, Text: "Office of today is connected: disconnect first (muvpn down)"}
		})},
		{"storing", with(shown(fourth, newer), func(o *Opening) { o.Storing = true })},
		{"everything", with(shown(travel, planOf(travel, client.ConsentNew)), func(o *Opening) {
			o.KeyNote = []string{"The shared key is weak: it has 5 characters, 20 random ones are recommended."}
		})},
		{"many", shown(north, planOf(north, client.ConsentNew))},
		{"foreign", with(shown(foreign(t, "../profile/testdata/shrew/firebox.vpn"), nil), func(o *Opening) {
			o.File, o.Plan = "firebox.vpn", planOf(*o.Preview, client.ConsentNew, client.ConsentLegacy)
		})},
		{"left", Opening{File: "firebox.vpn", Stored: "firebox.example.com", Path: "/home/lisa/firebox.vpn"}},
		{"lasting", Opening{File: "firebox.vpn", Stored: "firebox.example.com", Path: "/home/lisa/firebox.vpn",
			Lasting: errors.New("remove /home/lisa/firebox.vpn: permission denied")}},
	}
}

func TestImportPages(t *testing.T) {
	for _, sc := range importScenes(t) {
		t.Run(sc.name, func(t *testing.T) {
			inBoth(t, "import-"+sc.name, func(t *testing.T, a fyne.App) fyne.Window {
				w := still(t, a)
				w.words = english
				i := &importing{w: w, o: sc.o}
				i.show()
				return w.window
			})
		})
	}
}
