package wine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"
)

const (
	passphrase = "correct-horse-battery\n"
	samples    = "../../assets/samples"
	programs   = `C:\Program Files\muvpn\`
	muvpnd     = programs + "muvpnd.exe"
	muvpn      = programs + "muvpn.exe"
	lanPage    = "http://192.168.10.2/"
)

// TestMain fetches a page, as whoever is in the world, when a test has started it
// as such.
func TestMain(m *testing.M) {
	if proxy := os.Getenv("WINE_TEST_PROXY"); proxy != "" {
		text, err := page(proxy)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Print(text)
		return
	}
	os.Exit(m.Run())
}

// page is the office's page, through the proxy into the tunnel.
func page(proxy string) (string, error) {
	address, err := url.Parse(proxy)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, lanPage, nil)
	if err != nil {
		return "", err
	}
	response, err := (&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(address)}}).Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return string(text), err
}

// prepare says plainly what is skipped and why. With MUVPN_WINE=1, which is what
// `make wine` sets, root skips nothing.
func prepare(t *testing.T) {
	t.Helper()
	switch wanted := os.Getenv("MUVPN_WINE") == "1"; {
	case os.Geteuid() != 0:
		t.Skip("wine: skipped, a Windows of its own needs root: sudo make wine")
	case !wanted:
		t.Skip("wine: skipped, it is played by make wine (MUVPN_WINE=1)")
	}
	for _, tool := range []string{"wine", "wineserver", "x86_64-w64-mingw32-gcc", "unshare", "nsenter", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("wine: the machine lacks %s; make wine installs it", tool)
		}
	}
	if os.Getenv("MUVPN_PROGRAMS") == "" {
		t.Fatal("wine: MUVPN_PROGRAMS does not name the folder of muvpn-testgw")
	}
}

// TestWine is the life of muvpnd.exe, from install to purge, and what its packages
// test of Windows.
func TestWine(t *testing.T) {
	prepare(t)
	began, kept := time.Now(), kept(t)
	folder := build(t, kept)
	fmt.Printf("wine: built for Windows in %v\n", time.Since(began).Round(time.Second))
	windows := base(t, kept)
	w := fresh(t, windows, "root")
	for _, name := range []string{"muvpnd.exe", "muvpn.exe"} {
		w.copyIn(folder+"/"+name, "Program Files", "muvpn", name)
	}
	played := func(play func(*testing.T, *world)) func() { return func() { play(w.t, w) } }
	w.plays(
		step{"a program that others may change is not installed", played(exposedProgram)},
		step{"install", played(install)},
		step{"start, and it answers over the pipe", played(startService)},
		step{"a profile is imported, and its secrets are sealed", played(importProfile)},
		step{"policies are set and taken out", played(policies)},
		step{"a computer without a driver for the interface is told so", played(noDriver)},
		step{"a kill switch that cannot be set is unset, and stays", played(killSwitch)},
		step{"stop", played(stopService)},
		step{"lisa connects, and fetches a page", played(connect)},
		step{"another user does not open what was sealed", func() { anotherUser(w.t, w, windows) }},
		step{"profiles are listed and removed", played(remove)},
		step{"uninstall, while it runs", played(uninstall)},
		step{"purge", played(purge)},
	)
	for _, p := range tested {
		t.Run("tests of "+p.name, func(t *testing.T) { w.ownTests(t, folder, p.name, p.run) })
	}
}

// step is one of a life that is played.
type step struct {
	name string
	play func()
}

// plays plays the steps in the world, each as a test of its own, until one fails.
func (w *world) plays(steps ...step) {
	all := w.t
	all.Helper()
	defer func() { w.t = all }()
	for i, s := range steps {
		began := time.Now()
		if !all.Run(s.name, func(t *testing.T) { w.t = t; s.play() }) {
			all.Fatalf("wine: step %d, %s, failed", i+1, s.name)
		}
		fmt.Printf("wine: %s: ok, %v\n", s.name, time.Since(began).Round(100*time.Millisecond))
	}
}
