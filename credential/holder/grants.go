package holder

import (
	"bytes"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// grants are what a holder proves the right with: a grant, and those above it.
// An owner has none.
type grants struct {
	grant      *credential.UnverifiedGrant // nil for an owner
	parents    [][]byte                    // the root's first
	root       credential.KeyID            // who signed the root's
	rootIssued credential.Time             // when
	between    []credential.KeyID          // who signed the others
}

// grants reads the Phone's grants and refuses what no lock would take.
func (p *Phone) grants() (grants, *Error) {
	if p.Grant == nil {
		return grants{}, nil
	}
	if p.parsed == nil || !bytes.Equal(p.parsed.Bytes(), p.Grant) {
		u, err := credential.ParseGrant(p.Grant)
		if err != nil {
			return grants{}, grantFault(reasonOf(err, credential.ReasonMalformed), "Phone.Grant", err)
		}
		p.parsed = u
	}
	if p.parsed.Claims.Holder != p.Key.PublicKey() {
		return grants{}, grantFault(credential.ReasonPossession, "Phone.Grant is for another key than Phone.Key", nil)
	}
	g := grants{grant: p.parsed, parents: p.Parents}
	return g, g.link()
}

// link checks that each grant hangs below the one before it, and notes who
// signed them.
func (g *grants) link() *Error {
	if len(g.parents) >= wire.LimitLinks {
		return grantFault(credential.ReasonDelegation, fmt.Sprintf("Phone.Parents: at most %d are allowed", wire.LimitLinks-1), nil)
	}
	links, err := parseChain(g.parents)
	if err != nil {
		return grantFault(reasonOf(err, credential.ReasonMalformed), "Phone.Parents", err)
	}
	links = append(links, g.grant)
	if err := credential.Linked(links); err != nil {
		return grantFault(credential.ReasonDelegation, "Phone.Parents and Phone.Grant", err)
	}
	g.root, g.rootIssued = links[0].Signer(), links[0].Claims.IssuedAt
	for _, link := range links[1:] {
		g.between = append(g.between, link.Signer())
	}
	return nil
}

// parseChain parses grants.
func parseChain(chain [][]byte) ([]*credential.UnverifiedGrant, error) {
	var links []*credential.UnverifiedGrant
	for _, data := range chain {
		u, err := credential.ParseGrant(data)
		if err != nil {
			return nil, err
		}
		links = append(links, u)
	}
	return links, nil
}

// grantFault returns the *Error for a grant that has to be fetched anew.
func grantFault(reason credential.Reason, detail string, cause error) *Error {
	return &Error{Reason: reason, Detail: detail, Advice: AdviceRenew, Err: cause}
}
