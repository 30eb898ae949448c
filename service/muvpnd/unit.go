package main

import (
	"fmt"
	"strings"
)

// Who has made the unit, and takes it away.
const (
	byInstall = "Made by muvpnd install, taken away by muvpnd uninstall."
	byPackage = "Part of the package muvpn, comes and goes with it."
)

// unitText is the systemd unit for the program at that absolute path; maker says
// where it comes from, to the administrator who reads it. With credential, the name of one in systemd's store of encrypted ones, the key that
// seals the secrets on disk comes from there; empty: there is none. It is named
// without its path, so that systemd starts the service without it, too, should it
// be gone. A path that systemd, or the templates of kardianos/service, would not
// take as it stands is refused.
func unitText(program, credential, maker string) (string, error) {
	if err := plain(program, `"\'%${}`); err != nil {
		return "", err
	}
	text := strings.ReplaceAll(unitForm, "PROGRAM", program)
	line := ""
	if credential != "" {
		line = fmt.Sprintf("LoadCredentialEncrypted=%s\n", credential)
	}
	text = strings.Replace(text, "MAKER", maker, 1)
	return strings.Replace(text, "CREDENTIAL\n", line, 1), nil
}

// unitForm gives muvpnd what it needs and nothing else. The comments are for
// the administrator who reads the unit.
const unitForm = `# MAKER Changes of your own: systemctl edit muvpnd

[Unit]
Description=Mobile User VPN, connects this computer to office networks
# What blocks the network until the tunnel is up has to be there before the
# network is. So nothing may be waited for that may itself wait for the network;
# nftables.service empties all tables when it starts, and is let go first. The
# price: when the system ends, the network may be gone before the gateway is told.
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target systemd-sysctl.service nftables.service resolvconf.service
Conflicts=shutdown.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart="PROGRAM" run
# However it ended, and if it could not even begin: a kill switch that is armed is
# set before anything that waits for us goes on.
ExecStopPost=-"PROGRAM" rearm
Restart=on-failure
RestartSec=2
# Wrong use does not become right by trying again.
RestartPreventExitStatus=2
TimeoutStartSec=60
TimeoutStopSec=20
CREDENTIAL
# The folders of its own: /var/lib/muvpn and /run/muvpn. Everybody may pass to
# the socket, which is guarded itself.
StateDirectory=muvpn
StateDirectoryMode=0700
RuntimeDirectory=muvpn
RuntimeDirectoryMode=0755
UMask=0077
LimitCORE=0

# NET_ADMIN: the interface, addresses, routes and the firewall. NET_RAW: ESP as
# IP protocol 50. NET_BIND_SERVICE: port 500. CHOWN: the socket's group.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE CAP_CHOWN
AmbientCapabilities=
NoNewPrivileges=yes

# resolv.conf is replaced as a whole, as a reader must never see half of it; that
# takes the right to write its folder. What of it makes others root stays out of
# reach: these folders, and these files as they were when the service started.
# Not so a file that is not there, ld.so.preload for one, which cannot be guarded
# like this, nor one that was replaced since, by useradd for one, until the next
# start. /run is for resolvconf, where that is in use.
ProtectSystem=strict
ReadWritePaths=/etc /run
ReadOnlyPaths=-/etc/alternatives -/etc/apt -/etc/ca-certificates -/etc/cron.d -/etc/cron.daily -/etc/cron.hourly
ReadOnlyPaths=-/etc/cron.monthly -/etc/cron.weekly -/etc/dbus-1 -/etc/default -/etc/init.d -/etc/ld.so.conf.d
ReadOnlyPaths=-/etc/logrotate.d -/etc/modprobe.d -/etc/modules-load.d -/etc/muvpn -/etc/network -/etc/NetworkManager
ReadOnlyPaths=-/etc/pam.d -/etc/pki -/etc/polkit-1 -/etc/ppp -/etc/profile.d -/etc/security -/etc/selinux -/etc/ssh
ReadOnlyPaths=-/etc/ssl -/etc/sudoers.d -/etc/sysctl.d -/etc/systemd -/etc/udev -/etc/xdg -/etc/yum.repos.d
ReadOnlyPaths=-/etc/passwd -/etc/shadow -/etc/group -/etc/gshadow -/etc/sudoers -/etc/crontab -/etc/profile
ReadOnlyPaths=-/etc/environment -/etc/ld.so.conf -/etc/ld.so.preload
ReadOnlyPaths=-/run/dbus -/run/log -/run/systemd -/run/udev
InaccessiblePaths=-/etc/credstore -/etc/credstore.encrypted
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
BindPaths=-/dev/net/tun
DeviceAllow=/dev/net/tun rw

ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
KeyringMode=private
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallFilter=@chown
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`
