package main

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
)

// revoke signs the list of the certificates that the scheme denies.
func revoke(s *step) error {
	s.withToken()
	s.files = true
	version := s.flags.Uint("version", 0, "version of the list, above that of every one before")
	least := s.flags.String("least", "", "deny also every certificate issued before this time")
	return s.perform(func() ([]byte, error) {
		scheme, err := s.scheme()
		if err != nil {
			return nil, err
		}
		if *version < 1 || *version >= math.MaxUint32 {
			return nil, fmt.Errorf("-version: want 1 to %d; the one above is for the farewell", uint32(math.MaxUint32-1))
		}
		c := credential.RevocationClaims{IssuedAt: s.now, Version: uint32(*version)}
		if *least != "" {
			t, err := time.Parse(time.RFC3339, *least)
			if c.Least = credential.At(t); err != nil || c.Least == 0 {
				return nil, fmt.Errorf("-least: want a time after 1970 and before 2106, not %q", *least)
			}
		}
		for _, name := range s.flags.Args() {
			a, err := readAuthority(name, scheme.PublicKey())
			if err != nil {
				return nil, err
			}
			c.Denied = append(c.Denied, credential.Denial{Tag: a.Tag(), Expires: a.Expires()})
			s.record.line("denied", "tag %v, for the key %v, until %v", a.Tag(), credential.KeyIDOf(a.Key()), a.Expires())
		}
		slices.SortFunc(c.Denied, func(a, b credential.Denial) int { return bytes.Compare(a.Tag[:], b.Tag[:]) })
		s.record.line("list", "version %d, %d certificates by their tags", c.Version, len(c.Denied))
		if c.Least != 0 {
			s.record.line("least", "every certificate that was issued before %v is denied", c.Least)
		}
		return scheme.Revoke(c)
	})
}

// farewell signs the last list of a root, which ends it at every lock that hears
// it, for good.
func farewell(s *step) error {
	s.withToken()
	return s.perform(func() ([]byte, error) {
		scheme, err := s.scheme()
		if err != nil {
			return nil, err
		}
		s.record.line("FAREWELL", "of this root: every certificate that it signed or will sign is denied, for good")
		return scheme.Revoke(credential.RevocationClaims{IssuedAt: math.MaxUint32, Version: math.MaxUint32, Least: math.MaxUint32})
	})
}
