package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/tunnel/gateway"
)

// From a profile to a page on the office network and back, and what is left of
// it: no secret outside the store, nothing that others may read.
func TestTheWholeWay(t *testing.T) {
	t.Parallel()
	g := startGateway(t, 0, 0, nil)
	dir := t.TempDir()
	r := start(t, dir)
	r.imported(profileFor(t, g.IKE().Port(), g.NATT().Port(), nil))
	now := r.connected()
	if now.Strength != client.Aging || now.IKE.Exchange != "aggressive" || now.ESP.Encapsulation != "udp" || now.VirtualIP.String() != "192.168.10.201" {
		t.Errorf("the status is %+v", now)
	}
	page, err := r.fetch(now, "http://192.168.10.2/")
	if err != nil || !strings.Contains(page, "192.168.10.201") {
		t.Fatalf("the page is %q, %v", page, err)
	}
	if _, err := r.fetch(now, "http://127.0.0.1/"); err != nil {
		t.Fatal(err) // the proxy itself answers: outside the tunnel's networks
	}
	if now, err = r.Status(t.Context()); err != nil || now.BytesIn == 0 || now.BytesOut == 0 {
		t.Errorf("nothing was counted: %+v, %v", now, err)
	}
	r.timed()
	if now, err = r.Down(t.Context()); err != nil || now.State != client.Disconnected {
		t.Errorf("after down: %+v, %v", now, err)
	}
	log := r.log()
	for _, step := range []string{"TO 127.0.0.1 AG-HDR ", "FROM 127.0.0.1 AG-HDR ", "TO 127.0.0.1 AG-HDR* ", "Phase 1 completed as initiator",
		"TO 127.0.0.1 QM-HDR*-", "FROM 127.0.0.1 QM-HDR*-", "Load outbound ESP SA", "Load inbound ESP SA", "CONNECTED", "DISCONNECTED"} {
		if !strings.Contains(log, step) {
			t.Errorf("the log does not tell %q:\n%s", step, log)
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	inspect(t, dir)
}

// timed says that pages tell how long the way through the tunnel is. One whose first
// packet was sent again tells nothing.
func (r *running) timed() {
	r.t.Helper()
	var now client.Status
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var err error
		if now, err = r.Status(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		if now.TunnelRoundTrip != nil && now.TunnelRoundTrip.LastMS > 0 {
			return
		}
		if _, err := r.fetch(now, "http://192.168.10.2/"); err != nil {
			r.t.Fatal(err)
		}
	}
	r.t.Errorf("after a page the way through the tunnel takes %+v, to the gateway %+v", now.TunnelRoundTrip, now.RoundTrip)
}

// inspect looks at every file of the service's.
func inspect(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "state"), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read %s (%v)", path, info.Mode())
		}
		if e.IsDir() || strings.HasSuffix(path, ".secrets") {
			return nil
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), psk) {
			t.Errorf("the pre-shared key is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Each failure that a gateway can bring about ends in its Reason.
func TestReasons(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gateway, profile edits
		fault            string
		want             reason.Code
	}{
		"wrong key":       {profile: edits{psk, "another-key-that-is-long"}, want: reason.PSKWrong},
		"wrong HASH_R":    {fault: "wrong-hash=AG2", want: reason.PSKWrong},
		"unknown user":    {profile: edits{`value = "lisa"`, `value = "marge"`}, want: reason.IDUnknown},
		"Main Mode":       {profile: edits{`exchange = "aggressive"`, `exchange = "main"`}, want: reason.ModeMismatch},
		"Phase 1":         {profile: edits{"aes128-sha1-modp1024", "aes256-sha256-modp2048"}, want: reason.P1Proposal},
		"Phase 2":         {gateway: edits{`proposals = ["aes128-sha1"]`, `proposals = ["3des-sha1"]`}, want: reason.P2Proposal},
		"PFS":             {gateway: edits{"[phase2]", "[phase2]\npfs = \"modp1024\""}, profile: edits{"[esp]", "[esp]\npfs = \"none\""}, want: reason.P2PFS},
		"networks":        {profile: edits{"192.168.10.0/24", "172.16.0.0/12"}, want: reason.P2Selector},
		"virtual IP":      {profile: edits{"192.168.10.201", "192.168.10.202"}, want: reason.P2Selector},
		"no licence left": {fault: "full", want: reason.GWFull},
		"silence":         {fault: "silence=AG2", want: reason.NoReply},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t, 0, 0, c.gateway)
			if c.fault != "" {
				f, err := gateway.ParseFault(c.fault)
				if err != nil {
					t.Fatal(err)
				}
				g.Misbehave(f)
			}
			r := start(t, t.TempDir())
			r.imported(profileFor(t, g.IKE().Port(), g.NATT().Port(), c.profile))
			if _, err := r.Up(t.Context(), client.Up{}); err != nil {
				t.Fatal(err)
			}
			now := r.until(string(c.want), because(c.want))
			if now.Seen == "" || now.Side == "" {
				t.Errorf("it does not say what was seen, and on which side: %+v", now.Failure())
			}
			if log := r.log(); !strings.Contains(log, "FAILED [Office] "+string(c.want)) || strings.Contains(log, psk) {
				t.Errorf("the log is\n%s", log)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	r.imported(profileFor(t, deaf(t), deaf(t), nil))
	if _, err := r.Up(t.Context(), client.Up{}); err != nil {
		t.Fatal(err)
	}
	r.until("NO_REPLY", because(reason.NoReply))
}

// A gateway that goes away and comes back: the same connection goes on.
func TestGatewayRestarts(t *testing.T) {
	t.Parallel()
	g := startGateway(t, 0, 0, nil)
	ike, natt := g.IKE().Port(), g.NATT().Port()
	r := start(t, t.TempDir())
	r.imported(profileFor(t, ike, natt, nil))
	now := r.connected()
	g.Kill()
	r.fetch(now, "http://192.168.10.2/") // outbound traffic that nobody answers
	r.until("reconnecting", is(client.Reconnecting))
	startGateway(t, ike, natt, nil)
	again := r.until("connected again", is(client.Connected))
	if again.Proxy.HTTP != now.Proxy.HTTP || again.ESP.SPIIn == now.ESP.SPIIn {
		t.Errorf("before %+v, after %+v", now, again)
	}
	if page, err := r.fetch(again, "http://192.168.10.2/"); err != nil {
		t.Errorf("the page is %q, %v", page, err)
	}
}

func TestGatewayLogsTheUserOut(t *testing.T) {
	t.Parallel()
	g := startGateway(t, 0, 0, nil)
	r := start(t, t.TempDir())
	r.imported(profileFor(t, g.IKE().Port(), g.NATT().Port(), nil))
	before := r.connected()
	if _, err := r.fetch(before, "http://192.168.10.2/"); err != nil {
		t.Fatal(err)
	}
	g.LogOut()
	r.until("connected again", func(now client.Status) bool {
		return now.State == client.Connected && now.IKE.Cookies != before.IKE.Cookies
	})
	if log := r.log(); !strings.Contains(log, "LOST [Office] GW_CLOSED") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestTwoServices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, dir)
	answers := "another muvpnd is answering"
	if runtime.GOOS == "windows" {
		answers = "another muvpnd, holds the pipe"
	}
	for name, d := range map[string]*daemon{
		"another muvpnd uses": {state: r.d.state, socket: doorIn(dir, "t.sock")},
		answers:               {state: filepath.Join(dir, "other"), socket: r.d.socket},
	} {
		d.userspace, d.proxy, d.err = true, r.d.proxy, r.said
		if err := d.run(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a second service ends with %v", err)
		}
	}
	if _, err := r.Status(t.Context()); err != nil {
		t.Errorf("the first one is gone: %v", err)
	}
}

func TestProfilesStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, dir)
	r.imported(profileFor(t, 500, 4500, nil))
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(r.d.socket); err == nil {
		t.Error("the socket is still there")
	}
	again := start(t, dir)
	if list, err := again.Profiles(t.Context()); err != nil || len(list) != 1 || !list[0].Last {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestExitCodes(t *testing.T) {
	for want, cases := range map[int][][]string{
		2: {{"walk"}, {"run", "office"}, {"run", "--path", "x"}, {"run", "--proxy", "127.0.0.1:0"}, {"run", "--userspace", "--proxy", "here"}},
		1: {{"run", "--userspace", "--state", "/dev/null/state", "--socket", "/dev/null/s"},
			{"run", "--userspace", "--state", t.TempDir(), "--socket", "/dev/null/s"},
			{"run", "--userspace", "--proxy", "192.0.2.1:1080", "--state", t.TempDir(), "--socket", filepath.Join(t.TempDir(), "s")}},
		0: {{"--version"}},
	} {
		for _, args := range cases {
			if got := execute(t.Context(), args); got != want {
				t.Errorf("muvpnd %s: exit code %d, want %d", strings.Join(args, " "), got, want)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	if !privileged() || runtime.GOOS == "windows" {
		t.Skip("the paths of unix systems, and root's")
	}
	d := &daemon{}
	if err := d.choosePaths(); err != nil || d.state != "/var/lib/muvpn" || d.socket != "/run/muvpn/muvpnd.sock" {
		t.Errorf("%q, %q, %v", d.state, d.socket, err)
	}
	t.Setenv("XDG_STATE_HOME", "/home/lisa/state")
	if got := userState(); got != "/home/lisa/state/muvpn" {
		t.Errorf("%q", got)
	}
	t.Setenv("XDG_STATE_HOME", "relative")
	t.Setenv("HOME", "/home/lisa")
	if got := userState(); got != "/home/lisa/.local/state/muvpn" {
		t.Errorf("%q", got)
	}
}

func TestHelp(t *testing.T) {
	var names []string
	for _, c := range newRoot().Commands() {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: %q", c.Name(), c.Short)
		}
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	if want := "[install rearm run start status stop unblock uninstall]"; fmt.Sprint(names) != want {
		t.Errorf("the commands are %v, want %s", names, want)
	}
}
