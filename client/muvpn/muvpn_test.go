package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/client/reason"
	"muvpn/profile"
)

// said is what one run of the command line has printed and returned.
type said struct {
	code     int
	out, err string
}

// typed runs the command line at a terminal where the user types input; secrets
// are what is typed without being shown.
func typed(t *testing.T, service *clienttest.Service, input string, secrets []string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	term := &terminal{in: bufio.NewReader(strings.NewReader(input)), out: &out, err: &errs}
	if secrets != nil {
		term.ask = func(context.Context) ([]byte, error) {
			next := secrets[0]
			secrets = secrets[1:]
			return []byte(next), nil
		}
	}
	if service != nil {
		args = append([]string{"--socket", service.Path}, args...)
	}
	code := run(t.Context(), term, args)
	return said{code, out.String(), errs.String()}
}

// piped runs the command line without a terminal.
func piped(t *testing.T, service *clienttest.Service, input string, args ...string) said {
	t.Helper()
	return typed(t, service, input, nil, args...)
}

func wantCode(t *testing.T, got said, code int) {
	t.Helper()
	if got.code != code {
		t.Fatalf("exit code %d, want %d\nout: %s\nerr: %s", got.code, code, got.out, got.err)
	}
}

func wantText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("does not say %q:\n%s", part, text)
		}
	}
}

const (
	sample     = "../../assets/samples/lisa.exp"
	passphrase = "correct-horse-battery"
)

func TestWrongUseIsExitCode2(t *testing.T) {
	for _, args := range [][]string{
		{"nonsense"}, {"import"}, {"import", "a", "b"}, {"up", "--wait", "soon"}, {"status", "--bad"}, {"remove"},
	} {
		if got := piped(t, nil, "", args...); got.code != 2 || got.out != "" {
			t.Errorf("%q: exit code %d, out %q, want 2 and nothing", args, got.code, got.out)
		}
	}
}

func TestNoServiceIsSaid(t *testing.T) {
	got := piped(t, nil, "", "--socket", filepath.Join(t.TempDir(), "none.sock"), "status")
	wantCode(t, got, 1)
	wantText(t, got.err, "NO_PRIVILEGE", "no service listens", "muvpnd")
}

func TestImportShowsAsksAndStores(t *testing.T) {
	service := clienttest.Start(t)
	service.Plan = client.Plan{Name: "Office", Signer: "ab12", Needs: []client.Consent{
		client.ConsentNew, client.ConsentFirstSigner, client.ConsentLegacy}}
	got := typed(t, service, "y\ny\ny\n", []string{passphrase}, "import", sample)
	wantCode(t, got, 0)
	wantText(t, got.err, "Passphrase:", "192.168.10.201", "lisa", "ab12", "broken cryptography")
	if got.out != "Office\n" {
		t.Errorf("standard output is %q, want the name", got.out)
	}
	asked := service.Asked()
	last := asked[len(asked)-1].(client.Import)
	if last.DryRun || len(last.Accept) != 3 || len(last.Key) != 32 || len(last.EXP) == 0 {
		t.Errorf("the service was given %d octets, key of %d, accept %v", len(last.EXP), len(last.Key), last.Accept)
	}
}

func TestImportStoresNothingWithoutConsent(t *testing.T) {
	for name, c := range map[string]struct {
		need client.Consent
		args []string
		want string
	}{
		"nothing agreed":                 {client.ConsentNew, nil, "--yes"},
		"legacy is not in --yes":         {client.ConsentLegacy, []string{"--yes"}, "--legacy"},
		"a changed signer is in no flag": {client.ConsentChangedSigner, []string{"--yes", "--legacy"}, "ask your administrator"},
	} {
		service := clienttest.Start(t)
		service.Plan = client.Plan{Name: "Office", Needs: []client.Consent{c.need}}
		got := piped(t, service, passphrase+"\n", append([]string{"import", sample, "--passphrase-stdin"}, c.args...)...)
		if got.code != 1 || got.out != "" || !strings.Contains(got.err, c.want) {
			t.Errorf("%s: code %d, out %q, err %q", name, got.code, got.out, got.err)
		}
		for _, asked := range service.Asked() {
			if i, ok := asked.(client.Import); ok && !i.DryRun {
				t.Errorf("%s: the service was asked to store", name)
			}
		}
	}
}

func TestImportYesAsksNothing(t *testing.T) {
	service := clienttest.Start(t)
	service.Plan = client.Plan{Name: "Office", Needs: []client.Consent{client.ConsentNew, client.ConsentFirstSigner, client.ConsentLegacy}}
	got := piped(t, service, passphrase+"\n", "import", sample, "--passphrase-stdin", "--yes", "--legacy")
	wantCode(t, got, 0)
}

// expired is the sample, sealed again with an end in the past.
func expired(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../assets/samples/lisa.toml")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := profile.ParseTOML(text)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2006, 1, 2, 0, 0, 0, 0, time.UTC)
	raw, err := profile.Seal(p, []byte(passphrase), profile.SealOptions{Now: end.AddDate(-1, 0, 0), Expires: end})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Each bad file ends in one sentence that names what is wrong, and the service
// is not even asked.
func TestBadFiles(t *testing.T) {
	whole, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	changed := bytes.Replace(whole, []byte("Serial: 1"), []byte("Serial: 2"), 1)
	for name, c := range map[string]struct{ path, typed, want string }{
		"truncated":        {write("short.exp", whole[:len(whole)/2]), passphrase, "damaged or was changed"},
		"altered":          {write("changed.exp", changed), passphrase, "signature"},
		"expired":          {write("old.exp", expired(t)), passphrase, "expired on 2 January 2006"},
		"oversized":        {write("big.exp", bytes.Repeat([]byte("x"), 1<<20+1)), passphrase, "1 MiB"},
		"wrong passphrase": {sample, "guess", "wrong passphrase"},
		"directory":        {dir, passphrase, "is a directory"},
		"empty":            {write("empty.exp", nil), passphrase, "is empty"},
		"wgx":              {write("user.wgx", []byte{0x00, 0x8e, 0xff, 0x11, 0x00}), passphrase, ".wgx"},
		"absent":           {filepath.Join(dir, "none.exp"), passphrase, "cannot be read"},
	} {
		service := clienttest.Start(t)
		got := piped(t, service, c.typed+"\n", "import", c.path, "--passphrase-stdin", "--yes", "--legacy")
		if got.code != 1 || got.out != "" || strings.Count(got.err, "\n") != 1 || !strings.Contains(got.err, c.want) {
			t.Errorf("%s: code %d, out %q, err %q, want 1 and a line with %q", name, got.code, got.out, got.err, c.want)
		}
		if len(service.Asked()) > 0 {
			t.Errorf("%s: the service was asked", name)
		}
	}
}

func TestPassphraseNeedsATerminalOrAFlag(t *testing.T) {
	got := piped(t, clienttest.Start(t), "", "import", sample)
	wantCode(t, got, 1)
	wantText(t, got.err, "--passphrase-stdin")
}

var connected = client.Status{State: client.Connected, Profile: "Office", Gateway: "198.51.100.1",
	VirtualIP: netip.MustParseAddr("192.168.10.201"), Strength: client.Broken}

func TestUpFollowsTheSteps(t *testing.T) {
	service := clienttest.Start(t)
	service.On("up", client.Status{State: client.Contacting, Step: "contacting 198.51.100.1"}, connected)
	got := piped(t, service, "", "up", "Office", "--json")
	wantCode(t, got, 0)
	var now client.Status
	if err := json.Unmarshal([]byte(got.out), &now); err != nil || now.State != client.Connected {
		t.Errorf("standard output is no connected status: %v\n%s", err, got.out)
	}
}

// What the gateway greets with is said once, beside the result.
func TestUpShowsTheBanner(t *testing.T) {
	service := clienttest.Start(t)
	greeted := connected
	greeted.Banner = "Welcome.\nWork only."
	service.On("up", greeted)
	got := piped(t, service, "", "up")
	wantCode(t, got, 0)
	wantText(t, got.err, "The gateway says: Welcome.\nWork only.")
}

var pskWrong = client.Status{State: client.Failed, Reason: reason.PSKWrong, Side: reason.Gateway, Seen: "HASH_R differs"}

func TestUpFailureSaysReasonAndAdvice(t *testing.T) {
	service := clienttest.Start(t)
	service.On("up", pskWrong)
	got := piped(t, service, "", "up")
	wantCode(t, got, 1)
	wantText(t, got.err, "PSK_WRONG", "HASH_R differs", "the gateway", "Ask your administrator")

	got = piped(t, service, "", "up", "--json")
	wantCode(t, got, 1)
	var failure map[string]string
	if err := json.Unmarshal([]byte(got.out), &failure); err != nil {
		t.Fatal(err)
	}
	if failure["reason"] != "PSK_WRONG" || failure["side"] != "gateway" || failure["advice"] == "" {
		t.Errorf("the JSON is %v", failure)
	}
}

func TestUpWaitEndsFirst(t *testing.T) {
	service := clienttest.Start(t)
	service.On("up", client.Status{State: client.Contacting, Step: "contacting 198.51.100.1"})
	got := piped(t, service, "", "up", "--wait", "200ms")
	wantCode(t, got, 1)
	wantText(t, got.err, "still contacting 198.51.100.1", "goes on")

	got = piped(t, service, "", "up", "--wait", "200ms", "--down-on-timeout")
	wantCode(t, got, 1)
	asked := service.Asked()
	if asked[len(asked)-1] != "down" {
		t.Errorf("the attempt was not ended: %v", asked)
	}
}

func TestUpAsksWhatTheServiceAsks(t *testing.T) {
	service := clienttest.Start(t)
	service.On("up", client.Status{State: client.Resolving, Prompt: &client.Prompt{ID: 7, Kind: "psk", Text: "Pre-shared key"}})
	service.On("answer", connected)
	got := typed(t, service, "", []string{"a key"}, "up")
	wantCode(t, got, 0)
	asked := service.Asked()
	answer, ok := asked[len(asked)-1].(client.Answer)
	if !ok || answer.ID != 7 || string(answer.Value) != "a key" {
		t.Errorf("the service was answered %v", asked)
	}
	if strings.Contains(got.out+got.err, "a key") {
		t.Error("the key was shown")
	}
}

func TestUpAsksForEveryKind(t *testing.T) {
	for kind, shown := range map[string]bool{"xauth-user": true, "xauth-password": false, "passcode": false, "next-pin": false, "challenge": false} {
		service := clienttest.Start(t)
		service.On("up", client.Status{State: client.Authenticating, Prompt: &client.Prompt{ID: 7, Kind: kind, Text: "What?"}})
		service.On("answer", connected)
		got := typed(t, service, "shown\n", []string{"hidden"}, "up")
		wantCode(t, got, 0)
		want := map[bool]string{true: "shown", false: "hidden"}[shown]
		if answer, _ := last(service).(client.Answer); string(answer.Value) != want {
			t.Errorf("%s was answered %q", kind, answer.Value)
		}
	}
}

// Who types for so long that the attempt is over, or begins anew, hears what has
// become of it, and is asked again where somebody still wants to know.
func TestUpAnswersTooLate(t *testing.T) {
	asks := func(id int) client.Status {
		return client.Status{State: client.Authenticating, Prompt: &client.Prompt{ID: id, Kind: "xauth-password", Text: "Password of lisa"}}
	}
	service := clienttest.Start(t)
	service.On("up", asks(7))
	service.Fail("answer", &client.Refusal{Kind: client.NotAsked, Text: "that question is not being asked"})
	typing := 0
	var out bytes.Buffer
	term := &terminal{in: bufio.NewReader(strings.NewReader("")), out: &out, err: &out, ask: func(context.Context) ([]byte, error) {
		if typing++; typing == 1 {
			service.Say(asks(8))
		} else {
			over := client.Status{State: client.Failed}
			over.SetFailure(&reason.Reason{Code: reason.PeerDead, Side: reason.Gateway, Seen: "no verdict"})
			service.Say(over)
		}
		return []byte("secret"), nil
	}}
	code := run(t.Context(), term, []string{"--socket", service.Path, "up"})
	if code != 1 || typing != 2 || !strings.Contains(out.String(), "PEER_DEAD") || last(service) == "down" {
		t.Errorf("code %d, asked %d times, %v:\n%s", code, typing, service.Asked(), out.String())
	}
}

// last is what the service was asked last.
func last(service *clienttest.Service) any {
	asked := service.Asked()
	return asked[len(asked)-1]
}

// A connection that is up may ask for a new code, for its next key.
func TestUpAnswersWhatAConnectionAsks(t *testing.T) {
	asks := connected
	asks.Prompt = &client.Prompt{ID: 7, Kind: "passcode", Text: "Passcode of lisa"}
	service := clienttest.Start(t)
	service.On("up", asks)
	service.On("answer", connected)
	wantText(t, piped(t, service, "", "status").out, "Disconnected")
	wantCode(t, piped(t, service, "", "up"), 0) // nobody there: it is connected all the same
	wantText(t, piped(t, service, "", "status").out, "Asked for    Passcode of lisa (answer it with muvpn up)")
	wantCode(t, typed(t, service, "", []string{"123456"}, "up"), 0)
	if answer, _ := last(service).(client.Answer); string(answer.Value) != "123456" {
		t.Errorf("%v", service.Asked())
	}
}

func TestUpWithoutATerminalSaysWhatToDo(t *testing.T) {
	for kind, instead := range map[string]string{
		"xauth-user": "use --user", "xauth-password": "use --password-stdin", "passcode": "connect from a terminal", "challenge": "connect from a terminal",
	} {
		service := clienttest.Start(t)
		service.On("up", client.Status{State: client.Authenticating, Prompt: &client.Prompt{ID: 7, Kind: kind, Text: "Passcode of lisa"}})
		got := piped(t, service, "", "up")
		wantCode(t, got, 1)
		wantText(t, got.err, "passcode of lisa is needed and there is no terminal to ask at: "+instead)
		if last(service) != "down" {
			t.Error("the attempt goes on, and nobody will answer")
		}
	}
}

// What standard input holds is the password, once. A second question goes to the
// terminal, or nowhere.
func TestPasswordOfStandardInputIsUsedOnce(t *testing.T) {
	again := client.Status{State: client.Authenticating, Prompt: &client.Prompt{ID: 7, Kind: "xauth-password", Text: "Password of lisa"}}
	service := clienttest.Start(t)
	service.On("up", again)
	got := piped(t, service, "secret-1\nsecret-2\n", "up", "--user", "lisa", "--password-stdin")
	wantCode(t, got, 1)
	wantText(t, got.err, "that of standard input was used, and the gateway asks again")
	up, _ := service.Asked()[0].(client.Up)
	if up.User != "lisa" || string(up.Password) != "secret-1" || last(service) != "down" {
		t.Errorf("%v", service.Asked())
	}
	if strings.Contains(fmt.Sprint(service.Asked()...)+got.out+got.err, "secret-2") {
		t.Error("the second line was read")
	}
}

func TestSecondQuestionGoesToTheConsole(t *testing.T) {
	service := clienttest.Start(t)
	service.On("up", client.Status{State: client.Authenticating, Prompt: &client.Prompt{ID: 7, Kind: "challenge", Text: "Code?"}})
	service.On("answer", connected)
	var out bytes.Buffer
	console := &terminal{err: &out, ask: func(context.Context) ([]byte, error) { return []byte("123456"), nil }}
	term := &terminal{in: bufio.NewReader(strings.NewReader("password\n")), out: &out, err: &out,
		console: func() (*terminal, bool) { return console, true }}
	if code := run(t.Context(), term, []string{"--socket", service.Path, "up", "--password-stdin"}); code != 0 {
		t.Fatal(out.String())
	}
	if answer, _ := last(service).(client.Answer); string(answer.Value) != "123456" {
		t.Errorf("%v", service.Asked())
	}
}

func TestStatusText(t *testing.T) {
	since := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	s := connected
	s.Since, s.BytesIn, s.BytesOut, s.RekeyIn = &since, 1_234_567, 999, 3220
	s.Networks = []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")}
	s.IKE = &client.IKE{Version: 1, Exchange: "aggressive", Encryption: "des", Hash: "md5", Group: "modp768",
		Strength: client.Broken, Cookies: client.Cookies{Initiator: "0102", Responder: "0304"}, NAT: "forced"}
	s.ESP = &client.ESP{Encryption: "3des", Authentication: "sha1", Strength: client.Aging, SPIIn: "c0ffee01", SPIOut: "6985177e", Encapsulation: "udp"}
	want := `Connected: Office, for 1 h 2 min
  Gateway      198.51.100.1
  Virtual IP   192.168.10.201
  Networks     192.168.10.0/24
  Strength     broken: others can read what passes (DES, MD5 or group 1)
  Phase 1      IKEv1 aggressive, des md5 modp768 (broken), cookies 0102 0304, NAT forced
  Phase 2      ESP 3des sha1 (aging), SPI in c0ffee01 out 6985177e, in UDP
  Traffic      1.2 MB in, 999 B out
  Rekey in     53 min 40 s
`
	if got := statusText(s, since.Add(62*time.Minute), false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The kill switch is news while it is on, in the status and after muvpn down.
func TestKillSwitch(t *testing.T) {
	service := clienttest.Start(t)
	service.Say(client.Status{State: client.Disconnected, KillSwitch: client.KillSwitchBlocking})
	wantText(t, piped(t, service, "", "status").out, "Disconnected", "Kill switch", "until muvpn unblock")
	wantText(t, piped(t, service, "", "down").err, "Disconnected.", "The kill switch stays on: nothing leaves this computer until muvpn unblock.")
	wantText(t, piped(t, service, "", "unblock").err, "The kill switch is off.")
	if last(service) != "unblock" {
		t.Errorf("the service was asked %q", last(service))
	}
	service.Say(client.Status{State: client.Disconnected, KillSwitch: client.KillSwitchUnset})
	wantText(t, piped(t, service, "", "status").out, "Kill switch", "could NOT be set")
}

// A connection that its profile has ended says why and when, and that nothing has
// failed.
func TestStatusTextOfALimit(t *testing.T) {
	at := time.Date(2026, 3, 1, 14, 3, 0, 0, time.Local)
	s := client.Status{State: client.Disconnected,
		Ended: &client.Ending{At: at, Text: "Disconnected after 30 minutes without traffic, as the profile says"}}
	want := "Disconnected after 30 minutes without traffic, as the profile says, at 14:03 on 1 March\n"
	if got := statusText(s, at.Add(time.Hour), false); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProfilesShowRemoveLog(t *testing.T) {
	service := clienttest.Start(t)
	wantText(t, piped(t, service, "", "profiles").err, "no profile yet")
	service = clienttest.Start(t)
	service.Stored = []client.Profile{{Name: "Office", Gateway: "198.51.100.1", Serial: 3, Last: true}}
	service.TOML = "name = \"Office\"\n"
	service.Write("a line")
	wantText(t, piped(t, service, "", "profiles").out, "Office", "198.51.100.1", "*", "never")
	wantText(t, piped(t, service, "", "show", "Office").out, `name = "Office"`)
	wantText(t, piped(t, service, "", "log").out, "a line\n")
	wantCode(t, piped(t, service, "", "remove", "Office"), 0)
}

func TestManPages(t *testing.T) {
	dir := t.TempDir()
	wantCode(t, piped(t, nil, "", "man", dir), 0)
	page, err := os.ReadFile(filepath.Join(dir, "muvpn-import.1"))
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(page), "passphrase", "EXAMPLE")
}
