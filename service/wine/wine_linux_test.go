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
	for step, do := range []struct {
		name string
		play func(*testing.T, *world)
	}{
		{"a program that others may change is not installed", exposedProgram},
		{"install", install},
		{"start, and it answers over the pipe", startService},
		{"a profile is imported, and its secrets are sealed", importProfile},
		{"policies are set and taken out", policies},
		{"a computer without a driver for the interface is told so", noDriver},
		{"a kill switch that cannot be set is unset, and stays", killSwitch},
		{"stop", stopService},
		{"lisa connects, and fetches a page", connect},
		{"another user does not open what was sealed", func(t *testing.T, w *world) { anotherUser(t, w, windows) }},
		{"profiles are listed and removed", remove},
		{"uninstall, while it runs", uninstall},
		{"purge", purge},
	} {
		began := time.Now()
		ok := t.Run(do.name, func(t *testing.T) {
			here := *w
			here.t = t
			do.play(t, &here)
		})
		if !ok {
			t.Fatalf("wine: step %d, %s, failed", step+1, do.name)
		}
		fmt.Printf("wine: %s: ok, %v\n", do.name, time.Since(began).Round(100*time.Millisecond))
	}
	for _, p := range tested {
		t.Run("tests of "+p.name, func(t *testing.T) { w.ownTests(t, folder, p.name, p.run) })
	}
}
