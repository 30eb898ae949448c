package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/tunnel/netcfg/resolvedtest"
)

// The computer's own network settings, which the client must give back.
const (
	ownResolvConf = "# written by nobody in particular\nnameserver 192.0.2.53\nsearch home.example\n"
	ownNSSwitch   = "hosts: files dns\n"
	ownAccounts   = "root:x:0:0:root:/root:/bin/sh\n"
	ownGroups     = "root:x:0:\n"
)

// startLimit is how long muvpnd may take until it answers.
const startLimit = time.Minute

// Client is muvpnd on the client's computer, which has an /etc and a /run of
// its own, and muvpn to command it.
type Client struct {
	*Process
	lab     *Lab
	program Program
	muvpn   string
	socket  string

	resolved *resolvedtest.Resolved // nil: there is none
}

// StartClient starts muvpnd as root with a real TUN; programs is the folder
// of muvpn and muvpnd.
func (l *Lab) StartClient(programs string) (*Client, error) {
	c := &Client{lab: l, muvpn: filepath.Join(programs, "muvpn"), socket: filepath.Join(l.Dir, "muvpnd.sock")}
	if err := c.writeEtc(); err != nil {
		return nil, err
	}
	c.program = Program{
		Name: "muvpnd", Namespace: l.Network.Client,
		Args:   []string{filepath.Join(programs, "muvpnd"), "run", "--state", filepath.Join(l.Dir, "state"), "--socket", c.socket},
		Mounts: []Mount{{Target: "/run"}, {Source: c.etc(""), Target: "/etc"}},
	}
	l.onClose(func() { c.Process.Stop() })
	return c, c.Start()
}

// UseResolved gives the client's computer a systemd-resolved, and muvpnd its bus
// from the next start on.
func (c *Client) UseResolved(r *resolvedtest.Resolved) {
	c.resolved = r
	c.program.Env = append(c.program.Env, "DBUS_SYSTEM_BUS_ADDRESS="+r.Address)
}

// ResolvConf is a way to say whom the client's computer asks for names.
type ResolvConf int

// The ways.
const (
	OwnFile   ResolvConf = iota // a file
	OwnLink                     // a symbolic link to a file
	OwnStub                     // a file that names systemd-resolved's stub
	OwnSecret                   // a file that not everybody may read

	ResolvConfs = iota // how many there are
)

// resolvTarget is where the symbolic link leads.
const resolvTarget = "resolv.real"

// SetResolvConf makes the computer's own resolv.conf anew, in that way.
func (c *Client) SetResolvConf(way ResolvConf) error {
	text, mode, name := c.lab.resolvConf, os.FileMode(0o644), "resolv.conf"
	switch way {
	case OwnLink:
		name = resolvTarget
	case OwnStub:
		text = fmt.Sprintf("nameserver %s\n", stub)
	case OwnSecret:
		mode = 0o640
	}
	for _, old := range []string{"resolv.conf", resolvTarget} {
		if err := os.Remove(c.etc(old)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.WriteFile(c.etc(name), []byte(text), mode); err != nil || name == "resolv.conf" {
		return err
	}
	return os.Symlink(name, c.etc("resolv.conf"))
}

// etc is a file of the client's own /etc.
func (c *Client) etc(name string) string { return filepath.Join(c.lab.Dir, "etc", name) }

// writeEtc makes the client's /etc.
func (c *Client) writeEtc() error {
	if err := os.MkdirAll(c.etc(""), 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"resolv.conf": c.lab.resolvConf, "nsswitch.conf": ownNSSwitch, "passwd": ownAccounts, "group": ownGroups,
	} {
		if err := os.WriteFile(c.etc(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// SetPolicy makes what the administrator of the client's computer demands; empty:
// nothing, any more.
func (c *Client) SetPolicy(text string) error {
	file := c.etc("muvpn/policy.toml")
	if text == "" {
		return os.Remove(file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// Start starts muvpnd, again if it was stopped or killed, and waits until it
// answers.
func (c *Client) Start() (err error) {
	if c.Process, err = c.program.Start(c.lab.Dir); err != nil {
		return err
	}
	return WaitFor(startLimit, func() error {
		if !c.Running() {
			return fmt.Errorf("muvpnd has ended: %v", c.err)
		}
		_, err := c.Status()
		return err
	})
}

// Replace has the next start be that of the muvpnd in that folder.
func (c *Client) Replace(programs string) { c.program.Args[0] = filepath.Join(programs, "muvpnd") }

// Uninstall runs `muvpnd uninstall`, which finds this client's state where that
// of an installed service is.
func (c *Client) Uninstall() (Result, error) {
	varLib := filepath.Join(c.lab.Dir, "lib")
	if err := os.MkdirAll(varLib, 0o755); err != nil {
		return Result{}, err
	}
	if err := os.Symlink(filepath.Join(c.lab.Dir, "state"), filepath.Join(varLib, "muvpn")); err != nil {
		return Result{}, err
	}
	p := c.program
	p.Name, p.Args = "muvpnd uninstall", []string{p.Args[0], "uninstall"}
	p.Mounts = append(slices.Clip(p.Mounts), Mount{Source: varLib, Target: "/var/lib"})
	return p.RunFor(nil, time.Minute)
}

// ResolvConf is what the client's computer would ask for names.
func (c *Client) ResolvConf() string {
	text, err := os.ReadFile(c.etc("resolv.conf"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Muvpn runs one command of muvpn.
func (c *Client) Muvpn(stdin []byte, limit time.Duration, args ...string) (Result, error) {
	args = append([]string{c.muvpn, "--socket", c.socket}, args...)
	p := Program{Name: "muvpn " + args[3], Namespace: c.lab.Network.Client, Args: args}
	return p.RunFor(stdin, limit)
}

// Ask has muvpn connect by that profile, and does not wait for it.
func (c *Client) Ask(profile string) error {
	up, err := Program{
		Name: "muvpn-up", Namespace: c.lab.Network.Client, Args: []string{c.muvpn, "--socket", c.socket, "up", profile},
	}.Start(c.lab.Dir)
	if err == nil {
		c.lab.onClose(func() { up.Stop() })
	}
	return err
}

// Reaches waits until the client is in that state.
func (c *Client) Reaches(state client.State, limit time.Duration) error {
	return WaitFor(limit, func() error { return c.in(state) })
}

// must is Muvpn where every exit code but 0 is an error.
func (c *Client) must(stdin []byte, limit time.Duration, args ...string) ([]byte, error) {
	result, err := c.Muvpn(stdin, limit, args...)
	if err == nil && result.Exit != 0 {
		err = fmt.Errorf("muvpn %s: exit %d: %s%s", args[0], result.Exit, result.Stdout, result.Stderr)
	}
	return result.Stdout, err
}

// OnTerminal runs one command of muvpn at a terminal, where somebody types.
func (c *Client) OnTerminal(limit time.Duration, args []string, lines ...Line) (Result, error) {
	p := Program{Name: "muvpn " + args[0], Namespace: c.lab.Network.Client, Args: append([]string{c.muvpn, "--socket", c.socket}, args...)}
	return p.RunOnTerminal(limit, lines...)
}

// ImportForeign gives muvpn a file of another program, which needs no
// passphrase, with all that --legacy allows.
func (c *Client) ImportForeign(text []byte) error {
	file := filepath.Join(c.lab.Dir, "foreign")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	defer os.Remove(file)
	_, err := c.must(nil, time.Minute, "import", file, "--yes", "--legacy")
	return err
}

// Import gives muvpn an .EXP and its passphrase, as the user would.
func (c *Client) Import(exp []byte, passphrase string) error {
	file := filepath.Join(c.lab.Dir, "user.exp")
	if err := os.WriteFile(file, exp, 0o600); err != nil {
		return err
	}
	defer os.Remove(file)
	_, err := c.must([]byte(passphrase+"\n"), 3*time.Minute, "import", file, "--passphrase-stdin", "--yes", "--legacy")
	return err
}

// Failure is why `muvpn up` failed: the Reason, and what to try.
type Failure struct {
	reason.Reason
	Advice string `json:"advice"`
}

// Up connects, or returns the *Failure why not. A gateway that asks for name
// and password is given those of the login. A profile is named where there are
// several.
func (c *Client) Up(wait time.Duration, login Account, profile ...string) error {
	args, stdin := append([]string{"up", "--json", "--wait", wait.String()}, profile...), []byte(nil)
	if login.Name != "" {
		args, stdin = append(args, "--user", login.Name, "--password-stdin"), []byte(login.Password+"\n")
	}
	result, err := c.Muvpn(stdin, wait+10*time.Second, args...)
	if err != nil || result.Exit == 0 {
		return err
	}
	var why Failure
	if err := json.Unmarshal(result.Stdout, &why); err != nil || why.Code == "" || result.Exit != 1 {
		return fmt.Errorf("muvpn up: exit %d: %s%s", result.Exit, result.Stdout, result.Stderr)
	}
	return &why
}

// Down disconnects and waits until that is done.
func (c *Client) Down() error {
	if _, err := c.must(nil, time.Minute, "down"); err != nil {
		return err
	}
	return c.Reaches(client.Disconnected, 15*time.Second)
}

// in says whether the client is in that state.
func (c *Client) in(state client.State) error {
	status, err := c.Status()
	if err == nil && status.State != state {
		err = fmt.Errorf("muvpn is %s (%s %s), not %s", status.State, status.Reason, status.Seen, state)
	}
	return err
}

// Status is `muvpn status --json`.
func (c *Client) Status() (client.Status, error) {
	var status client.Status
	out, err := c.must(nil, 30*time.Second, "status", "--json")
	if err != nil {
		return status, err
	}
	return status, json.Unmarshal(out, &status)
}

// Version is that of the muvpnd that runs.
func (c *Client) Version() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	api, err := client.Dial(ctx, c.socket)
	if err != nil {
		return "", err
	}
	defer api.Close()
	return api.Hello().Version, nil
}

// Log is `muvpn log`.
func (c *Client) Log() string {
	out, err := c.must(nil, 10*time.Second, "log")
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(out))
}
