package issuertest

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// RoundClaims are the claims of the post's grant to a postman, for the lock's round
// today.
func (w *World) RoundClaims(holder crypto.Signer) credential.GrantClaims {
	return credential.GrantClaims{
		Holder: Public(holder), IssuedAt: w.Now, Expires: w.Now + Day/2,
		Scope: []credential.Entry{{
			Target:  credential.AreaTarget(w.Area),
			Actions: credential.ActionDeliver | credential.ActionCollect,
		}},
	}
}

// GuestClaims are the claims of the owner's grant to a guest, to open the lock.
func (w *World) GuestClaims(holder crypto.Signer) credential.GrantClaims {
	return credential.GrantClaims{
		Holder: Public(holder), IssuedAt: w.Now, Expires: w.Now + 30*Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(w.LockID), Actions: credential.ActionOpen}},
	}
}

// Round has the post sign the claims of today's round.
func (w *World) Round(holder crypto.Signer) []byte { return must(w.Post.Grant(w.RoundClaims(holder))) }

// Guest has the owner sign the claims of a guest.
func (w *World) Guest(holder crypto.Signer) []byte { return must(w.Owner.Grant(w.GuestClaims(holder))) }

// PolicyClaims are the claims of the owner's first policy: the post is admitted
// to deliver, collect and return.
func (w *World) PolicyClaims() credential.PolicyClaims {
	return credential.PolicyClaims{
		Lock: w.LockID, Version: 1, IssuedAt: w.Now - 20*Day,
		Services: []credential.Admission{{Service: credential.ServicePost, Actions: credential.ActionDeliver | credential.ActionCollect | credential.ActionReturn}},
	}
}

// Policy has the owner sign the claims of the first policy, altered.
func (w *World) Policy(alter func(*credential.PolicyClaims)) []byte {
	c := w.PolicyClaims()
	alter(&c)
	return must(w.Owner.Policy(c))
}

// Transfer has the owner give the lock to another key, by a policy of the version.
func (w *World) Transfer(to credential.PublicKey, version uint32) []byte {
	c := w.PolicyClaims()
	c.Version = version
	return must(w.Owner.Transfer(c, to))
}

// RevocationList has the post withdraw the grants with the tags.
func (w *World) RevocationList(version uint32, denied ...credential.Tag) []byte {
	c := credential.RevocationClaims{IssuedAt: w.Now, Version: version}
	for _, tag := range denied {
		c.Denied = append(c.Denied, credential.Denial{Tag: tag, Expires: w.Now + Day})
	}
	return must(must(issuer.NewRevoker(w.Key("post"), w.Post.Authority())).Revoke(c))
}

// StatedTime has the post state a time, in a region that is an hour ahead of UTC.
func (w *World) StatedTime(at credential.Time) []byte { return must(w.clock().State(at, 60)) }

// LiveTime has the post tell a time over the nonce of a transaction.
func (w *World) LiveTime(at credential.Time, nonce [16]byte) []byte {
	return must(w.clock().Live(at, 60, nonce))
}

func (w *World) clock() *issuer.TimeSource {
	return must(issuer.NewTimeSource(w.Key("post"), w.Post.Authority()))
}
