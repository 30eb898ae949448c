package desktop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// launchAgent is the user's own job, which launchd takes at the next login.
func launchAgent() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", label+".plist"), err
}

func startsAtLogin() (bool, error) {
	file, err := launchAgent()
	if err != nil {
		return false, err
	}
	_, err = os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func startAtLogin(program string, yes bool) error {
	file, err := launchAgent()
	if err != nil {
		return err
	}
	if yes {
		return replace(file, []byte(agent(program)))
	}
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
