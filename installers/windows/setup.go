package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// setup has makensis write setup.exe, whose uninstaller it gives us to sign.
func (o *order) setup() error {
	scripts := filepath.Join(o.Root, "installers/windows")
	size, err := o.size()
	if err != nil {
		return err
	}
	compressor := "/SOLID lzma"
	if o.dummy {
		compressor = "zlib" // ten times as fast
	}
	out := o.file("-setup.exe")
	args := []string{"-V2", "-WX", "-NOCD", "-INPUTCHARSET", "UTF8"}
	for name, value := range map[string]string{
		"OUT": out, "STAGE": o.stage, "ICON": filepath.Join(o.Work, iconFile), "PICTURE": filepath.Join(o.Work, pictureFile),
		"SIZE":    fmt.Sprint(size / 1024),
		"VERSION": o.version, "NUMBERS": dotted(o.numbers[:]...),
		"COMPRESSOR": compressor, "PRODUCT": product, "PUBLISHER": publisher, "FOLDER": folder, "SERVICE": service, "WINDOW": window, "SHORTCUT": shortcut,
		"UNINSTALL": uninstallKey, "UPGRADECODE": upgradeCode,
		"CLASSES": classesKey, "EXTENSION": extension, "PROGID": progID, "PROFILEKIND": profileKind, "CONTENTTYPE": contentType,
	} {
		args = append(args, "-D"+name+"="+value)
	}
	slices.Sort(args[5:])
	if err := o.signsUninstaller(); err != nil {
		return err
	}
	args = append(args, `-X!addincludedir "`+scripts+`"`, `-X!addincludedir "`+o.Work+`"`, filepath.Join(scripts, "setup.nsi"))
	if _, err := o.Run(o.Root, nil, "makensis", args...); err != nil {
		return err
	}
	if err := o.sign(out); err != nil {
		return err
	}
	fmt.Printf("installers: %s\n", filepath.Base(out))
	return nil
}

// size is how many octets are going to be installed.
func (o *order) size() (octets int64, err error) {
	err = filepath.WalkDir(o.stage, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		about, err := e.Info()
		if err == nil && about.Mode().IsRegular() {
			octets += about.Size()
		}
		return err
	})
	return octets, err
}

// signsUninstaller has makensis run us again with the uninstaller, at the moment
// when that is written and not yet packed.
func (o *order) signsUninstaller() error {
	text := ""
	if !o.signer.off() {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		text = "!uninstfinalize `" + quoted(self) + " " + quoted(os.Args[1:]...) + " -only-sign \"%1\"`\n"
	}
	return os.WriteFile(filepath.Join(o.Work, "signing.nsh"), []byte(text), 0o644)
}

// quoted are words as a shell takes them.
func quoted(words ...string) string {
	var b strings.Builder
	for _, word := range words {
		b.WriteString(" '" + strings.ReplaceAll(word, "'", `'\''`) + "'")
	}
	return strings.TrimSpace(b.String())
}
