package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/kardianos/service"
	"github.com/spf13/cobra"

	"muvpn/tunnel/netcfg"
)

// config is muvpnd as the system's service manager knows it.
func config() *service.Config {
	c := &service.Config{
		Name:        "muvpnd",
		DisplayName: "Mobile User VPN",
		Description: "Connects this computer to office networks through IPsec gateways.",
		Arguments:   []string{"run"},
		Option:      service.KeyValue{"Restart": "on-failure"},
	}
	if runtime.GOOS == "linux" {
		c.Dependencies = []string{"After=network.target"}
	}
	return c
}

// managed is muvpnd under the service manager of Windows, which wants Start and
// Stop to return within seconds.
type managed struct {
	run    func(context.Context) error
	cancel context.CancelFunc
	ended  chan error
}

// Start implements service.Interface.
func (m *managed) Start(service.Service) error {
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel, m.ended = cancel, make(chan error, 1)
	go func() { m.ended <- m.run(ctx) }()
	return nil
}

// Stop implements service.Interface.
func (m *managed) Stop(service.Service) error {
	m.cancel()
	return <-m.ended
}

// underManager runs the service, as the service manager of Windows wants it
// when that has started us. systemd and launchd are content with a process
// that ends when it is told to.
func underManager(ctx context.Context, run func(context.Context) error) error {
	if runtime.GOOS != "windows" || service.Interactive() {
		return run(ctx)
	}
	s, err := service.New(&managed{run: run}, config())
	if err != nil {
		return err
	}
	return s.Run()
}

// managerCommands are those that talk to the service manager.
func managerCommands() []*cobra.Command {
	return []*cobra.Command{
		managerCommand("install", "Have the system run the service whenever it starts", install),
		managerCommand("uninstall", "Take the service away; profiles and log stay", uninstall),
		managerCommand("start", "Start the installed service", service.Service.Start),
		managerCommand("stop", "Stop the installed service", service.Service.Stop),
		managerCommand("status", "Say whether the installed service is running", status),
	}
}

func managerCommand(name, short string, do func(service.Service) error) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := service.New(&managed{}, config())
			if errors.Is(err, service.ErrNoServiceSystemDetected) {
				return failed(errors.New("this system has no service manager that muvpnd knows; start it with: muvpnd run"))
			}
			if err != nil {
				return failed(err)
			}
			return failed(do(s))
		},
	}
}

// install enters the service, and says what is left to do.
func install(s service.Service) error {
	if err := s.Install(); err != nil {
		return err
	}
	fmt.Println("muvpnd is installed; muvpnd start runs it now. Who sits at the computer may use it, and who is in the group muvpn: make the group if others need it.")
	return nil
}

// uninstall takes the service away, unless that would leave a kill switch behind
// that nobody could lift.
func uninstall(s service.Service) error {
	if netcfg.Armed(systemState()) {
		return errors.New("the kill switch is on: lift it first (muvpn unblock), or this computer would stay cut off without the service")
	}
	return s.Uninstall()
}

// status prints one word, and fails unless the service is running.
func status(s service.Service) error {
	state, err := s.Status()
	switch {
	case errors.Is(err, service.ErrNotInstalled):
		return errors.New("the service is not installed (muvpnd install)")
	case err != nil:
		return fmt.Errorf("the service manager does not say: %w", err)
	case state != service.StatusRunning:
		return errors.New("the service is installed, but not running (muvpnd start)")
	}
	fmt.Println("running")
	return nil
}
