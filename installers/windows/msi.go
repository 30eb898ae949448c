package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What muvpn.wxs has of muvpnd: its service's words, and how the service manager
// starts it (service/muvpnd/manager.go). muvpnd package configure sets the rest.
const (
	serviceAbout     = "Connects this computer to office networks through IPsec gateways."
	serviceArguments = "run --managed"
)

// settings are the properties that whoever installs or removes may set.
var settings = []string{"SIGNERS", "PROFILE", "PASSPHRASEFILE", "ATLOGIN", "KEEP"}

// msi has wixl write the MSI, and writes it anew: wixl puts the time and a random
// number into each, and its tables in an order of chance.
func (o *order) msi() error {
	if err := o.compilesAction(); err != nil {
		return err
	}
	if err := o.wixl(); err != nil {
		return err
	}
	out := o.file(".msi")
	if err := o.rebuilds(out); err != nil {
		return err
	}
	if err := o.sign(out); err != nil {
		return err
	}
	fmt.Printf("installers: %s\n", filepath.Base(out))
	return nil
}

// actionFile is the MSI's custom action, in the folder of work.
const actionFile = "action.dll"

// compilesAction compiles it, and signs it: where only signed code may run, it has to.
func (o *order) compilesAction() error {
	if _, err := o.Run(o.Work, nil, compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-Os", "-s", "-shared", "-Wl,--no-insert-timestamp",
		"-o", actionFile, filepath.Join(o.Root, "installers/windows/msi/action.c"), "-lmsi"); err != nil {
		return err
	}
	return o.sign(filepath.Join(o.Work, actionFile))
}

// wixl has wixl write an MSI into the folder of work. It takes files only by a path
// that is relative to where it runs, and only warns of what it does not know.
func (o *order) wixl() error {
	code, err := o.productCode()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(o.Root, "installers/windows/msi/muvpn.wxs"))
	if err != nil {
		return err
	}
	if err := errors.Join(o.allIn(string(text)), os.WriteFile(filepath.Join(o.Work, "muvpn.wxs"), text, 0o644)); err != nil {
		return err
	}
	args := []string{"--arch", "x64", "--output", "muvpn.msi"}
	for _, d := range [][2]string{
		{"PRODUCTCODE", code}, {"UPGRADECODE", strings.Trim(upgradeCode, "{}")}, {"VERSION", o.version}, {"NUMBERS", dotted(o.numbers[:3]...)},
		{"PRODUCT", product}, {"PUBLISHER", publisher}, {"FOLDER", folder}, {"WINDOW", window}, {"UNINSTALL", uninstallKey},
		{"SERVICE", service}, {"SERVICEABOUT", serviceAbout}, {"ARGUMENTS", serviceArguments},
		{"CLASSES", classesKey}, {"EXTENSION", extension}, {"PROGID", progID}, {"PROFILEKIND", profileKind}, {"CONTENTTYPE", contentType},
	} {
		args = append(args, "--define", d[0]+"="+d[1])
	}
	_, err = o.Run(o.Work, []string{"G_DEBUG=fatal-warnings"}, "wixl", append(args, "muvpn.wxs")...)
	return err
}

// allIn refuses a stage of which something would be left out.
func (o *order) allIn(text string) error {
	text = strings.ReplaceAll(text, "$(var.WINDOW)", window)
	files, err := os.ReadDir(o.stage)
	for _, f := range files {
		if !strings.Contains(text, `Source="stage/`+f.Name()+`"`) {
			err = errors.Join(err, fmt.Errorf("muvpn.wxs does not have %s, which is to be installed", f.Name()))
		}
	}
	return err
}

// productCode is that of this very build: another version, or the same with other
// programs, is another product, of which an upgrade takes the older one away.
func (o *order) productCode() (string, error) {
	files, err := filepath.Glob(filepath.Join(o.stage, "*"))
	if err != nil {
		return "", err
	}
	parts := [][]byte{[]byte(o.Describe)}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		parts = append(parts, []byte(filepath.Base(file)), text)
	}
	return guid(parts...), nil
}

// guid is made of what it stands for, the same every time, as RFC 9562 wants one
// (version 8), without braces.
func guid(parts ...[]byte) string {
	all := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256(p)
		all.Write(sum[:])
	}
	b := all.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

// rebuilds takes the MSI apart, puts right what wixl cannot, and puts it together
// in an order that is always the same.
func (o *order) rebuilds(out string) error {
	folder := filepath.Join(o.Work, "tables")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if _, err := o.Run(o.Work, nil, "msidump", "--tables", "--streams", "--directory", folder, "muvpn.msi"); err != nil {
		return err
	}
	tables, err := filepath.Glob(filepath.Join(folder, "[A-Z]*.idt"))
	if err != nil {
		return err
	}
	streams, err := filepath.Glob(filepath.Join(folder, "_Streams", "[A-Za-z]*"))
	if err != nil {
		return err
	}
	if err := o.corrects(folder, tables); err != nil {
		return err
	}
	summary := filepath.Join(folder, "_SummaryInformation.idt")
	if err := o.signsOff(summary, append(slices.Clone(tables), streams...)); err != nil {
		return err
	}
	args := []string{out, "-i", summary}
	for _, table := range tables {
		args = append(args, "-i", table)
	}
	for _, stream := range streams {
		args = append(args, "-a", filepath.Base(stream), stream)
	}
	if err := os.RemoveAll(out); err != nil { // or it would be added to
		return err
	}
	_, err = o.Run(o.Work, nil, "msibuild", args...)
	return err
}

// corrects corrects the tables.
func (o *order) corrects(folder string, files []string) error {
	for _, file := range files {
		t, err := readTable(file)
		if err != nil {
			return err
		}
		t.correct()
		if err := t.write(file); err != nil {
			return err
		}
	}
	return nil
}

// signsOff gives the summary the time of the commit, and a number that stands for
// all that is in the files.
func (o *order) signsOff(summary string, files []string) error {
	var all [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		all = append(all, []byte(filepath.Base(file)), text)
	}
	t, err := readTable(summary)
	if err != nil {
		return err
	}
	const number, created, saved = "9", "12", "13" // PIDs of the summary's properties
	t.set("PropertyId", number, "Value", "{"+guid(all...)+"}")
	for _, property := range []string{created, saved} {
		t.set("PropertyId", property, "Value", o.When.Format("2006/01/02 15:04:05"))
	}
	return t.write(summary)
}
