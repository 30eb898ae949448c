package tray

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// toast rings by PowerShell, which has the interfaces of WinRT at hand. It was
// never tried on a real Windows.
type toast struct{ ctx context.Context }

func newRinger(ctx context.Context, _ func()) ringer { return toast{ctx} }

// toastScript takes the texts from its environment: nothing in them is script,
// nor markup.
const toastScript = `
[Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime] > $null
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$lines = $xml.GetElementsByTagName('text')
$lines.Item(0).AppendChild($xml.CreateTextNode($env:MUVPN_TITLE)) > $null
$lines.Item(1).AppendChild($xml.CreateTextNode($env:MUVPN_TEXT)) > $null
$toast = New-Object Windows.UI.Notifications.ToastNotification $xml
$toast.Tag = 'muvpn'
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('muvpn').Show($toast)
`

func (t toast) ring(n News) {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(system, `WindowsPowerShell\v1.0\powershell.exe`), "-NoProfile", "-NonInteractive", "-Command", toastScript)
	cmd.Env = append(os.Environ(), "MUVPN_TITLE="+n.Title, "MUVPN_TEXT="+n.Text)
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	cmd.Run()
}

func (toast) close() {}
