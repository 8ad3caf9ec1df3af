package holder

import (
	"slices"

	"github.com/postern-lock/postern/credential"
)

// With returns a copy of the Phone that opens by the right of a pass (chapter 27):
// its chain in place of the Phone's grant, its certificates and documents beside
// the Phone's own.  A certificate counts for nothing but under the Phone's Roots,
// so that of a lock's manufacturer can come by the pass too.  The pass should have been parsed: [credential.ParsePass] refuses
// what no lock would take.
func (p *Phone) With(pass credential.Pass) *Phone {
	q := *p
	q.Grant, q.Parents = []byte{}, nil // without a chain no right, and not the bare key's
	if n := len(pass.Chain); n > 0 {
		q.Grant, q.Parents = pass.Chain[n-1], slices.Clone(pass.Chain[:n-1])
	}
	q.Authorities = slices.Concat(p.Authorities, pass.Authorities)
	q.Makers = slices.Concat(p.Makers, pass.Authorities)
	q.Documents = slices.Concat(p.Documents, pass.Documents)
	return &q
}
