package client

import "runtime/debug"

// Version is the program's version, set by the build: -ldflags "-X
// muvpn/client.Version=v1.2.3". Read it with Build.
var Version string

// Build names the version of the running program: what the build set, else
// what Go's build information knows, else "devel".
func Build() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return fromInfo(info)
}

// fromInfo is the module's version, or the commit it was built from.
func fromInfo(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" {
		return "devel"
	}
	return "devel-" + revision + dirty
}
