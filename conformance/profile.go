package conformance

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/strict"
	"github.com/postern-lock/postern/spec"
)

// Profile is what a maker claims of a product: the proforma of section 23.5.
type Profile struct {
	Product string    `json:"product"`
	Maker   string    `json:"maker"`
	Build   string    `json:"build,omitempty"` // SHA-256 of the image, 64 hexadecimal digits in lower case
	Edition int       `json:"edition"`         // of the standard
	Role    shim.Role `json:"role"`
	// Profiles is the sum of the registry profiles that a lock claims.
	Profiles uint64 `json:"profiles"`
	// ExtendedLength says that a lock takes extended length fields, which no
	// profile asks for.
	ExtendedLength bool `json:"extended_length,omitempty"`
	// Options are names of section 1.1: button, tamper-sensor, update.
	Options []string          `json:"options,omitempty"`
	Limits  map[string]uint64 `json:"limits,omitempty"`
	Timings map[string]uint64 `json:"timings,omitempty"` // milliseconds, by command
	Level   shim.Level        `json:"level"`
	Answers map[string]string `json:"answers,omitempty"` // by requirement
	// Help says what members, profiles, options and requirements mean, for whoever
	// fills the file in.  It claims nothing.
	Help map[string]string `json:"help,omitempty"`

	digest string // SHA-256 of the bytes that it was read from
}

// Digest returns the SHA-256 of the file that the profile was read from, in
// hexadecimal digits; a profile that was not read has none.
func (p *Profile) Digest() string { return p.digest }

// maxProfile is the size of the largest profile, in bytes.
const maxProfile = 1 << 20

// The bits of the registry profiles, with the capability that each announces.
var announces = map[string]string{
	"resumption": "resumption", "uses": "uses", "live-time": "live-time", "clock": "clock", "parcel-locker": "compartments", "suite-2": "suite-2",
}

// digest is the form of a build.
var digest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// options are those of section 1.1.
var options = []string{"button", "tamper-sensor", "update"}

// ReadProfile reads a profile strictly and checks it.
func ReadProfile(data []byte) (*Profile, error) {
	if len(data) > maxProfile {
		return nil, fmt.Errorf("profile: %d bytes, where %d are the most", len(data), maxProfile)
	}
	p := new(Profile)
	if err := strict.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("profile: %w (section 23.5 lists the members)", err)
	}
	p.digest = fmt.Sprintf("%x", sha256.Sum256(data))
	return p, errors.Join(p.check(), p.checkDetails())
}

// check says what no product can claim.
func (p *Profile) check() error {
	switch {
	case p.Edition != spec.Version:
		return fmt.Errorf("profile: edition %d, where this suite holds edition %d", p.Edition, spec.Version)
	case shim.Verbs(p.Role) == nil:
		return fmt.Errorf("profile: role %q, where lock, app or issuer is right", p.Role)
	case p.Build != "" && !digest.MatchString(p.Build):
		return fmt.Errorf("profile: build %q, where the 64 hexadecimal digits of a SHA-256, in lower case, are right", p.Build)
	case p.Level > shim.L2:
		return fmt.Errorf("profile: level %d, where 0, 1 or 2 is right", p.Level)
	}
	for i, o := range p.Options {
		if !slices.Contains(options, o) {
			return fmt.Errorf("profile: option %q, where one of %s is right (section 1.1)", o, strings.Join(options, ", "))
		}
		if slices.Contains(p.Options[:i], o) {
			return fmt.Errorf("profile: option %q twice", o)
		}
	}
	if p.Role != shim.RoleLock {
		return nil
	}
	rows, err := spec.Registry("profiles")
	if err != nil {
		return err
	}
	all := uint64(0)
	for _, r := range rows {
		all |= uint64(r.Value)
	}
	switch {
	case p.Profiles&^all != 0:
		return fmt.Errorf("profile: the sum %d has bits that are no profile (section 23.2)", p.Profiles)
	case !p.claims("core"):
		return errors.New("profile: a lock claims core (PST-PROF-003)")
	case p.claims("parcel-locker") && (!p.claims("uses") || !p.claims("binding-r")):
		return errors.New("profile: parcel-locker goes with uses and binding-r (section 23.2)")
	}
	return nil
}

// claims reports whether a lock claims the profile of the registry.
func (p *Profile) claims(name string) bool {
	rows, err := spec.Registry("profiles")
	if err != nil {
		return false
	}
	for _, r := range rows {
		if r.Name == name {
			return p.Profiles&uint64(r.Value) != 0
		}
	}
	return false
}

// Term tells of a term of section 1.1, such as "capability(resumption)", whether
// it is true of the product.
func (p *Profile) Term(term string) bool {
	kind, name, _ := strings.Cut(strings.TrimSuffix(term, ")"), "(")
	switch kind {
	case "binding":
		return name == "l" || p.Role != shim.RoleLock || p.claims("binding-r")
	case "option":
		return slices.Contains(p.Options, name)
	case "capability":
		if p.Role != shim.RoleLock {
			return true // an app has both suites, and is tried with all it does
		}
		if name == "extended-length" {
			return p.ExtendedLength
		}
		for profile, capability := range announces {
			if capability == name {
				return p.claims(profile)
			}
		}
	}
	return false
}
