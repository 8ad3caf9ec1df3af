package demo

import (
	"fmt"
	"io"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
)

// People returns the names that [World.Phone] knows.
func People() []string { return []string{"owner", "neighbour", "postman", "stranger"} }

// Phone returns the phone of somebody, with what it opens the lock with:
//
//   - the owner's has the bare key that the lock knows;
//   - the neighbour's a grant of the owner for a week, to open this lock;
//   - the postman's a grant of the operator for twelve hours, to deliver and
//     collect on the round that the lock is on;
//   - the stranger's a grant that the stranger signed.
//
// Grants are issued at now.  The phones remember locks for as long as they
// are used.
func (w *World) Phone(name string, now time.Time, rand io.Reader) (*holder.Phone, error) {
	own := key(name)
	k, err := holder.NewKey(own)
	if err != nil {
		return nil, err
	}
	p := &holder.Phone{
		Key:    k,
		Roots:  []credential.PublicKey{w.root},
		Makers: [][]byte{w.maker.Authority().Bytes()},
		Locks:  holder.NewMemory(),
		Rand:   rand,
	}
	this := credential.LockTarget(LockID())
	switch name {
	case "owner":
	case "neighbour":
		p.Grant, err = w.owner.Grant(claims(p, now, 7*24*time.Hour, this, credential.ActionOpen))
	case "postman":
		round := credential.AreaTarget([]byte(Area))
		p.Grant, err = w.post.Grant(claims(p, now, 12*time.Hour, round, credential.ActionDeliver|credential.ActionCollect))
		p.Authorities = [][]byte{w.post.Authority().Bytes()}
	case "stranger":
		var self *issuer.Owner
		if self, err = issuer.NewOwner(own); err != nil {
			return nil, err
		}
		p.Grant, err = self.Grant(claims(p, now, time.Hour, this, credential.ActionOpen))
	default:
		return nil, fmt.Errorf("demo: nobody is called %q; there are %v", name, People())
	}
	return p, err
}

// claims returns a grant to the phone's key with one entry.
func claims(p *holder.Phone, now time.Time, life time.Duration, target credential.Target, actions credential.Actions) credential.GrantClaims {
	return credential.GrantClaims{
		Holder:   p.Key.PublicKey(),
		IssuedAt: credential.At(now),
		Expires:  credential.At(now.Add(life)),
		Scope:    []credential.Entry{{Target: target, Actions: actions}},
	}
}
