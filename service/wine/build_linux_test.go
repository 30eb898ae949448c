package wine

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// stub is the one DLL that Go needs and wine 8 lacks.
const stub = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T size) { return SystemFunction036(to, size); }
`

// buildStub compiles it.
func buildStub(t *testing.T, to string) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "stub.c")
	if err := os.WriteFile(source, []byte(stub), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, exec.Command("x86_64-w64-mingw32-gcc", "-shared", "-o", to, source, "-ladvapi32"))
}

// changes are those to Go's library without which it cannot run under wine 8.
var changes = []struct{ file, from, to string }{
	// Whether an unreachable network is told to a UDP socket: asked as if for an
	// unreachable port, which wine knows.
	{"net/fd_windows.go", "windows.SIO_UDP_NETRESET", "syscall.SIO_UDP_CONNRESET"},
	// A file is removed in the way of older Windows.
	{"internal/syscall/windows/at_windows.go", "if TestDeleteatFallback {", "if true || TestDeleteatFallback {"},
}

// overlay writes those changes down for the compiler, into dir, and returns where.
// The compiler's cache counts only while they lie in the same place.
func overlay(t *testing.T, dir string) string {
	t.Helper()
	root := strings.TrimSpace(run(t, exec.Command("go", "env", "GOROOT")))
	replace := map[string]string{}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		original := filepath.Join(root, "src", c.file)
		text, err := os.ReadFile(original)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), c.from) != 1 {
			t.Fatalf("wine: %s is not as it was: %q does not stand there once; see whether wine needs another change", c.file, c.from)
		}
		changed := strings.Replace(string(text), c.from, c.to, 1)
		replace[original] = filepath.Join(dir, filepath.Base(c.file))
		if err := os.WriteFile(replace[original], []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// owners are who may own what the service runs: as everywhere the system and
// administrators, and the two that wine says of its only user's files.
const owners = "S-1-5-18 S-1-5-32-544 S-1-5-21-0-0-0-1000 S-1-5-21-0-0-0-513"

// tested are the packages whose own tests are played under wine, and which: those
// for Windows, and of muvpnd those that need no gateway in the same process.
var tested = []struct{ name, run string }{
	{"client/pipe", "."},
	{"profile/store", "ByWindows$"},
	{"service/policy", "Registry$"},
	{"service/muvpnd", "^Test(MetricsOverTheSocket|OversizedAndSlowClients|ProfilesStay|NobodyAnswers|KeepOrPurge|Unblock.*|Managed.*|ExitCodes)$"},
}

// build builds the programs, and the tests of packages, into a folder.
func build(t *testing.T, kept string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	buildPrograms(t, kept, folder)
	for _, p := range tested {
		compile(t, kept, nil, "test", "-c", "-o", filepath.Join(folder, testProgram(p.name)), "./"+p.name)
	}
	return folder
}

// buildPrograms builds muvpn.exe and muvpnd.exe.
func buildPrograms(t *testing.T, kept, folder string) {
	t.Helper()
	compile(t, kept, nil, "build", "-trimpath", "-ldflags", `-s -w -X "main.owners=`+owners+`"`, "-o", folder+"/", "./client/muvpn", "./service/muvpnd")
}

// compile runs the compiler for Windows, with those changes, and with more in its
// environment.
func compile(t *testing.T, kept string, more []string, what string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{what, "-overlay", overlay(t, filepath.Join(kept, "overlay"))}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0"), more...)
	run(t, cmd)
}

// testProgram is the program of a package's tests.
func testProgram(name string) string { return strings.ReplaceAll(name, "/", "-") + ".test.exe" }

// run runs a command of ours to its end.
func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("wine: %s: %v\n%s", strings.Join(cmd.Args, " "), err, said)
	}
	return string(said)
}
