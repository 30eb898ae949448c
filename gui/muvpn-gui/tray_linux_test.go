package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/gui/desktop/desktoptest"
)

// program is muvpn-gui as MUVPN_PROGRAMS has it, else as it is built without its
// window. That takes the user's own folders, so it comes before session.
func program(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("MUVPN_PROGRAMS"); dir != "" {
		if file := filepath.Join(dir, "muvpn-gui"); exists(file) {
			return file
		}
	}
	file := filepath.Join(t.TempDir(), "muvpn-gui")
	cmd := exec.Command("go", "build", "-o", file, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return file
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// session is a login session of the test's own, without a display.
func session(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "muvpn") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, value := range map[string]string{
		"XDG_RUNTIME_DIR": dir, "HOME": dir, "XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_CACHE_HOME": filepath.Join(dir, "cache"),
		"DISPLAY": "", "WAYLAND_DISPLAY": "", "LC_ALL": "C", "LANGUAGE": "", "MUVPN_SOCKET": "", "LIBGL_ALWAYS_SOFTWARE": "",
	} {
		t.Setenv(name, value)
	}
}

// launch starts the program, and ends it with the test.
func launch(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = dying()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

// dying has a program end when the test is killed.
func dying() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// await waits until something is so.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("never so: %s", what)
}

// line is a line of a menu on the bus.
type line struct {
	ID       int32
	Has      map[string]dbus.Variant
	Children []dbus.Variant
}

// menu are the lines that an icon's menu shows, by their labels.
func menu(t *testing.T, d *desktoptest.Desktop, icon string) map[string]line {
	t.Helper()
	var revision uint32
	var root line
	err := d.Bus.Object(icon, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]line{}
	for _, v := range root.Children {
		var l line
		if err := dbus.Store([]any{v.Value()}, &l); err != nil {
			t.Fatal(err)
		}
		if visible, ok := l.Has["visible"].Value().(bool); !ok || visible {
			label, _ := l.Has["label"].Value().(string)
			lines[label] = l
		}
	}
	return lines
}

// says is a property of an icon, as text.
func says(t *testing.T, d *desktoptest.Desktop, icon, property string) string {
	t.Helper()
	v, err := d.Bus.Object(icon, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem." + property)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(v.Value())
}

// The program itself on a bus of its own: what a panel sees of it, and what
// choosing from its menu does.
func TestTray(t *testing.T) {
	gui := program(t)
	session(t)
	d := desktoptest.Start(t)
	d.Panel(t)
	d.Bell(t)
	service := clienttest.Start(t)
	service.Stored = []client.Profile{{Name: "Office_1", UUID: "1", Last: true}, {Name: "Lisa", UUID: "2"}}
	lisa := func(st client.State) client.Status { return client.Status{State: st, Profile: "Lisa", UUID: "2"} }
	service.On("up", lisa(client.Resolving), lisa(client.Connected))
	service.On("down", client.Status{State: client.Disconnected})

	cmd := launch(t, gui, "--tray", "--socket", service.Path)
	icon := <-d.Items
	var shown map[string]line
	has := func(label string) func() bool {
		return func() bool {
			shown = menu(t, d, icon)
			_, ok := shown[label]
			return ok
		}
	}
	choose := func(label string) {
		t.Helper()
		await(t, "the menu has "+label, has(label))
		call := d.Bus.Object(icon, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.Event", 0, shown[label].ID, "clicked", dbus.MakeVariant(0), uint32(0))
		if call.Err != nil {
			t.Fatal(call.Err)
		}
	}
	await(t, "the menu has the last profile", has("Connect Office__1"))
	if enabled := shown["Disconnected"].Has["enabled"].Value(); enabled != false {
		t.Errorf("the state can be chosen: %v", enabled)
	}
	before := says(t, d, icon, "IconPixmap")
	choose("Connect Lisa")
	await(t, "the tooltip says it", func() bool { return strings.Contains(says(t, d, icon, "ToolTip"), "muvpn: Connected: Lisa") })
	await(t, "the icon is another", func() bool { return says(t, d, icon, "IconPixmap") != before })
	if n := <-d.Notices; n.Title != "Connected: Lisa" {
		t.Errorf("told %+v", n)
	}
	choose("Disconnect Lisa")
	await(t, "it is disconnected", has("Connect Lisa"))
	if asked := service.Asked(); len(asked) != 2 || asked[0].(client.Up).Profile != "2" || asked[1] != "down" {
		t.Errorf("asked %v", asked)
	}
	if len(d.Notices) > 0 {
		t.Errorf("told %+v of the user's own doing", <-d.Notices)
	}

	if said, err := exec.CommandContext(t.Context(), gui, "--tray", "--socket", service.Path).CombinedOutput(); err != nil || len(said) > 0 || len(d.Items) > 0 {
		t.Errorf("a second tray: %v, %s", err, said)
	}
	figures(t, cmd.Process.Pid)
	choose("Quit")
	if err := cmd.Wait(); err != nil {
		t.Errorf("the tray quit with %v", err)
	}
}

// figures says what the tray takes while nothing happens, and holds it to 40 MB.
// What of a core it takes other programs on the machine have a say in: here only
// one that never rests is a failure. What it does after something has happened is
// over soon: the second or third look counts.
func figures(t *testing.T, pid int) {
	t.Helper()
	const seconds = 10
	spent := 0
	for range 3 {
		begun := ticks(t, pid)
		time.Sleep(seconds * time.Second)
		if spent = ticks(t, pid) - begun; spent <= 2 {
			break
		}
	}
	kB := resident(t, pid)
	t.Logf("the tray: %.1f MB resident, %.2f %% of a core", float64(kB)/1000, float64(spent)/seconds)
	if kB > 40_000 || spent > 20 {
		t.Errorf("the tray takes %d kB and %d hundredths of a second in %d seconds", kB, spent, seconds)
	}
}

// ticks is the processor time of a process in hundredths of a second (proc(5)).
func ticks(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

// resident is the memory of a process in kB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b))
	kB, err := strconv.Atoi(fields[slices.Index(fields, "VmRSS:")+1])
	if err != nil {
		t.Fatal(err)
	}
	return kB
}

// The tray ends with the login session, whose bus it is on, and says what is
// wrong where there is none.
func TestTrayWithoutDesktop(t *testing.T) {
	gui := program(t)
	session(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	said, err := exec.Command(gui, "--tray").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "there is no desktop to show an icon on") {
		t.Errorf("%v: %s", err, said)
	}
	d := desktoptest.Start(t)
	d.Panel(t)
	cmd := launch(t, gui, "--tray")
	<-d.Items
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if said, err := exec.Command(gui, "--tray", "lisa.exp").CombinedOutput(); err == nil || !strings.Contains(string(said), "takes no file") {
		t.Errorf("%v: %s", err, said)
	}
}
