package main

import (
	"errors"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
)

// strangerHello has the lock make message_2, the dearest answer that it gives to
// somebody who has proved nothing, and goes away.
func strangerHello(s *stage) (tap, error) {
	p, err := s.phone("stranger")
	t := opens(p, credential.OperationOpen)
	return func(link apdu.Transceiver) (holder.Result, error) {
		const commands = 2 // SELECT and HANDSHAKE-1
		r, err := t(&leaves{next: link, after: commands})
		if errors.Is(err, errGone) {
			err = nil
		}
		return r, err
	}, err
}

// strangerKey proves a bare key that is nobody's.
func strangerKey(s *stage) (tap, error) {
	p, err := s.phone("stranger")
	return shutOut(opens(p, credential.OperationOpen)), err
}

// strangerGrant proves its own key under a grant that bears the owner's key id,
// with a signature that is not the owner's.
func strangerGrant(s *stage) (tap, error) {
	p, err := s.phone("stranger")
	if err != nil {
		return nil, err
	}
	unsigned, err := credential.NewGrant(s.guestClaims(p.Key.PublicKey()), s.owner.PublicKey())
	if err != nil {
		return nil, err
	}
	p.Grant, err = unsigned.WithSignature(make([]byte, 64))
	p.Authorities = nil
	return shutOut(opens(p, credential.OperationOpen)), err
}

// strangerChain made up a scheme of its own, which certifies a post of its own,
// which grants.
func strangerChain(s *stage) (tap, error) {
	p, err := s.phone("stranger")
	if err != nil {
		return nil, err
	}
	scheme, err := issuer.NewScheme(ed25519Key("made-up scheme"))
	if err != nil {
		return nil, err
	}
	post, err := operator(scheme, "post", s.now)
	if err != nil {
		return nil, err
	}
	p.Authorities = [][]byte{post.Authority().Bytes()}
	p.Grant, err = post.Grant(s.roundClaims(p.Key.PublicKey(), s.area, s.now))
	return shutOut(opens(p, credential.OperationDeliver)), err
}

// strangerPolicy has a guest hand over a policy in the owner's name that somebody
// else signed.  He opens all the same.
func strangerPolicy(s *stage) (tap, error) {
	p, err := s.guestPhone()
	if err != nil {
		return nil, err
	}
	if err := s.play(opens(p, credential.OperationOpen)); err != nil {
		return nil, err
	}
	claims := s.twoServices()
	claims.Owner = s.owner.PublicKey()
	unsigned, err := credential.NewPolicy(claims, s.owner.PublicKey())
	if err != nil {
		return nil, err
	}
	policy, err := unsigned.WithSignature(make([]byte, 64))
	p.Documents = [][]byte{policy}
	return opens(p, credential.OperationOpen), err
}

// shutOut takes it that the phone is told nothing that it can believe: one
// status word, or the name of a certificate that it does not have.
func shutOut(t tap) tap {
	return func(link apdu.Transceiver) (holder.Result, error) {
		r, err := t(link)
		if errors.Is(err, credential.ReasonStatusWord) || errors.Is(err, credential.ReasonIssuerUnknown) {
			r.Outcome, err = credential.OutcomeRefused, nil
		}
		return r, err
	}
}
