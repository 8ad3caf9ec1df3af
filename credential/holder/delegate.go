package holder

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// Delegate passes on a right: it signs a grant for another holder that hangs
// below the last grant of the chain, which is for the key.  The chain is the
// Phone's Parents and then its Grant; the other holder's Parents are the whole
// chain.  The claims' Parent is set here.
//
// A lock gives the new holder what every grant of the chain allows, whatever the
// last one says.  Delegate does not sign what no lock would ever give, so that an
// app can show the claims as they are: a chain of more than 3 grants, or one in
// which a grant does not allow so many below it; a time outside that of a grant
// above; an entry with an action, for a lock, an area or a compartment, that no
// entry of a grant above allows together.  Schedules, counts, least evidence and
// policy versions are not compared: the locks keep all of them.
//
// Errors: an *Error with the reason possession where the chain is not one or not
// the key's; delegation, target, action, resource, expired, service and those of
// [credential.NewGrant] for the claims; with ErrPhone where the key did not sign.
func Delegate(key Key, chain [][]byte, claims credential.GrantClaims) ([]byte, error) {
	links, err := delegable(key, chain)
	if err != nil {
		return nil, grantFault(reasonOf(err, credential.ReasonPossession), "Delegate: chain", err)
	}
	claims.Parent = links[len(links)-1].Digest()
	if err := worthwhile(links, claims); err != nil {
		return nil, claimsFault(err)
	}
	u, err := credential.NewGrant(claims, key.PublicKey())
	if err != nil {
		return nil, claimsFault(err)
	}
	signature, err := key.Sign(u.ToBeSigned())
	if err == nil {
		err = suite.Verify(key.PublicKey(), u.ToBeSigned(), signature, nil)
	}
	if err != nil {
		return nil, ownFault("Delegate: the key did not sign", AdviceTapAgain, err)
	}
	return u.WithSignature(signature)
}

// claimsFault returns the *Error for claims that are not signed.
func claimsFault(err error) *Error {
	return &Error{Reason: reasonOf(err, credential.ReasonMalformed), Detail: "Delegate: claims", Advice: AdviceAskIssuer, Err: err}
}

// delegable parses a chain to whose end the key can add a link.
func delegable(key Key, chain [][]byte) ([]*credential.UnverifiedGrant, error) {
	links, err := parseChain(chain)
	switch {
	case err != nil:
		return nil, err
	case key == nil || len(links) == 0:
		return nil, errors.New("want a key and its grant")
	case links[len(links)-1].Claims.Holder != key.PublicKey():
		return nil, errors.New("the last grant is for another key")
	case len(links) >= wire.LimitLinks:
		return nil, &credential.Error{Reason: credential.ReasonDelegation, Detail: fmt.Sprintf("it has %d grants, and none can follow", len(links))}
	}
	return links, credential.Linked(links)
}

// worthwhile refuses claims that say more than some link gives.
func worthwhile(links []*credential.UnverifiedGrant, claims credential.GrantClaims) error {
	for i, link := range links {
		above := link.Claims
		if claims.Expires > above.Expires || max(claims.NotBefore, claims.IssuedAt) < above.NotBefore {
			return &credential.Error{Reason: credential.ReasonExpired, Detail: fmt.Sprintf("grant %d of the chain begins later, or ends earlier", i+1)}
		}
		for n, entry := range claims.Scope {
			if reason := allowed(entry, above.Scope, uint8(len(links)-i)); reason != credential.ReasonNone {
				return &credential.Error{Reason: reason, Detail: fmt.Sprintf("entry %d: grant %d of the chain does not allow it", n+1, i+1)}
			}
		}
	}
	if above := links[len(links)-1].Claims; claims.IssuedAt < above.IssuedAt {
		return &credential.Error{Reason: credential.ReasonDelegation, Detail: "iat is earlier than that of the grant above"}
	}
	return nil
}

// allowed reports whether the entries of a link allow each action of an entry,
// with so many links below them, and names what comes furthest where not.
func allowed(entry credential.Entry, above []credential.Entry, below uint8) credential.Reason {
	for action := credential.Actions(1); action != 0 && action <= entry.Actions; action <<= 1 {
		if !entry.Actions.Has(action) {
			continue
		}
		step, reason := -1, credential.ReasonTarget
		for _, e := range above {
			s, r := covers(e, entry, action, below)
			if s > step {
				step, reason = s, r
			}
		}
		if reason != credential.ReasonNone {
			return reason
		}
	}
	return credential.ReasonNone
}

// covers reports how far an entry above goes towards allowing one action of an
// entry, and the reason why not further.
func covers(above, entry credential.Entry, action credential.Actions, below uint8) (int, credential.Reason) {
	switch {
	case !overlap(above.Target, entry.Target):
		return 0, credential.ReasonTarget
	case !above.Actions.Has(action):
		return 1, credential.ReasonAction
	case above.Delegation < below:
		return 2, credential.ReasonDelegation
	case above.Resource != 0 && above.Resource != entry.Resource:
		return 3, credential.ReasonResource
	}
	return 4, credential.ReasonNone
}

// overlap reports whether there can be a lock that both targets include.  Which
// locks an area has, only the locks know.
func overlap(a, b credential.Target) bool {
	lockA, one := a.Lock()
	lockB, other := b.Lock()
	if one && other {
		return lockA == lockB
	}
	areaA, inA := a.Area()
	areaB, inB := b.Area()
	if inA && inB {
		n := min(len(areaA), len(areaB))
		return string(areaA[:n]) == string(areaB[:n])
	}
	return (one || inA) && (other || inB)
}
