package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/spf13/cobra"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/profile"
	"muvpn/profile/store"
)

const (
	removals = "Settings, Apps"

	// answerPatience is how long a service that was started may take to answer.
	answerPatience = 30 * time.Second
	// importPatience is how long an import may take: Argon2 on a slow computer.
	importPatience = 2 * time.Minute
)

// refusePackaged refuses nothing: the installers themselves ask for install and
// uninstall.
func refusePackaged(string) error { return nil }

// packageCommands are asked by setup.exe and by the MSI (installers/windows).
func packageCommands() []*cobra.Command {
	return []*cobra.Command{
		configureCommand(),
		managerCommand("note", "Note what is connected: the next version's configure connects it again", asAdministrator("package note", note)),
		managerCommand("leave", "Stop the service before its programs go, and undo what it has left; profiles and log stay",
			asAdministrator("package leave", withoutLogin(leave))),
		managerCommand("purge", "Do as leave, and remove profiles, secrets and log", asAdministrator("package purge", withoutLogin(purge))),
	}
}

// configureCommand takes an empty value for one that was not given: so installers
// write what they were not given.
func configureCommand() *cobra.Command {
	var d deployment
	cmd := managerCommand("configure", "Have the service run, and set up what was given",
		asAdministrator("package configure", func(say func(string, ...any)) error { return configure(d, say) }))
	f := cmd.Flags()
	f.StringVar(&d.signers, "signers", "", "pin the signers in this `FILE`, one key in base64 a line")
	f.StringVar(&d.profile, "profile", "", "import this `FILE`")
	f.StringVar(&d.passphrase, "passphrase-file", "", "open it by the first line of this `FILE`")
	f.BoolVar(&d.atLogin, "at-login", false, "start the icon in the panel whenever somebody logs in")
	return cmd
}

// configurer carries the steps of a deployment out.
type configurer struct {
	deployment
	program string // this one
	pins    []byte // the content of the signers' file
	was     held   // what was connected
	say     func(string, ...any)
}

// noted is where what was connected waits for the service of the next version.
func noted() string { return filepath.Join(systemState(), "across") }

// note keeps no package from its upgrade.
func note(say func(string, ...any)) error {
	if err := leaveNote(noted(), connectedTo(context.Background(), pipe.SystemPath)); err != nil {
		say("What is connected could not be noted, and will not be connected again by itself: %v", err)
	}
	return nil
}

// configure has the service run as the deployment wants it. The files are opened
// here, by who installs: the service never opens a path that it is told.
func configure(d deployment, say func(string, ...any)) error {
	c := configurer{deployment: d, say: say}
	f, err := c.looks()
	if err != nil {
		return err
	}
	for _, s := range d.steps(f) {
		if err := c.does(s); err != nil {
			err = fmt.Errorf("could not %s: %w", s, err)
			if f.runs() {
				return err
			}
			return errors.Join(err, stopPackaged()) // or the installer could not take it back
		}
	}
	return nil
}

// looks refuses what cannot be done before anything is, and says how it is here.
func (c *configurer) looks() (f found, err error) {
	if err := c.check(); err != nil {
		return f, err
	}
	if c.program, err = os.Executable(); err != nil {
		return f, err
	}
	if err := trusted(c.program); err != nil {
		return f, err
	}
	if f.pinned, err = c.readsSigners(); err != nil {
		return f, err
	}
	c.was = takeNote(noted(), time.Now())
	s, err := manager("", nil)
	if err != nil {
		return f, err
	}
	if f.service, err = conditionOf(s); err != nil || f.service == absent {
		return f, err
	}
	if f.runs() {
		c.was = connectedTo(context.Background(), pipe.SystemPath)
	}
	f.foreign, f.disabled, err = c.entry()
	if f.disabled && !f.runs() {
		c.say("The service is disabled, and stays so")
	}
	return f, err
}

// readsSigners reads the signers to pin, and says whether there is nothing to do
// for them.
func (c *configurer) readsSigners() (pinned bool, err error) {
	if c.signers == "" {
		return true, nil
	}
	text, err := os.ReadFile(c.signers)
	if err != nil {
		return false, err
	}
	if c.pins, err = checkedSigners(c.signers, text); err != nil {
		return false, err
	}
	now, err := os.ReadFile(pinsFile)
	return err == nil && bytes.Equal(now, c.pins), nil
}

// entry says whether the service runs another program than this one, and whether an
// administrator has disabled it.
func (c *configurer) entry() (foreign, disabled bool, err error) {
	err = withService(func(s *mgr.Service) error {
		entry, err := entryOf(s)
		if err == nil {
			foreign = !runsProgram(windows.UTF16PtrToString(entry.BinaryPathName), c.program)
			disabled = entry.StartType == windows.SERVICE_DISABLED
		}
		return err
	})
	return foreign, disabled, err
}

// entryOf is how the service is entered. The library's own question has more in it,
// which not every service manager can answer.
func entryOf(s *mgr.Service) (*windows.QUERY_SERVICE_CONFIG, error) {
	buffer := make([]byte, 8<<10) // as large as it can be
	c := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(unsafe.SliceData(buffer)))
	needed := uint32(0)
	if err := windows.QueryServiceConfig(s.Handle, c, uint32(len(buffer)), &needed); err != nil {
		return nil, fmt.Errorf("what the service runs: %w", err)
	}
	return c, nil
}

// does does one step.
func (c *configurer) does(s step) error {
	switch s {
	case entering:
		return install(c.say)
	case adopting:
		return withService(c.adopts)
	case finishing:
		return finish(c.say)
	case pinning:
		return c.pin()
	case halting:
		return stopPackaged()
	case launching:
		return c.launches()
	case resuming:
		c.was.again(context.Background(), pipe.SystemPath, c.say)
		return nil
	case loading:
		return c.loads()
	default:
		return showsAtLogin(c.program)
	}
}

// adopts has the service run this program, and nothing else of it changed.
func (c *configurer) adopts(s *mgr.Service) error {
	line, err := windows.UTF16PtrFromString(commandLine(c.program))
	if err != nil {
		return err
	}
	const same = windows.SERVICE_NO_CHANGE
	return windows.ChangeServiceConfig(s.Handle, same, same, same, line, nil, nil, nil, nil, nil, nil)
}

// pin writes the signers down as a whole or not at all, where only administrators
// may change them.
func (c *configurer) pin() error {
	if err := store.ProtectFolder(systemState()); err != nil {
		return err
	}
	f, err := os.CreateTemp(systemState(), "signers-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // not there any more when all went well
	_, err = f.Write(c.pins)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), pinsFile)
}

// launches starts the service, and waits until it answers.
func (c *configurer) launches() error {
	if err := startService(c.say); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerPatience)
	defer cancel()
	for {
		conn, err := client.Dial(ctx, pipe.SystemPath)
		if err == nil {
			conn.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w%s", err, whereToLook)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// loads has muvpn import the profile, unless it is there. It opens the file in the
// place of the service, which only opens what it is given the key of.
func (c *configurer) loads() error {
	ctx, cancel := context.WithTimeout(context.Background(), importPatience)
	defer cancel()
	raw, err := profile.ReadFile(c.profile)
	if err != nil {
		return err
	}
	list, err := stored(ctx)
	if err != nil {
		return err
	}
	if name, is := storedAlready(raw, list); is {
		c.say("%s is stored already, in this issue or a newer one", name)
		return nil
	}
	return c.imports(ctx)
}

// stored are the profiles that the service has.
func stored(ctx context.Context) ([]client.Profile, error) {
	conn, err := client.Dial(ctx, pipe.SystemPath)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.Profiles(ctx)
}

// imports runs muvpn.
func (c *configurer) imports(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(c.program), "muvpn.exe"), c.importing()...)
	if c.passphrase != "" {
		text, err := os.ReadFile(c.passphrase)
		if err != nil {
			return err
		}
		defer clear(text)
		cmd.Stdin = bytes.NewReader(asUTF8(text))
	}
	said, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(said))
	}
	return nil
}

// stopPackaged stops the service, if there is one that runs.
func stopPackaged() error {
	s, err := manager("", nil)
	if err != nil {
		return err
	}
	now, err := conditionOf(s)
	if err != nil || now == absent || now == idle {
		return err
	}
	return within(uninstallPatience, s.Stop)
}

// purge is leave, and leaves nothing.
func purge(say func(string, ...any)) error {
	if err := depart(systemState(), say); err != nil {
		return err
	}
	return keepOrPurge(systemState(), true, say)
}

// withoutLogin takes what starts at login away, too.
func withoutLogin(do func(func(string, ...any)) error) func(func(string, ...any)) error {
	return func(say func(string, ...any)) error {
		if err := do(say); err != nil {
			return err
		}
		return cleanUp(say)
	}
}
