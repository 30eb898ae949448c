package desktop

import (
	"fmt"
	"strings"
)

// entry is the autostart entry of the tray (Desktop Entry Specification, Desktop
// Application Autostart Specification).
func entry(program string) string {
	return `[Desktop Entry]
Type=Application
Name=Mobile User VPN
Comment=The state of the VPN among the icons of the panel
Icon=muvpn
Exec=` + quoted(program) + ` --tray
Terminal=false
NoDisplay=true
`
}

// quoted is a program's path as Exec takes it: a string in quotes with its own
// escapes, in a value that has others, in a command line where % is a field.
func quoted(path string) string {
	inside := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`, `%`, `%%`).Replace(path)
	return `"` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(inside) + `"`
}

// enabled says whether an autostart entry is in force: desktops switch one off by
// a line in it.
func enabled(entry string) bool {
	for line := range strings.Lines(entry) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key == "Hidden" && value == "true" || key == "X-GNOME-Autostart-enabled" && value == "false" {
			return false
		}
	}
	return true
}

// agent is the tray as a job of launchd (launchd.plist(5)), in desktop sessions
// only.
func agent(program string) string {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(program)
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key><string>%s</string>
	<key>ProgramArguments</key><array><string>%s</string><string>--tray</string></array>
	<key>RunAtLoad</key><true/>
	<key>LimitLoadToSessionType</key><string>Aqua</string>
</dict>
</plist>
`, label, text)
}

// label names the job of macOS.
const label = "muvpn.tray"
