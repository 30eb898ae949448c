package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
)

// arguments are those with which the service manager starts us. It is said that
// this is its doing: kardianos/service guesses it from the parent process, which
// is not everywhere called services.exe in session 0.
var arguments = []string{"run", "--" + managedFlag}

// underManager runs the service as the service manager wants it, if that has
// started us.
func underManager(ctx context.Context, byManager bool, run func(context.Context) error) error {
	if !byManager && service.Interactive() {
		return run(ctx)
	}
	s, err := service.New(&managed{run: run, died: crash}, config("", nil))
	if err != nil {
		return err
	}
	handler, ok := s.(svc.Handler)
	if !ok {
		return errors.New("this system's service manager is not the one of Windows")
	}
	err = svc.Run(serviceName, handler)
	if errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
		return errors.New("the service manager has not started this: leave --" + managedFlag + " out, or: muvpnd start")
	}
	return err
}

// crash ends the process without a word to the service manager, which takes
// that for a crash and starts us again.
func crash(err error) {
	fmt.Fprintf(os.Stderr, "muvpnd: the service has ended by itself: %v\n", err)
	os.Exit(1)
}
