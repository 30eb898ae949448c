package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// window shows the window, with the file to be imported in it; the demo ends with
// the window.
func window(ctx context.Context, p *programs, who visitor, _ bool) error {
	fmt.Printf("The window is about to open with assets/samples/%s: its passphrase is %s\n", who.exp, passphrase)
	if who.password != "" {
		fmt.Printf("The gateway asks for a password as well: %s", who.password)
	}
	fmt.Println("Close the window to end the demo.")
	cmd := exec.CommandContext(ctx, filepath.Join(p.dir, "muvpn-gui"), "assets/samples/"+who.exp)
	cmd.Env = append(os.Environ(), "MUVPN_SOCKET="+p.socket)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the window: %w", err)
	}
	return keepLog(context.WithoutCancel(ctx), p)
}
