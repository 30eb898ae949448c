package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"muvpn/service/interop/lab"
)

// programs is the folder of muvpn, muvpnd and muvpn-testgw.
var programs string

func TestMain(m *testing.M) {
	lab.ReExec()
	os.Exit(m.Run())
}

// TestInterop plays every scenario, as many at a time as there are cores.
func TestInterop(t *testing.T) {
	prepare(t, "strongSwan in network namespaces")
	var passed atomic.Int32
	t.Run("with", func(t *testing.T) {
		for _, scenario := range scenarios {
			t.Run(scenario.name, func(t *testing.T) {
				t.Parallel()
				scenario.play(newStage(t, scenario.layout))
				if !t.Failed() {
					passed.Add(1)
				}
			})
		}
	})
	fmt.Printf("interop: %d of %d passed\n", passed.Load(), len(scenarios))
}

// prepare sees to it that a lab can be built and the programs are there, or
// says plainly what is skipped and why. With MUVPN_INTEROP=1, which is what
// `make interop` sets, root skips nothing.
func prepare(t *testing.T, what string, tools ...string) {
	switch wanted := os.Getenv("MUVPN_INTEROP") == "1"; {
	case os.Geteuid() != 0:
		t.Skipf("interop: skipped, %s needs root: sudo make interop", what)
	case !wanted:
		t.Skipf("interop: skipped, %s is played by make interop (MUVPN_INTEROP=1)", what)
	}
	if missing := lab.Missing(tools...); len(missing) > 0 {
		t.Fatalf("interop: the machine lacks %s; make packages installs it", strings.Join(missing, ", "))
	}
	if programs = os.Getenv("MUVPN_PROGRAMS"); programs == "" {
		programs = build(t)
	}
}

// build builds the programs as `make build` does.
func build(t *testing.T) string {
	dir := t.TempDir()
	command := exec.Command("go", "build", "-o", dir+string(filepath.Separator),
		"muvpn/client/muvpn", "muvpn/service/muvpnd", "muvpn/tunnel/gateway/muvpn-testgw")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}
