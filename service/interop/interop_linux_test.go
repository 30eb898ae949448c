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

// programs is the folder of muvpn and muvpnd.
var programs string

func TestMain(m *testing.M) {
	lab.ReExec()
	os.Exit(m.Run())
}

// TestInterop plays every scenario.
func TestInterop(t *testing.T) {
	prepare(t, "strongSwan in network namespaces")
	play(t, "interop", scenarios)
}

// TestRaw plays the scenarios of raw ESP against strongSwan on a kernel of its
// own.
func TestRaw(t *testing.T) {
	prepare(t, "strongSwan in user-mode Linux", lab.KernelGatewayTools...)
	play(t, "interop-raw", rawScenarios)
}

// TestRoaming plays everything on the road as often and as long as the figures
// need that it prints.
func TestRoaming(t *testing.T) {
	if !inFull() {
		t.Skip("roaming: skipped, it is played by make roaming (MUVPN_ROAMING=1)")
	}
	prepare(t, "strongSwan in network namespaces")
	play(t, "roaming", roaming)
}

// inFull says that the scenarios on the road may take as long as they like.
func inFull() bool { return os.Getenv("MUVPN_ROAMING") == "1" }

// play plays the scenarios, as many at a time as -parallel says, and says how many
// went as they should.
func play(t *testing.T, what string, list []scenario) {
	var played, passed atomic.Int32
	t.Run("with", func(t *testing.T) {
		for _, scenario := range list {
			t.Run(scenario.name, func(t *testing.T) {
				t.Parallel()
				played.Add(1)
				scenario.play(newStage(t, scenario.layout))
				if !t.Failed() {
					passed.Add(1)
				}
			})
		}
	})
	fmt.Printf("%s: %d of %d passed\n", what, passed.Load(), played.Load())
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
		programs = build(t, "muvpn/client/muvpn", "muvpn/service/muvpnd")
	}
}

// testGateway builds muvpn-testgw so that it tells its keys, which the one of
// `make build` does not.
func testGateway(t *testing.T) string {
	return filepath.Join(build(t, "-tags", "muvpn_debugkeys", "muvpn/tunnel/gateway/muvpn-testgw"), "muvpn-testgw")
}

// build builds programs, as `make build` does, and returns their folder.
func build(t *testing.T, args ...string) string {
	dir := t.TempDir()
	command := exec.Command("go", append([]string{"build", "-o", dir + string(filepath.Separator)}, args...)...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}
