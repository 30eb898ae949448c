package service

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// module is the import path of the whole.
const module = "muvpn/"

// rule says what the packages of some folders may not import. A folder stands
// for itself and all below it, "tunnel." for the package tunnel alone, "std:net"
// for a package of others.
type rule struct {
	from, except []string // these folders, but not these
	never        []string
	but          []string // of never, these are allowed all the same
	why          string
}

// rules are the arrows of docs/house.md, the other way round.
var rules = []rule{
	{from: []string{"."}, except: []string{"gui"}, never: []string{"gui"}, why: "nothing needs a window to work"},
	{from: []string{"."}, except: []string{"service"}, never: []string{"service"}, why: "the service is asked through client, never called"},
	{from: []string{"client/reason"}, never: []string{"."}, why: "a leaf that every package may import"},
	{from: []string{"profile/dn"}, never: []string{"."}, why: "names are a leaf, too"},
	{from: []string{"client"}, except: []string{"client/muvpn", "client/opening", "client/issuing"}, never: []string{"profile", "tunnel", "assets"},
		why: "what is said to the service needs neither"},
	{from: []string{"client/opening"}, never: []string{"tunnel", "assets", "client/muvpn"}, why: "it opens files, and shows and connects nothing"},
	{from: []string{"."}, except: []string{"client/muvpn", "gui"}, never: []string{"client/opening"},
		why: "files are opened on the unprivileged side"},
	{from: []string{"client/issuing"}, never: []string{"client", "tunnel"}, but: []string{"client/issuing"}, why: "it makes files, and asks nobody"},
	{from: []string{"."}, except: []string{"client/muvpn", "client/issuing"}, never: []string{"client/issuing"},
		why: "profiles are issued by the command line"},
	{from: []string{"."}, except: []string{"client/issuing/roster"}, never: []string{"std:github.com/xuri/excelize/v2"},
		why: "workbooks are opened by the command line alone"},
	{from: []string{"."}, except: []string{"client/issuing/chart"}, never: []string{"std:github.com/d2lang/elk-go"},
		why: "one package lays pictures out"},
	{from: []string{"client/issuing/planning", "client/issuing/chart"}, never: []string{"std:os", "std:net", "std:syscall", "std:os/exec"}, but: []string{"std:net/netip"},
		why: "what is planned is pure"},
	{from: []string{"."}, except: []string{"client/muvpn", "client/explain", "service/demo", "service/interop"},
		never: []string{"client/explain/logs", "client/explain/story", "client/explain/page", "client/explain/sessions"},
		why:   "logs of others are read on the unprivileged side"},
	{from: []string{"client/explain"}, never: []string{"std:os", "std:net", "std:syscall", "std:os/exec"}, but: []string{"std:net/netip", "std:net/mail"},
		why: "what is made of logs is pure"},
	{from: []string{"client/muvpn", "gui"}, never: []string{"tunnel"}, why: "the unprivileged side only asks"},
	{from: []string{"profile"}, never: []string{"client", "tunnel", "assets"}, but: []string{"client/reason"},
		why: "a profile is plain data"},
	{from: []string{"service", "tunnel", "profile", "client."}, except: []string{"profile/mobileconfig"},
		never: []string{"profile/mobileconfig", "std:howett.net/plist", "std:github.com/smallstep/pkcs7", "std:encoding/xml"},
		why:   "parsers of foreign files are for the unprivileged side"},
	{from: []string{"service"}, except: []string{"service/interop", "service/demo"},
		never: []string{"tunnel/ike", "tunnel/esp", "tunnel/gateway"}, why: "the service knows tunnels, not protocols"},
	{from: []string{"service/policy"}, never: []string{"client", "tunnel", "service"}, but: []string{"service/policy"},
		why: "a policy is read, and obeyed elsewhere"},
	{from: []string{"tunnel"}, except: []string{"tunnel/bench"}, never: []string{"client"}, but: []string{"client/reason"},
		why: "a tunnel does not know who asks"},
	{from: []string{"tunnel."}, never: []string{"tunnel/netcfg", "tunnel/userspace", "tunnel/gateway"},
		why: "a tunnel is lent its interface"},
	{from: []string{"tunnel/netcfg"}, never: []string{"profile", "tunnel"}, but: []string{"tunnel/netcfg"},
		why: "it depends on an interface, not on a tunnel"},
	{from: []string{"."}, except: []string{"tunnel/netcfg"}, never: []string{"std:github.com/tailscale/wf", "std:github.com/google/nftables"},
		why: "one package sets the firewall"},
	{from: []string{"tunnel/ike"}, never: []string{"profile", "tunnel"}, but: []string{"tunnel/ike", "profile/dn"},
		why: "the key exchange knows no packets"},
	{from: []string{"tunnel/ike/wire", "tunnel/ike/suite"}, never: []string{"tunnel"}, but: []string{"tunnel/ike/wire", "tunnel/ike/suite"},
		why: "codecs and algorithms know no exchange"},
	{from: []string{"tunnel/ike/cert"}, never: []string{"tunnel/ike."}, why: "certificates are judged apart from exchanges"},
	{from: []string{"tunnel/ike.", "tunnel/ike/cert"}, never: []string{"tunnel/ike/ikev1"}, why: "the contract does not know its versions"},
	{from: []string{"tunnel/esp"}, never: []string{"profile", "tunnel"}, but: []string{"tunnel/esp"},
		why: "ESP is given its keys"},
	{from: []string{"tunnel/gateway"}, never: []string{"profile", "tunnel."}, but: []string{"profile/dn"},
		why: "the gateway of the tests shares no exchange with the client"},
	{from: []string{"tunnel/gateway"}, never: []string{"tunnel/ike."}, why: "as above"},
	{from: []string{"tunnel/gateway"}, never: []string{"tunnel/ike/ikev1"}, why: "as above"},
	{from: []string{"tunnel/ike", "tunnel/esp"},
		never: []string{"std:net", "std:os", "std:log", "std:syscall", "std:golang.org/x/sys", "std:github.com/sirupsen/logrus"},
		but:   []string{"std:net/netip", "std:golang.org/x/sys/cpu"}, why: "the core does no I/O"},
}

func TestForbiddenImports(t *testing.T) {
	root := ".."
	seen := 0
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := e.Name(); e.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		seen++
		for _, imported := range importsOf(t, file) {
			check(t, file, folderOf(t, root, file), imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("only %d files were looked at", seen)
	}
}

func importsOf(t *testing.T, file string) []string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, i := range parsed.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// folderOf is the package of a file, as the rules name it.
func folderOf(t *testing.T, root, file string) string {
	t.Helper()
	rel, err := filepath.Rel(root, filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// check holds one import against all rules.
func check(t *testing.T, file, from, imported string) {
	t.Helper()
	to, ours := strings.CutPrefix(imported, module)
	if !ours {
		to = "std:" + imported
	}
	for _, r := range rules {
		if r.forbids(from, to) {
			t.Errorf("%s imports %s: %s", file, imported, r.why)
		}
	}
}

// forbids says whether from may not import to.
func (r rule) forbids(from, to string) bool {
	return within(from, r.from) && !within(from, r.except) && within(to, r.never) && !within(to, r.but)
}

// within says that the package lies in one of the folders.
func within(p string, folders []string) bool {
	for _, f := range folders {
		alone, isAlone := strings.CutSuffix(f, ".")
		switch {
		case f == "." && !strings.HasPrefix(p, "std:"),
			isAlone && p == alone,
			!isAlone && (p == f || strings.HasPrefix(p, f+"/")):
			return true
		}
	}
	return false
}

// The rules can fail: each forbids something.
func TestRulesForbid(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"client", "profile"}, {"client/muvpn", "service"}, {"client/muvpn", "tunnel"}, {"client/reason", "client"},
		{"profile", "client"}, {"profile/store", "tunnel"}, {"service", "tunnel/ike"}, {"service/logbook", "tunnel/esp"},
		{"tunnel", "tunnel/netcfg"}, {"tunnel", "service"}, {"tunnel/netcfg", "tunnel"}, {"tunnel/ike/wire", "tunnel/ike"},
		{"tunnel/ike", "tunnel/ike/ikev1"}, {"tunnel/ike/ikev1", "std:net"}, {"tunnel/esp", "tunnel/ike"}, {"tunnel/esp", "std:os"},
		{"tunnel/gateway", "tunnel/ike/ikev1"}, {"tunnel/gateway/server", "tunnel"}, {"tunnel", "client"}, {"service", "gui"},
		{"profile", "profile/mobileconfig"}, {"service", "profile/mobileconfig"}, {"profile/store", "std:howett.net/plist"},
		{"service", "std:github.com/tailscale/wf"}, {"tunnel", "std:github.com/google/nftables"},
		{"profile/dn", "profile"}, {"tunnel/ike/cert", "tunnel/ike/ikev1"}, {"tunnel/ike/cert", "tunnel/ike"},
		{"service", "client/opening"}, {"client", "client/opening"}, {"client/opening", "tunnel"}, {"client/opening", "service"}, {"service/policy", "service/logbook"},
		{"service", "client/issuing"}, {"gui", "client/issuing/roster"}, {"client/issuing", "client"}, {"profile", "std:github.com/xuri/excelize/v2"},
		{"client/muvpn", "std:github.com/d2lang/elk-go"}, {"client/issuing/planning", "std:os"},
	} {
		if !forbidden(c.from, c.to) {
			t.Errorf("%s may import %s", c.from, c.to)
		}
	}
	for _, c := range []struct{ from, to string }{
		{"client/muvpn", "profile"}, {"client/opening", "profile/mobileconfig"}, {"client/issuing", "profile"}, {"client/issuing", "assets"}, {"gui", "client/opening"}, {"service", "tunnel/netcfg"}, {"tunnel", "client/reason"}, {"tunnel", "tunnel/ike/ikev1"},
		{"tunnel/gateway", "tunnel/ike/wire"}, {"tunnel/netcfg", "std:github.com/tailscale/wf"}, {"tunnel/ike/ikev1", "std:net/netip"}, {"service/muvpnd", "service/logbook"},
	} {
		if forbidden(c.from, c.to) {
			t.Errorf("%s may not import %s", c.from, c.to)
		}
	}
}

func forbidden(from, to string) bool {
	for _, r := range rules {
		if r.forbids(from, to) {
			return true
		}
	}
	return false
}
