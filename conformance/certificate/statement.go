package certificate

import (
	"time"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
)

// The names of section 24.4.1.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://github.com/postern-lock/certificate/v1"
	PayloadType   = "application/vnd.in-toto+json"
)

// Statement is what a certificate says: an in-toto Statement, version 1.
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"` // the build that is sold; at level 2 its twin with hooks too
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// Subject is a build.
type Subject struct {
	Name   string  `json:"name"`
	Digest Digests `json:"digest"`
}

// Digests of a file.
type Digests struct {
	SHA256 string `json:"sha256"`
}

// Predicate is what the statement says of its subjects.
type Predicate struct {
	Product      Product      `json:"product"`
	Claims       Claims       `json:"claims"`
	Suite        Suite        `json:"suite"`
	Runs         []Run        `json:"runs"` // one for each subject
	Requirements Requirements `json:"requirements"`
	Issued       time.Time    `json:"issued"`
	Issuer       Issuer       `json:"issuer"`
}

// Product is what was certified.
type Product struct {
	Name    string `json:"name"`
	Maker   string `json:"maker"`
	Version string `json:"version"` // as the build that is sold says it
}

// Claims is what it was held to.
type Claims struct {
	Role           shim.Role  `json:"role"`
	Profiles       uint64     `json:"profiles"`
	ExtendedLength bool       `json:"extended_length"`
	Options        []string   `json:"options"`
	Level          shim.Level `json:"level"`
	Edition        int        `json:"edition"`
}

// Suite is the build of the suite that judged.
type Suite struct {
	Version     string `json:"version"`
	Revision    string `json:"revision"` // of the sources; empty where it is not known
	Cases       string `json:"cases"`    // digest of the cases' ids and revisions
	Development bool   `json:"development,omitempty"`
}

// Run is one run and the evidence of it.
type Run struct {
	Level   shim.Level    `json:"level"`
	Report  Digests       `json:"report"`
	Profile Digests       `json:"profile"`
	Started time.Time     `json:"started"`
	Seeds   []uint64      `json:"seeds"`
	Results report.Counts `json:"results"`
}

// Requirements says, with the revision of each, what became of the requirements
// that bind the product.
type Requirements struct {
	Tried    map[string]int `json:"tried"`    // cases found no fault
	Warned   map[string]int `json:"warned"`   // a recommendation that is not followed
	Answered map[string]int `json:"answered"` // no case tried it; the maker says how it is kept
	Open     map[string]int `json:"open"`     // nobody says anything
}

// Issuer is who signed.
type Issuer struct {
	Name string `json:"name"`
	Key  string `json:"key"` // KeyID
}
