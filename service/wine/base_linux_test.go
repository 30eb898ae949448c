package wine

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// kept is the folder of what one run leaves to the next.
func kept(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("MUVPN_WINE_KEPT"); folder != "" {
		return folder
	}
	return t.TempDir()
}

// base is the folder of a Windows as it comes, which is made unless an earlier
// run has made it. Nothing is ever written to it afterwards.
func base(t *testing.T, kept string) string {
	t.Helper()
	folder := filepath.Join(kept, "windows")
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	began := time.Now()
	unfinished := folder + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil { // of a run that was killed, or has failed
		t.Fatal(err)
	}
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		t.Fatal(err)
	}
	w := open(t, unfinished, "", "root")
	w.inside(t.Context(), "/", "wineserver", "--kill").Run() // which writes the registry down, and ends with the world
	select {
	case <-w.ended:
	case <-time.After(startTime):
		t.Fatal("wine: the wineserver does not end")
	}
	if err := os.Remove(filepath.Join(unfinished, "wineserver")); err != nil && !os.IsNotExist(err) { // where that one listened
		t.Fatal(err)
	}
	buildStub(t, filepath.Join(unfinished, "drive_c/windows/system32/bcryptprimitives.dll"))
	if err := os.Rename(unfinished, folder); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("wine: a Windows made in %v\n", time.Since(began).Round(time.Second))
	return folder
}
