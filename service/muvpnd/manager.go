package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kardianos/service"
)

// serviceName is what the service manager calls us.
const serviceName = "muvpnd"

// managedFlag tells `muvpnd run` that the service manager has started it.
const managedFlag = "managed"

// config is muvpnd as the system's service manager knows it; program is the
// absolute path to run, empty: it is not going to be installed.
func config(program string, options service.KeyValue) *service.Config {
	return &service.Config{
		Name:         serviceName,
		DisplayName:  "Mobile User VPN",
		Description:  "Connects this computer to office networks through IPsec gateways.",
		Executable:   program,
		Arguments:    arguments,
		Dependencies: dependencies,
		Option:       options,
	}
}

// stopPatience is how long Stop waits for the session to undo everything. It is
// less than a service manager waits before it kills.
const stopPatience = 15 * time.Second

// managed is muvpnd under the service manager of Windows, which wants Start and
// Stop to return within seconds.
type managed struct {
	run    func(context.Context) error
	died   func(error) // told when run ends although nobody has asked it to
	cancel context.CancelFunc
	ended  chan error
}

// Start implements service.Interface.
func (m *managed) Start(service.Service) error {
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel, m.ended = cancel, make(chan error, 1)
	go func() {
		err := m.run(ctx)
		m.ended <- err
		if ctx.Err() == nil {
			m.died(err)
		}
	}()
	return nil
}

// Stop implements service.Interface. A session that does not end is left to the
// end of the process; what it could not undo, the next start undoes.
func (m *managed) Stop(service.Service) error {
	m.cancel()
	select {
	case err := <-m.ended:
		return err
	case <-time.After(stopPatience):
		return fmt.Errorf("the session has not ended within %v", stopPatience)
	}
}

// manager is the system's service manager, as far as it concerns muvpnd.
func manager(program string, options service.KeyValue) (service.Service, error) {
	s, err := service.New(&managed{}, config(program, options))
	if errors.Is(err, service.ErrNoServiceSystemDetected) {
		return nil, errors.New("this system has no service manager that muvpnd knows; start it with: muvpnd run")
	}
	return s, err
}

// condition is how the installed service is, in one word.
type condition string

const (
	absent   condition = "not installed"
	idle     condition = "stopped"
	starting condition = "starting"
	active   condition = "running"
	stopping condition = "stopping"
	broken   condition = "failed"
)

// ask asks the service manager by the means that all systems have.
func ask(s service.Service) (condition, error) {
	state, err := s.Status()
	switch {
	case errors.Is(err, service.ErrNotInstalled):
		return absent, nil
	case err != nil:
		return "", fmt.Errorf("the service manager does not say: %w", err)
	case state == service.StatusRunning:
		return active, nil
	}
	return idle, nil
}

// errSlow is that the service manager is still at it.
var errSlow = errors.New("the service manager is still at it; muvpnd status says when it is done")

// within does what may take longer than anybody wants to wait. What is late
// goes on until this process ends.
func within(patience time.Duration, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return errSlow
	}
}
