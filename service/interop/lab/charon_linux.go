package lab

import (
	_ "embed"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// keysFile is where charon writes the keys that it derives.
const keysFile = "keys.log"

// Charon is strongSwan's daemon: its configuration, its files, and how to
// talk to it. It runs in a namespace or in a kernel of its own.
type Charon struct {
	*Process
	program Program
	dir     string
	conf    string     // swanctl.conf; what it names lies beside it
	uri     string     // where it listens for swanctl
	control *Namespace // from where that can be reached
	pathMTU int        // 0: as Ethernet
}

var (
	//go:embed strongswan.conf.tmpl
	strongswanConf string
	//go:embed swanctl.conf.tmpl
	swanctlConf string

	templates = template.Must(template.New("strongswan.conf").
			Funcs(template.FuncMap{"join": func(list []string) string { return strings.Join(list, ",") }, "prefixes": prefixes}).
			Parse(strongswanConf))
	_ = template.Must(templates.New("swanctl.conf").Parse(swanctlConf))
)

// newCharon prepares a charon that does ESP in user space. Its files are in a
// folder of its name under dir.
func newCharon(ns *Namespace, dir, name string) (*Charon, error) {
	c := &Charon{dir: filepath.Join(dir, name), control: ns}
	c.conf, c.uri = c.path("swanctl.conf"), "unix://"+c.path("vici")
	c.program = Program{
		Name: name, Namespace: ns, Args: []string{toolPath("charon")},
		Env:    []string{"STRONGSWAN_CONF=" + c.path("strongswan.conf")},
		Mounts: []Mount{{Target: "/run"}},
	}
	return c, os.MkdirAll(c.dir, 0o700)
}

// path is a file of this charon.
func (c *Charon) path(file string) string { return filepath.Join(c.dir, file) }

// configure writes the configuration files and the certificates.
func (c *Charon) configure(peer Peer, userSpace bool) error {
	c.pathMTU = peer.PathMTU
	if err := c.writeCredentials(peer); err != nil {
		return err
	}
	own := struct {
		Peer
		URI, Log, Keys string
		UserSpace      bool
	}{peer, c.uri, c.LogFile(), c.KeysFile(), userSpace}
	if err := writeTemplate(c.path("strongswan.conf"), "strongswan.conf", own); err != nil {
		return err
	}
	if peer.Issued != "" {
		c.conf = filepath.Join(peer.Issued, "swanctl.conf")
		return nil
	}
	return writeTemplate(c.conf, "swanctl.conf", peer)
}

// The folders beside its file where swanctl looks for certificates and keys.
const (
	ownCertificates = "x509"
	authorities     = "x509ca"
	privateKeys     = "private"
)

// writeCredentials writes this side's certificate with its key, and the
// authorities.
func (c *Charon) writeCredentials(peer Peer) error {
	own := peer.Credentials
	if own == nil {
		return nil
	}
	files := map[string][]byte{filepath.Join(ownCertificates, "own.pem"): own.Own, filepath.Join(privateKeys, "own.pem"): own.Key}
	for i, authority := range own.Authorities {
		files[filepath.Join(authorities, strconv.Itoa(i)+".pem")] = authority
	}
	for name, text := range files {
		path := c.path(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// LogFile is where charon tells what it does.
func (c *Charon) LogFile() string { return c.path("charon.log") }

// KeysFile is where charon writes the keys that it derives.
func (c *Charon) KeysFile() string { return c.path(keysFile) }

// gatewayStart is how long a gateway may take until it listens: one with a kernel
// of its own boots first, perhaps on a machine with other work.
const gatewayStart = 2 * time.Minute

// Start starts charon, again if it was stopped, and loads the connection.
func (c *Charon) Start() (err error) {
	if c.Process, err = c.program.Start(c.dir); err != nil {
		return err
	}
	err = WaitFor(gatewayStart, c.Load)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	return c.program.Namespace.fitTUN(libipsecTUN, c.pathMTU)
}

// Load has charon take its connections and secrets from the files, and forget
// those that are no longer there. What is connected stays so.
func (c *Charon) Load() error {
	_, err := c.Swanctl("--load-all", "--clear", "--file", c.conf)
	return err
}

// ESPOverhead is how many octets of a packet ESP in UDP takes at the most.
const ESPOverhead = 100

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
	return Program{Name: "swanctl", Namespace: c.control, Args: append(args, "--uri", c.uri)}.Run(nil)
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

// prefixes are networks as strongSwan lists them.
func prefixes(list []netip.Prefix) string {
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = p.String()
	}
	return strings.Join(words, ",")
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
