package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// goodPlace is where the program of a service belongs.
const goodPlace = `C:\Program Files\muvpn`

// The rights by which a file or what lies in a folder can be changed or
// replaced, and those by which something can be laid beside it: a DLL that we
// would load.
const (
	replaces = windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER | windows.GENERIC_ALL | windows.GENERIC_WRITE | deleteChild
	writes   = replaces | windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.FILE_WRITE_EA

	deleteChild = 0x40 // FILE_DELETE_CHILD
)

// owners are who may change what a service runs: the system, administrators and
// the installer of Windows itself. The linker can give a test others.
var owners = "S-1-5-18 S-1-5-32-544 S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

// trusted refuses a program that others could put another in the place of: it
// would run as the system. In a folder above its own, others may make folders,
// as every user may at the top of a disk.
func trusted(program string) error {
	places := []string{program, filepath.Dir(program)}
	if wintun := filepath.Join(filepath.Dir(program), "wintun.dll"); exists(wintun) {
		places = append(places, wintun)
	}
	for _, path := range places {
		if err := changedByOwners(path, writes); err != nil {
			return err
		}
	}
	for path := filepath.Dir(filepath.Dir(program)); ; path = filepath.Dir(path) {
		if err := changedByOwners(path, replaces); err != nil || path == filepath.Dir(path) {
			return err
		}
	}
}

func exists(path string) bool {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return false
	}
	_, err = windows.GetFileAttributes(name)
	return !errors.Is(err, windows.ERROR_FILE_NOT_FOUND)
}

// changedByOwners makes sure that nobody else has one of the rights on path.
func changedByOwners(path string, rights windows.ACCESS_MASK) error {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("who may change %s: %w", path, err)
	}
	who, err := openTo(sd, rights)
	if err != nil || who == "" {
		return err
	}
	return fmt.Errorf("%s may be changed by %s, who could have the service run another program as the system; move muvpnd to a place that only administrators may change, for example %s, and install from there", path, who, goodPlace)
}

// openTo names somebody besides owners who has one of the rights, or nobody. No
// list at all lets everybody in.
func openTo(sd *windows.SECURITY_DESCRIPTOR, rights windows.ACCESS_MASK) (string, error) {
	owner, _, err := sd.Owner()
	if err != nil {
		return "", err
	}
	if !oneOfUs(owner) {
		return owner.String(), nil
	}
	dacl, _, err := sd.DACL()
	if errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) || dacl == nil {
		return "everybody", nil
	}
	if err != nil {
		return "", err
	}
	for i := range uint32(dacl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, i, &ace); err != nil {
			return "", err
		}
		applies := ace.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE && ace.Header.AceFlags&windows.INHERIT_ONLY_ACE == 0
		sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart))
		if applies && ace.Mask&rights != 0 && !oneOfUs(sid) {
			return sid.String(), nil
		}
	}
	return "", nil
}

// oneOfUs says whether that is one of owners.
func oneOfUs(sid *windows.SID) bool { return slices.Contains(strings.Fields(owners), sid.String()) }
