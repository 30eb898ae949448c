package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	// own are the places that only administrators may change, as NSIS calls them,
	// and theirs those that were named by makensis' caller.
	own    = regexp.MustCompile(`^"\$(INSTDIR|(INSTDIR|SYSDIR|WINDIR|SMPROGRAMS)\\[^"]+)"( |$)`)
	theirs = regexp.MustCompile(`^"\$\{[A-Z]+\}(/\*\.\*)?"$`)

	// commands run a program: ours is in single quotes, and in it the program in
	// double ones.
	commands = regexp.MustCompile(`^(!insertmacro run|Exec|ExecWait|nsExec::Exec\w*) (.*)$`)
	// files are where something is written, moved or taken away.
	files = regexp.MustCompile(`^(Delete|Rename|RMDir|CreateShortcut|WriteUninstaller|FileOpen \$\d|CopyFiles)( /REBOOTOK)? (.*)$`)
	// remembered are values of the registry that Windows takes for a command.
	remembered = regexp.MustCompile(`^WriteRegStr .*"(UninstallString|QuietUninstallString|DisplayIcon)" (.*)$|^WriteRegStr .*\\(?:command|DefaultIcon)" "" (.*)$`)
)

// loose is the first line of an NSIS script that names something by less than its
// whole path in quotes, or by one that others could change; empty: there is none.
// It knows as much of NSIS as our script uses.
func loose(script string) string {
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if !tight(line) {
			return line
		}
	}
	return ""
}

func tight(line string) bool {
	if strings.HasPrefix(line, ";") {
		return true
	}
	if m := commands.FindStringSubmatch(line); m != nil {
		return m[2] == "'${command}'" || commandOfOurs(m[2])
	}
	if m := remembered.FindStringSubmatch(line); m != nil {
		return commandOfOurs(strings.Replace(m[2]+m[3], `",0'`, `"'`, 1)) // the first icon in it
	}
	if m := files.FindStringSubmatch(line); m != nil {
		return own.MatchString(m[3]) && !strings.Contains(m[3], " /r")
	}
	switch word, rest, _ := strings.Cut(line, " "); word {
	case "SetOutPath":
		return rest == `"$INSTDIR"`
	case "File", "OutFile":
		return theirs.MatchString(rest)
	case "InstallDir":
		return rest == `"$PROGRAMFILES64\${FOLDER}"`
	case "InstallDirRegKey", "ExecShell", "ExecShellWait", "LoadLanguageFile", "RegDLL":
		return false // not used: each takes what others have written for a path
	}
	return true
}

// commandOfOurs says whether NSIS' single quotes hold a program of ours in double ones.
func commandOfOurs(word string) bool {
	text, quoted := strings.CutPrefix(word, "'")
	return quoted && own.MatchString(strings.TrimSuffix(text, "'"))
}

// The scripts name all by whole paths (threats: installer).
func TestScripts(t *testing.T) {
	for _, name := range []string{"setup.nsi", "texts.nsh"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if fault := loose(string(text)); fault != "" {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

func TestLoose(t *testing.T) {
	for line, want := range map[string]bool{
		`!insertmacro run '"$INSTDIR\muvpnd.exe" stop'`:                           false,
		`!insertmacro run '$INSTDIR\muvpnd.exe stop'`:                             true,
		`!insertmacro run 'taskkill.exe /f'`:                                      true,
		`nsExec::ExecToStack '${command}'`:                                        false,
		`nsExec::ExecToStack '"$TEMP\x.exe"'`:                                     true,
		`Exec '"$WINDIR\explorer.exe" "$INSTDIR\${WINDOW}"'`:                      false,
		`Exec "$INSTDIR\muvpn-gui.exe"`:                                           true,
		`Delete /REBOOTOK "$INSTDIR\muvpn.exe"`:                                   false,
		`Delete "muvpn.exe"`:                                                      true,
		`RMDir /r "$INSTDIR"`:                                                     true,
		`SetOutPath "$INSTDIR"`:                                                   false,
		`SetOutPath $TEMP`:                                                        true,
		`File "${STAGE}/*.*"`:                                                     false,
		`File muvpn.exe`:                                                          true,
		`InstallDirRegKey HKCU "Software\muvpn" ""`:                               true,
		`WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\u.exe" /S'`: false,
		`WriteRegStr HKLM "${UNINSTALL}" "UninstallString" "$INSTDIR\u.exe"`:      true,
		`WriteRegStr HKLM "x\shell\open\command" "" '$INSTDIR\a.exe "%1"'`:        true,
		`WriteRegStr HKLM "x\shell\open\command" "" '"$INSTDIR\a.exe" "%1"'`:      false,
	} {
		if got := loose(line) != ""; got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
