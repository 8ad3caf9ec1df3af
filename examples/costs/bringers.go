package main

import (
	"context"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
)

// commissioning is the owner's phone at a new lock, with the setup secret.
func commissioning(s *stage) (tap, error) {
	p, err := s.ownerPhone()
	if err != nil {
		return nil, err
	}
	return commissions(p), lock.Format(s.flash)
}

// transfer is the owner's phone with a policy that gives the lock to somebody
// else.  The lock takes it, and then the one who was the owner is nobody.
func transfer(s *stage) (tap, error) {
	p, err := s.ownerPhone()
	if err != nil {
		return nil, err
	}
	policy, err := s.gift(2)
	if err != nil {
		return nil, err
	}
	return hands(p, policy), s.play(opens(p, credential.OperationOpen))
}

// gift returns a policy of the version that gives the lock to somebody else.
func (s *stage) gift(version uint32) ([]byte, error) {
	heir, err := public("heir")
	if err != nil {
		return nil, err
	}
	return s.owner.Transfer(s.admitting(version), heir)
}

// twoServices are the claims of the owner's next policy, which admits the post and
// a parcel carrier.
func (s *stage) twoServices() credential.PolicyClaims {
	claims := s.admitting(2)
	claims.Services = append(claims.Services, credential.Admission{
		Service: credential.ServiceParcel, Actions: credential.ActionDeliver,
	})
	return claims
}

// guestPolicy is a guest who comes for the second time, and hands over the policy
// that the owner gave him to take along.
func guestPolicy(s *stage) (tap, error) {
	p, err := s.guestPhone()
	if err != nil {
		return nil, err
	}
	if err := s.play(opens(p, credential.OperationOpen)); err != nil {
		return nil, err
	}
	policy, err := s.owner.Policy(s.twoServices())
	p.Documents = [][]byte{policy}
	return opens(p, credential.OperationOpen), err
}

// guestLog is a guest who comes for the second time, and takes the newest page of
// a log along that has enough for it.
func guestLog(s *stage) (tap, error) {
	p, err := s.guestPhone()
	if err != nil {
		return nil, err
	}
	const entries = 16 // of one page
	for range entries {
		if err := s.play(opens(p, credential.OperationOpen)); err != nil {
			return nil, err
		}
	}
	return asks(p, holder.Ask{Operation: credential.OperationOpen, LogPages: 1}), nil
}

// guestLive is a guest whose grant is good only where the lock knows the time: the
// phone fetches it from the post, whom the lock knows, in the middle of the tap.
func guestLive(s *stage) (tap, error) {
	if _, err := postAgain(s); err != nil {
		return nil, err
	}
	p, err := s.guestWith(func(e *credential.Entry) { e.Evidence = credential.EvidenceLive })
	if err != nil {
		return nil, err
	}
	source, err := issuer.NewTimeSource(ed25519Key("post"), s.post.Authority())
	if err != nil {
		return nil, err
	}
	now := s.now
	p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
		now += 60
		return source.Live(now, 60, nonce)
	}
	return s.again(opens(p, credential.OperationOpen))
}

// postTime is the postman's second tap of the day, with the time as the post
// states it.
func postTime(s *stage) (tap, error) {
	source, err := issuer.NewTimeSource(ed25519Key("post"), s.post.Authority())
	if err != nil {
		return nil, err
	}
	token, err := source.State(s.now+60, 60)
	if err != nil {
		return nil, err
	}
	return s.postBrings(token)
}

// postList is the postman's second tap of the day, with the post's list of two
// grants that it has withdrawn.
func postList(s *stage) (tap, error) {
	revoker, err := issuer.NewRevoker(ed25519Key("post"), s.post.Authority())
	if err != nil {
		return nil, err
	}
	list, err := revoker.Revoke(s.withdrawn(2))
	if err != nil {
		return nil, err
	}
	return s.postBrings(list)
}

// withdrawn are the claims of a revocation list of so many grants.
func (s *stage) withdrawn(n byte) credential.RevocationClaims {
	claims := credential.RevocationClaims{IssuedAt: s.now, Version: 1}
	for i := range n {
		claims.Denied = append(claims.Denied, credential.Denial{Tag: credential.Tag{i, 1, 2, 3, 4, 5, 6, 7}, Expires: s.now + day})
	}
	return claims
}

// postBrings is the postman's second tap of the day, with a document.
func (s *stage) postBrings(document []byte) (tap, error) {
	p, err := s.postmanPhone(s.area, s.now)
	if err != nil {
		return nil, err
	}
	if err := s.play(opens(p, credential.OperationDeliver)); err != nil {
		return nil, err
	}
	p.Documents = [][]byte{document}
	return opens(p, credential.OperationDeliver), nil
}
