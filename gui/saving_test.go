package gui

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2/storage"

	"muvpn/client/mail"
)

// What Fyne's dialog has made for all to read becomes a file for its owner alone.
func TestVacated(t *testing.T) {
	alone(t)
	path := filepath.Join(t.TempDir(), "log.txt")
	f, err := storage.Writer(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	got, err := vacated(f, nil)
	if err != nil || filepath.Clean(got) != path {
		t.Fatalf("the path is %q, %v", got, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file of the dialog is still there")
	}
	if err := mail.Save(got, []byte("text")); err != nil {
		t.Fatal(err)
	}
	wantOwn(t, got, "text")
	if got, err := vacated(nil, nil); got != "" || err != nil {
		t.Errorf("without a file it is %q, %v", got, err)
	}
	if _, err := vacated(nil, os.ErrPermission); !errors.Is(err, os.ErrPermission) {
		t.Error("an error is lost")
	}
}
