package certificate

import (
	"runtime/debug"

	"github.com/postern-lock/postern/conformance"
)

// Build names a build of the suite.
type Build struct {
	Version  string // "development" where none was set
	Revision string // of the sources, or the module's checksum; empty where neither is known
	Modified bool   // the sources had changes that no revision has
}

// ThisBuild is the one that runs.
func ThisBuild() Build {
	b := Build{Version: conformance.Version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Revision = info.Main.Sum
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// Released reports whether anybody can get the same build again: it has a version,
// and its sources are a revision without changes.
func (b Build) Released() bool {
	return b.Version != "" && b.Version != "development" && b.Revision != "" && !b.Modified
}

// same reports whether a certificate names the build.
func (b Build) same(s Suite) bool { return b.Version == s.Version && b.Revision == s.Revision }
