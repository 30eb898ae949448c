package netcfg

import (
	"errors"
	"os"
	"slices"
	"strings"
)

// lookDNS finds out who answers names on this computer and what is set for the
// interface of that index.
func (l *linux) lookDNS(index int) (Resolver, error) {
	text, missing, err := l.file.look()
	if err != nil {
		return Resolver{}, err
	}
	target, _ := os.Readlink(l.file.path)
	runs := func() bool { return resolvedRuns(l.bus) }
	r := Resolver{How: resolverOf(text, target, runs, resolvconfPath(l.resolvconf) != ""), Missing: missing}
	switch r.How {
	case howResolved:
		r.Text, err = resolvedText(l.bus, index)
		return r, err
	case howFile:
		r.Locked = l.file.locked()
	}
	r.Text = text
	return r, nil
}

// resolverOf tells from resolv.conf, and from where it is a link to, whom the
// programs of this computer ask. That systemd-resolved runs or resolvconf is
// installed is not enough: without resolv.conf leading there, what they are
// told has no effect.
func resolverOf(text, target string, resolved func() bool, resolvconf bool) string {
	servers := nameservers(text)
	stub := slices.Contains(servers, "127.0.0.53") || slices.Contains(servers, "127.0.0.54")
	made := strings.Contains(target, "/resolvconf/") || strings.Contains(text, "enerated by resolvconf")
	switch {
	case strings.HasPrefix(text, marker):
		return howFile
	case (stub || strings.TrimSpace(text) == "") && resolved():
		return howResolved
	case made && resolvconf && (strings.Contains(target, "/resolvconf/") || strings.Contains(text, "resolvconf(8)")):
		return howResolvconf
	case made && resolvconf:
		return howOpenresolv
	}
	return howFile
}

// applyDNS sets DNS.
func (l *linux) applyDNS(s step) error {
	switch s.DNS.How {
	case howResolved:
		return setResolved(l.bus, s.Index, s.DNS)
	case howResolvconf, howOpenresolv:
		path := resolvconfPath(l.resolvconf)
		if path == "" {
			return errors.New("resolvconf is gone")
		}
		return runResolvconf(path, s.DNS.Text, resolvconfArgs(s.DNS.How, s.Link)...)
	}
	return l.file.set(s.DNS.Text, s.DNS.Backup)
}

// undoDNS takes the setting back.
func (l *linux) undoDNS(s step) error {
	switch s.DNS.How {
	case howResolved:
		return revertResolved(l.bus, s.Index, s.Link)
	case howResolvconf, howOpenresolv:
		path := resolvconfPath(l.resolvconf)
		if path == "" {
			return nil // it took its entries along
		}
		return runResolvconf(path, "", "-d", record(s.Link))
	}
	return l.file.restore(s.DNS.Missing, s.DNS.Text, s.DNS.Former)
}
