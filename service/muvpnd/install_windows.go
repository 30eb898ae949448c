package main

import (
	"errors"
	"os"
	"time"
	"unsafe"

	"github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

const (
	whoMayUse   = "Who is logged on at this computer may use it"
	whereToLook = "; the Event Viewer says more, under Windows Logs, System"
)

// dependencies are what the network cannot be spoken to without.
var dependencies = []string{"Nsi", "TcpIp"}

// restarts are what the service manager does after the first failure, the
// second, and all later ones, and resetAfter the seconds without one after which
// it counts anew.
var restarts = []mgr.RecoveryAction{
	{Type: mgr.ServiceRestart, Delay: 2 * time.Second},
	{Type: mgr.ServiceRestart, Delay: 10 * time.Second},
	{Type: mgr.ServiceRestart, Delay: time.Minute},
}

const resetAfter = 24 * 60 * 60

// prepare returns what kardianos/service can set.
func prepare(string, func(string, ...any)) (service.KeyValue, error) {
	return service.KeyValue{"StartType": "automatic"}, nil
}

// hindrance is not known here.
func hindrance() error { return nil }

// finish sets what it cannot, or not apart from the rest: restarts after a failure
// of every kind, and a SID of the service's own, by which folders and filters can
// name it. It starts with the other services and not delayed: whoever logs in and
// presses Connect would not find it for two minutes.
func finish(say func(string, ...any)) error {
	return withService(func(s *mgr.Service) error {
		sid := uint32(windows.SERVICE_SID_TYPE_UNRESTRICTED)
		return errors.Join(s.SetRecoveryActions(restarts, resetAfter),
			whereKnown("a restart after every kind of failure", s.SetRecoveryActionsOnNonCrashFailures(true), say),
			whereKnown("a SID of the service's own",
				windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_SERVICE_SID_INFO, (*byte)(unsafe.Pointer(&sid))), say))
	})
}

// withService opens the service's entry.
func withService(do func(*mgr.Service) error) error {
	m, err := mgr.Connect()
	if err != nil {
		return err
	}
	defer m.Disconnect()
	s, err := m.OpenService(serviceName)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// whereKnown lets a service manager do without what it does not know, as wine's
// does not, and says so.
func whereKnown(what string, err error, say func(string, ...any)) error {
	if errors.Is(err, windows.ERROR_INVALID_LEVEL) {
		say("This system's service manager does not know %s: the service does without", what)
		return nil
	}
	return err
}

// withdraw takes the service away. What the library does after that can fail: it
// takes a source of events away, which only its own installation has entered.
func withdraw(s service.Service) error {
	if now, err := ask(s); err == nil && now == absent {
		return nil
	}
	err := s.Uninstall()
	if now, unknown := ask(s); unknown == nil && now == absent {
		return nil
	}
	return err
}

// cleanUp takes away what starts at login. No group was made, and the pipe goes with
// the process.
func cleanUp(func(string, ...any)) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return forgetLogin(program)
}

// forgetKey: DPAPI keeps its own keys.
func forgetKey() error { return nil }

func conditionOf(s service.Service) (condition, error) { return ask(s) }
