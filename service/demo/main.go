package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	passphrase = "correct-horse-battery"
	lanPage    = "http://192.168.10.2/"
	lanFTP     = "192.168.10.2:21"
	lanFile    = "random.bin"
)

// visitor is who connects, and to what.
type visitor struct {
	exp, gateway string // files of assets/samples
	up           []string
	password     string // for the gateway, on standard input
}

var visitors = map[string]visitor{
	"lisa": {exp: "lisa.exp", gateway: "gateway.toml"},
	"maggie": {exp: "maggie.exp", gateway: "office.toml", up: []string{"--password-stdin"},
		password: "sample-password-of-maggie\n"},
}

func main() {
	dir := flag.String("programs", "build", "folder of muvpn, muvpnd and muvpn-testgw")
	as := flag.String("as", "lisa", "lisa: a Firebox of 2001; or maggie: a gateway of today, with XAuth and Mode-Config")
	psk := flag.String("psk", "right", "right, or wrong: the gateway has another key than lisa.exp")
	inWindow := flag.Bool("window", false, "show the window, and let the user go the way")
	flag.Parse()
	who, known := visitors[*as]
	if *psk != "right" && *psk != "wrong" || !known {
		fmt.Fprintln(os.Stderr, "demo: PSK is right or wrong, WHO is lisa or maggie")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	way := run
	if *inWindow {
		way = window
	}
	if err := stage(ctx, &programs{dir: *dir, log: *as + "-client.log"}, who, *psk == "wrong", way); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

// stage starts both sides, lets somebody go the way, and takes all away again.
func stage(ctx context.Context, p *programs, who visitor, wrongPSK bool, way func(context.Context, *programs, visitor, bool) error) error {
	temporary, err := os.MkdirTemp("", "muvpn-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	p.socket = filepath.Join(temporary, "muvpnd.sock")
	defer p.stop()
	if err := startBoth(p, temporary, who.gateway, wrongPSK); err != nil {
		return err
	}
	return way(ctx, p, who, wrongPSK)
}

// run goes the whole way, in three minutes at most; with wrongPSK, as far as the
// gateway's refusal.
func run(ctx context.Context, p *programs, who visitor, wrongPSK bool) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if _, err := p.muvpn(ctx, passphrase+"\n", "import", "assets/samples/"+who.exp, "--passphrase-stdin", "--yes", "--legacy"); err != nil {
		return err
	}
	said, err := p.muvpn(ctx, who.password, append([]string{"up", "--wait", "60s"}, who.up...)...)
	if wrongPSK {
		return errors.Join(refused(said, err, p.log), keepLog(ctx, p))
	}
	if err != nil {
		return errors.Join(err, keepLog(ctx, p))
	}
	if err := use(ctx, p); err != nil {
		return errors.Join(err, keepLog(ctx, p))
	}
	if _, err := p.muvpn(ctx, "", "down"); err != nil {
		return err
	}
	if err := keepLog(ctx, p); err != nil {
		return err
	}
	return compare(p.log)
}

// startBoth starts the gateway and the service, each with its own view of the
// shared key when that is asked for.
func startBoth(p *programs, temporary, gateway string, wrongPSK bool) error {
	config, err := os.ReadFile("assets/samples/" + gateway)
	if err != nil {
		return err
	}
	if wrongPSK {
		config = regexp.MustCompile(`(?m)^(\s*psk\s*=\s*)".*"`).ReplaceAll(config, []byte(`${1}"not the key in the profile"`))
	}
	file := filepath.Join(temporary, "gateway.toml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return err
	}
	var box, daemon bytes.Buffer
	if _, err := p.start(&box, "muvpn-testgw", "run", "--config", file, "--log", "gateway.log"); err != nil {
		return err
	}
	if _, err := p.start(&daemon, "muvpnd", "run", "--userspace", "--state", filepath.Join(temporary, "state"), "--socket", p.socket); err != nil {
		return err
	}
	return await("muvpnd", func() bool {
		_, err := os.Stat(p.socket)
		return err == nil
	})
}

// refused is the end of the demo with a wrong key.
func refused(said string, err error, log string) error {
	if err == nil {
		return errors.New("the gateway has another key, and muvpn connected all the same")
	}
	if !strings.Contains(said, "PSK_WRONG") {
		return fmt.Errorf("the gateway has another key, and muvpn did not say PSK_WRONG")
	}
	fmt.Printf("demo: ended in PSK_WRONG, as it must with a wrong key; the logs are %s and gateway.log\n", log)
	return nil
}

// use does what the user came for, and shows the status of the connection.
func use(ctx context.Context, p *programs) error {
	status, err := p.quietly(ctx, "", "status", "--json")
	if err != nil {
		return err
	}
	var connected struct {
		Proxy struct{ SOCKS5 string }
	}
	if err := json.Unmarshal([]byte(status), &connected); err != nil {
		return err
	}
	tunnel, err := through(connected.Proxy.SOCKS5)
	if err != nil {
		return err
	}
	text, err := page(ctx, tunnel, lanPage)
	if err != nil {
		return err
	}
	fmt.Printf("HTTP %s: %s\n", lanPage, firstLine(text))
	size, sum, err := file(ctx, tunnel, lanFTP, lanFile)
	if err != nil {
		return err
	}
	fmt.Printf("FTP  %s/%s: %d octets, SHA-256 %s\n", lanFTP, lanFile, size, sum)
	status, err = p.muvpn(ctx, "", "status")
	fmt.Print(status)
	return err
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// keepLog leaves the client's log where the user stands.
func keepLog(ctx context.Context, p *programs) error {
	log, err := p.quietly(ctx, "", "log")
	if err != nil {
		return err
	}
	return os.WriteFile(p.log, []byte(log), 0o600)
}

// compare reads both logs and finds each side's numbers in the other's.
func compare(log string) error {
	client, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	gateway, err := os.ReadFile("gateway.log")
	if err != nil {
		return err
	}
	if err := tells(string(client)); err != nil {
		return err
	}
	fmt.Printf("The two logs, %s and gateway.log, tell of the same connection:\n", log)
	return match(string(client), string(gateway))
}
