package holder

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/credential"
)

// supply finds what the lock says that it lacks, for the next request: the
// certificate of whoever signed the grant at the root, and the grants between.
// No lock draws other operators' certificates out of a phone, and none is given
// anything twice.
func (x *exchange) supply(step string, missing []credential.KeyID) *Error {
	for _, kid := range missing {
		switch {
		case x.grant != nil && kid == x.root && slices.Contains(x.certified, kid):
			return fault(credential.ReasonIssuerUnknown, step+": the lock does not take the certificates of Phone.Authorities", nil)
		case x.grant != nil && kid == x.root:
			certificate := x.phone.authority(kid, x.rootIssued)
			if certificate == nil {
				return fault(credential.ReasonIssuerUnknown, step+": the lock lacks the certificate of key "+kid.String()+", and so does Phone.Authorities", nil)
			}
			x.certified, x.supplied = append(x.certified, kid), append(x.supplied, certificate)
		case !slices.Contains(x.between, kid):
			return fault(credential.ReasonIssuerUnknown, step+": the lock asks for the certificate of key "+kid.String()+", which did not sign the grant", nil)
		case x.shown:
			return fault(credential.ReasonIssuerUnknown, step+": the lock does not take the grants of Phone.Parents", nil)
		}
	}
	r := x.asks()
	if r.Chain = slices.Concat(x.parents, x.supplied); !fits(r, x.room(further)) {
		return fault(credential.ReasonLimit, step+": Phone.Parents and the certificate do not fit a command", nil)
	}
	return nil
}

// authority returns the phone's certificate for the key id, nil where it has
// none.  An authority that had its certificate renewed for the same key has
// several: of those under which something was issued at that time, the one that
// ends last.
func (p *Phone) authority(kid credential.KeyID, issued credential.Time) []byte {
	var best *credential.UnverifiedAuthority
	bestCovers := false
	for _, certificate := range p.Authorities {
		u, err := credential.ParseAuthority(certificate)
		if err != nil || credential.KeyIDOf(u.Claims.Key) != kid {
			continue
		}
		covers := u.Claims.IssuedAt <= issued && issued <= u.Claims.Expires
		if best == nil || covers && !bestCovers || covers == bestCovers && u.Claims.Expires > best.Claims.Expires {
			best, bestCovers = u, covers
		}
	}
	if best == nil {
		return nil
	}
	return best.Bytes()
}

// holds reports whether a chain has the object in it.
func holds(chain [][]byte, object []byte) bool {
	return slices.ContainsFunc(chain, func(b []byte) bool { return bytes.Equal(b, object) })
}
