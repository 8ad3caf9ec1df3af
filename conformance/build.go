package conformance

import (
	"runtime/debug"
	"strings"
)

// Build names a build of the suite.
type Build struct {
	Version string // "development" where none was set
	// Revision is that of the sources, with "+modified" behind it where they had
	// changes that no revision has; of a build from the module alone it is the module's
	// checksum.  It is empty where nothing is known.
	Revision string
}

// modified marks a revision.
const modified = "+modified"

// ThisBuild is the one that runs.
func ThisBuild() Build {
	b := Build{Version: Version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Revision = info.Main.Sum
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed {
		b.Revision += modified
	}
	return b
}

// Released reports whether anybody can get the same build again: it has a version,
// and its sources are a revision without changes.
func (b Build) Released() bool {
	return b.Version != "" && b.Version != "development" && b.Revision != "" && !strings.HasSuffix(b.Revision, modified)
}

// String is the version and the revision, as a flag takes them.
func (b Build) String() string { return b.Version + "@" + b.Revision }
