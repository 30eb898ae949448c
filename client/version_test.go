package client

import (
	"runtime/debug"
	"testing"
)

func TestBuild(t *testing.T) {
	defer func(v string) { Version = v }(Version)
	Version = "v1.2.3"
	if got := Build(); got != "v1.2.3" {
		t.Errorf("the build set v1.2.3, Build says %q", got)
	}
	Version = ""
	if Build() == "" {
		t.Error("no version at all")
	}
}

func TestVersionFromBuildInfo(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	for _, c := range []struct {
		version  string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.3", commit, "v1.2.3"},
		{"(devel)", commit, "devel-0123456789ab+changes"},
		{"", commit[:1], "devel-0123456789ab"},
		{"", nil, "devel"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.version}, Settings: c.settings}
		if got := fromInfo(info); got != c.want {
			t.Errorf("%q: %q, want %q", c.version, got, c.want)
		}
	}
}
