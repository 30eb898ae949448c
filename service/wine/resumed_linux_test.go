package wine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// gateway runs muvpn-testgw in the world, by the sample's file with some words of it
// replaced.
func (w *world) gateway(replaced ...string) {
	w.t.Helper()
	folder, err := filepath.Abs(os.Getenv("MUVPN_PROGRAMS"))
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(samples, "gateway.toml"))
	if err != nil {
		w.t.Fatal(err)
	}
	config := filepath.Join(w.t.TempDir(), "gateway.toml")
	if err := os.WriteFile(config, []byte(strings.NewReplacer(replaced...).Replace(string(text))), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.background(filepath.Join(folder, "muvpn-testgw"), "run", "--config", config, "--log", "/run/gateway.log")
}

// holds has the service hold a connection. It is entered anew for that, with a proxy
// in the place of the interface that wine does not have; the next installation takes
// that away from it.
func (w *world) holds() {
	w.t.Helper()
	w.entersAnew("auto", " --userspace")
	w.must("", muvpnd, "start")
	w.answers()
	w.must("", muvpn, "up", "--wait", "1m")
}

// entersAnew enters the service as an administrator might have changed it.
func (w *world) entersAnew(start, more string) {
	w.t.Helper()
	w.must("", muvpnd, "stop")
	w.must("", "sc", "delete", "muvpnd")
	w.must("", "sc", "create", "muvpnd", "binpath=", `"`+muvpnd+`" run --managed`+more, "start=", start)
}

// resumes says that the new service was asked for what the old one had held, and has
// tried: without an interface it can do no more.
func (w *world) resumes(name, log string) {
	w.t.Helper()
	if !strings.Contains(log, name+" was connected and is connected again") {
		w.t.Errorf("the log of the installation is\n%s", log)
	}
	w.await(fmt.Sprintf("asked to connect %s again", name), startTime, func() bool {
		now := w.status()
		return now.State == "failed" && now.Reason == "NO_TUN"
	})
	w.must("", muvpn, "down")
}
