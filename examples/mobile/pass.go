package postern

import (
	"bytes"
	"slices"
	"strings"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Pass is what a holder opens with beside the key: a grant, the grants above it
// where somebody passed it on, the certificates of the operator at its root, and
// documents to hand over.  It comes as a link or in bytes, from the app of any
// maker.  An owner needs none: the lock knows the owner's key.
type Pass struct {
	pass   credential.Pass
	claims credential.GrantClaims
	tag    credential.Tag
}

// ParsePass reads a pass from a link that begins with postern:pass/.  Nobody
// vouches for it but the lock.
func ParsePass(link string) (*Pass, error) {
	return guarded(func() (*Pass, error) {
		p, err := credential.ParsePassLink(link)
		if err != nil {
			return nil, err
		}
		return newPass(p)
	})
}

// NewPass makes a pass of its parts, as an operator's server hands them over: the
// grants, the root's first, the holder's own last; and, where there are any,
// certificates and documents.
func NewPass(grants, authorities, documents *Blobs) (*Pass, error) {
	return guarded(func() (*Pass, error) {
		return newPass(credential.Pass{Chain: grants.slices(), Authorities: authorities.slices(), Documents: documents.slices()})
	})
}

// newPass checks the pass as every other app will.
func newPass(p credential.Pass) (*Pass, error) {
	if _, err := p.Encode(); err != nil {
		return nil, err
	}
	links, err := p.Links()
	if err != nil {
		return nil, err
	}
	own := links[len(links)-1]
	return &Pass{pass: p, claims: own.Claims, tag: own.Tag()}, nil
}

// Link returns the pass as a link, for a message or a square code.
func (p *Pass) Link() (string, error) { return guarded(p.pass.Link) }

// Bytes returns the pass in bytes, at most 2048, for the app to keep.
func (p *Pass) Bytes() ([]byte, error) { return guarded(p.pass.Encode) }

// OpenPass reads a pass from bytes.
func OpenPass(data []byte) (*Pass, error) {
	return guarded(func() (*Pass, error) {
		p, err := credential.ParsePass(bytes.Clone(data))
		if err != nil {
			return nil, err
		}
		return newPass(p)
	})
}

// Tag names the grant in logs, 16 hexadecimal digits.
func (p *Pass) Tag() string { return p.tag.String() }

// From returns when it begins, in seconds since 1970.
func (p *Pass) From() int64 { return int64(max(p.claims.NotBefore, p.claims.IssuedAt)) }

// Until returns when it ends, in seconds since 1970.
func (p *Pass) Until() int64 { return int64(p.claims.Expires) }

// Lock returns the id of the lock where the pass is for one alone, 16 hexadecimal
// digits; else nothing.
func (p *Pass) Lock() string {
	if len(p.claims.Scope) == 0 {
		return ""
	}
	first, _ := p.claims.Scope[0].Target.Lock()
	for _, e := range p.claims.Scope {
		if id, one := e.Target.Lock(); !one || id != first {
			return ""
		}
	}
	return first.String()
}

// into gives a phone what the pass holds, for one tap.  A manufacturer's certificate
// in it tells the phone of a lock whose maker the app did not know; the root vouches
// for it or not.
func (p *Pass) into(phone *holder.Phone) {
	last := len(p.pass.Chain) - 1
	phone.Grant, phone.Parents = p.pass.Chain[last], p.pass.Chain[:last]
	phone.Documents = slices.Concat(phone.Documents, p.pass.Documents)
	phone.Authorities = slices.Concat(p.pass.Authorities, phone.Authorities)
	phone.Makers = slices.Concat(phone.Makers, p.pass.Authorities)
}

// parseRequest reads who asks for a right: a request link, or a public key as text.
func parseRequest(request string) (credential.PublicKey, error) {
	if strings.HasPrefix(request, "postern:") {
		return credential.ParseRequestLink(request)
	}
	var key credential.PublicKey
	if err := key.UnmarshalText([]byte(request)); err != nil {
		return key, &fault{code: CodeArgument, detail: "a request link, or a public key as text", err: err}
	}
	return key, nil
}
