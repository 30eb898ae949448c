package desktop

import "os/exec"

// Start starts this program once more, with other arguments and a life of its
// own.
func Start(args ...string) error {
	program, err := self()
	if err != nil {
		return err
	}
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = apart()
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait()
	return nil
}
