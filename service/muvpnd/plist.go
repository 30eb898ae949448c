package main

import (
	"fmt"
	"strings"
)

// plistText is launchd's job for the program at that absolute path, which says
// on errorFile what it cannot say in its own log.
func plistText(program, errorFile string) (string, error) {
	if err := plain(program, `{}<>&"`); err != nil {
		return "", err
	}
	return strings.NewReplacer("PROGRAM", program, "ERRORS", errorFile).Replace(plistForm), nil
}

// plain refuses a path that would mean something else, or nothing, in a file of
// the service manager's.
func plain(path, meaningful string) error {
	if strings.ContainsAny(path, meaningful) || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("the path of this program, %q, has characters that the service manager would not take for themselves; move it, for example to %s", path, goodPlace)
	}
	return nil
}

// plistForm starts muvpnd with the system, again when it fails, and writes no
// memory of it to the disk. 63 is the mask 077.
const plistForm = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>muvpnd</string>
	<key>ProgramArguments</key>
	<array>
		<string>PROGRAM</string>
		<string>run</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>ThrottleInterval</key>
	<integer>10</integer>
	<key>ExitTimeOut</key>
	<integer>20</integer>
	<key>Umask</key>
	<integer>63</integer>
	<key>SoftResourceLimits</key>
	<dict>
		<key>Core</key>
		<integer>0</integer>
	</dict>
	<key>HardResourceLimits</key>
	<dict>
		<key>Core</key>
		<integer>0</integer>
	</dict>
	<key>StandardErrorPath</key>
	<string>ERRORS</string>
</dict>
</plist>
`
