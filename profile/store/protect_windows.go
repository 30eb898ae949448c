package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// folderAccess lets in the system, administrators and the owner, and nobody by
// inheritance from the folder above.
const folderAccess = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)"

// ProtectFolder makes the folder and keeps everybody else out of it, from its first
// moment on. One that belongs to somebody else is refused: everybody may make
// folders in ProgramData, and its owner could change what is in it.
func ProtectFolder(folder string) error {
	sd, err := windows.SecurityDescriptorFromString(folderAccess)
	if err != nil {
		return err
	}
	if err := makeFolder(folder, sd); err != nil {
		return err
	}
	if err := checkOwner(folder); err != nil {
		return err
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, dacl, nil)
}

// makeFolder makes a folder that is protected before anybody could lay something
// into it. One that is there stays as it is.
func makeFolder(folder string, sd *windows.SECURITY_DESCRIPTOR) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return err
	}
	access := windows.SecurityAttributes{SecurityDescriptor: sd}
	access.Length = uint32(unsafe.Sizeof(access))
	if err := windows.CreateDirectory(name, &access); err != nil && !errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return &os.PathError{Op: "mkdir", Path: folder, Err: err}
	}
	return nil
}

// checkOwner refuses a folder, or a link in its place, that does not belong to
// the system, administrators or our own user.
func checkOwner(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	sd, err := windows.GetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return err
	}
	self, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return err
	}
	ours := owner.IsWellKnown(windows.WinLocalSystemSid) || owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) || owner.Equals(self.User.Sid)
	if !info.Mode().IsDir() || !ours {
		return fmt.Errorf("%s is not a folder of the service's own", folder)
	}
	return nil
}

// protect seals octets for the account of the service (DPAPI).
func protect(b []byte) ([]byte, error) {
	var out windows.DataBlob
	if err := windows.CryptProtectData(blob(b), nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	return take(out), nil
}

// unprotect opens what protect has sealed on this computer.
func unprotect(b []byte) ([]byte, error) {
	var out windows.DataBlob
	if err := windows.CryptUnprotectData(blob(b), nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	return take(out), nil
}

func blob(b []byte) *windows.DataBlob {
	return &windows.DataBlob{Size: uint32(len(b)), Data: unsafe.SliceData(b)}
}

// take copies the system's memory, wipes it and gives it back.
func take(out windows.DataBlob) []byte {
	theirs := unsafe.Slice(out.Data, out.Size)
	b := append([]byte(nil), theirs...)
	clear(theirs)
	windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data)))
	return b
}

// syncFolder is nothing here: the system journals renames by itself.
func syncFolder(string) error { return nil }
