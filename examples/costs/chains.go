package main

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// linksFirst is somebody who has his right from a guest, by grants of so many
// links, in front of a lock that has seen none of them, and that his phone has
// never seen.
func linksFirst(n int) func(*stage) (tap, error) {
	return func(s *stage) (tap, error) {
		p, err := s.chained(n)
		return opens(p, credential.OperationOpen), err
	}
}

// linksAgain is his second tap.
func linksAgain(n int) func(*stage) (tap, error) {
	return func(s *stage) (tap, error) {
		t, err := linksFirst(n)(s)
		if err != nil {
			return nil, err
		}
		return s.again(t)
	}
}

// linksResumed is his second tap with a phone that resumes.  Three links are too
// long for a slot of 512 bytes, and take a full exchange every time.
func linksResumed(n int) func(*stage) (tap, error) {
	return func(s *stage) (tap, error) {
		p, err := s.chained(n)
		if err != nil {
			return nil, err
		}
		return s.resumes(p)
	}
}

// chained returns the phone of the last of n holders, of whom each passed the
// right on to the next.
func (s *stage) chained(n int) (*holder.Phone, error) {
	p, err := s.guestWith(func(e *credential.Entry) { e.Delegation = uint8(n - 1) })
	for i := 1; i < n && err == nil; i++ {
		p, err = s.passesOn(p, fmt.Sprintf("friend %d", i), uint8(n-1-i))
	}
	return p, err
}

// passesOn has the holder of a phone pass his right on to the named one, who may
// pass it on for so many links more.
func (s *stage) passesOn(from *holder.Phone, name string, further uint8) (*holder.Phone, error) {
	to, err := s.phone(name)
	if err != nil {
		return nil, err
	}
	to.Parents = append(from.Parents[:len(from.Parents):len(from.Parents)], from.Grant)
	claims := s.guestClaims(to.Key.PublicKey())
	claims.Expires -= day
	claims.Scope[0].Delegation = further
	to.Grant, err = holder.Delegate(from.Key, to.Parents, claims)
	return to, err
}
