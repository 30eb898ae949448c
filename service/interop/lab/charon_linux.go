package lab

import (
	_ "embed"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"
)

// keysFile is where charon writes the keys that it derives.
const keysFile = "keys.log"

// Peer is a strongSwan's side of a connection, in the words of swanctl.conf.
type Peer struct {
	Initiator          bool // else it is the gateway
	Aggressive         bool
	Local, Remote      string // addresses
	LocalID, RemoteID  string
	PSK                string
	Credentials        *Credentials // both sides have certificates in the place of PSK
	IKE, ESP           []string     // proposals
	IKERekey, ESPRekey time.Duration
	DPD                time.Duration
	VirtualIP          netip.Addr
	Networks           []netip.Prefix // one child each, named net0, net1, …
}

// Credentials are the certificates of a strongSwan and its key, in PEM. What it
// trusts and what it sends along with its own are authorities to it alike.
type Credentials struct {
	Own, Key    []byte
	Authorities [][]byte
}

// write puts them where swanctl looks for them, one a file.
func (c *Credentials) write(dir string) error {
	files := map[string][]byte{"x509/own.pem": c.Own, "private/own.pem": c.Key}
	for i, text := range c.Authorities {
		files[fmt.Sprintf("x509ca/%d.pem", i)] = text
	}
	for file, text := range files {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Charon is strongSwan's daemon: its configuration, its files, and how to
// talk to it. It runs in a namespace or in a kernel of its own.
type Charon struct {
	*Process
	program Program
	dir     string
	uri     string     // where it listens for swanctl
	control *Namespace // from where that can be reached
}

var (
	//go:embed strongswan.conf.tmpl
	strongswanConf string
	//go:embed swanctl.conf.tmpl
	swanctlConf string

	templates = template.Must(template.New("strongswan.conf").
			Funcs(template.FuncMap{"join": func(list []string) string { return strings.Join(list, ",") }}).
			Parse(strongswanConf))
	_ = template.Must(templates.New("swanctl.conf").Parse(swanctlConf))
)

// newCharon prepares a charon that does ESP in user space. Its files are in a
// folder of its name under dir.
func newCharon(ns *Namespace, dir, name string) (*Charon, error) {
	c := &Charon{dir: filepath.Join(dir, name), control: ns}
	c.uri = "unix://" + c.path("vici")
	c.program = Program{
		Name: name, Namespace: ns, Args: []string{toolPath("charon")},
		Env:    []string{"STRONGSWAN_CONF=" + c.path("strongswan.conf")},
		Mounts: []Mount{{Target: "/run"}},
	}
	return c, os.MkdirAll(c.dir, 0o700)
}

// path is a file of this charon.
func (c *Charon) path(file string) string { return filepath.Join(c.dir, file) }

// configure writes the two configuration files.
func (c *Charon) configure(peer Peer, userSpace bool) error {
	if peer.Credentials != nil {
		if err := peer.Credentials.write(c.dir); err != nil {
			return err
		}
	}
	own := struct {
		URI, Log, Keys string
		UserSpace      bool
	}{c.uri, c.LogFile(), c.KeysFile(), userSpace}
	if err := writeTemplate(c.path("strongswan.conf"), "strongswan.conf", own); err != nil {
		return err
	}
	return writeTemplate(c.path("swanctl.conf"), "swanctl.conf", peer)
}

// LogFile is where charon tells what it does.
func (c *Charon) LogFile() string { return c.path("charon.log") }

// KeysFile is where charon writes the keys that it derives.
func (c *Charon) KeysFile() string { return c.path(keysFile) }

// Start starts charon, again if it was stopped, and loads the connection.
func (c *Charon) Start() (err error) {
	if c.Process, err = c.program.Start(c.dir); err != nil {
		return err
	}
	err = WaitFor(30*time.Second, func() error {
		_, err := c.Swanctl("--load-all", "--file", c.path("swanctl.conf"))
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	return c.program.Namespace.lengthenQueue(libipsecTUN)
}

// libipsecTUN is the link that ESP in user space goes through. tunQueue is how
// many packets may wait there, instead of 500: on a slow machine charon can
// sleep longer than those last, and packets that it loses are not the client's
// loss.
const (
	libipsecTUN = "ipsec0"
	tunQueue    = 20000
)

// Swanctl runs strongSwan's control program.
func (c *Charon) Swanctl(args ...string) ([]byte, error) {
	args = append([]string{toolPath("swanctl")}, args...)
	return Program{Name: "swanctl", Namespace: c.control, Args: append(args, "--uri", c.uri),
		Env: []string{"SWANCTL_DIR=" + c.dir}}.Run(nil)
}

// SAs are the IKE SAs that charon has, with their children.
func (c *Charon) SAs() ([]IKESA, error) {
	out, err := c.Swanctl("--list-sas", "--raw")
	if err != nil {
		return nil, err
	}
	return parseSAs(string(out))
}

// Keys are the keys of every SA that charon has derived as the responder.
func (c *Charon) Keys() ([]SAKeys, error) {
	log, err := os.ReadFile(c.KeysFile())
	return charonKeys(string(log)), err
}

// writeTemplate writes the named template to a file that only root may read.
func writeTemplate(path, name string, data any) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	return templates.ExecuteTemplate(file, name, data)
}
