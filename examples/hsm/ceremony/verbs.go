package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm"
	"github.com/postern-lock/postern/issuer"
)

// perform opens the token, makes the file and writes it down.
func (s *step) perform(work func() ([]byte, error)) (err error) {
	if err := s.begin(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	result, err := work()
	if err != nil {
		return err
	}
	return s.finish(result)
}

// makeKey makes a key pair, and writes the public key.
func makeKey(s *step) error {
	s.withToken()
	kind := s.flags.String("kind", "ed25519", "ed25519, which every lock verifies, or p256")
	return s.perform(func() (_ []byte, err error) {
		kinds := map[string]hsm.Kind{"ed25519": hsm.Ed25519, "p256": hsm.P256}
		if s.key, err = s.open.Generate(hsm.Name{Label: s.label}, kinds[*kind]); err != nil {
			return nil, err
		}
		if err := s.recordKey(); err != nil {
			return nil, err
		}
		s.record.line("kept", "in the token: sensitive, not extractable, made there")
		return s.public()
	})
}

// public writes the public key of a pair that is there.
func public(s *step) error {
	s.withToken()
	return s.perform(func() ([]byte, error) {
		if err := s.find(); err != nil {
			return nil, err
		}
		return s.public()
	})
}

// public returns the public key as a file.
func (s *step) public() ([]byte, error) {
	key, err := credential.NewPublicKey(s.key.Public())
	if err != nil {
		return nil, err
	}
	text, err := key.MarshalText()
	return append(text, '\n'), err
}

// request asks a scheme for a certificate.
func request(s *step) error {
	s.withToken()
	rights := s.flags.String("rights", "", "issue, revoke, time, lock, joined by +")
	services := s.flags.String("services", "", "numbers of the registry services, joined by commas")
	longest := s.flags.Duration("longest", 0, "longest grant, such as 84h")
	days := s.flags.Uint("days", 90, "how long the certificate is to run")
	return s.perform(func() ([]byte, error) {
		if err := s.find(); err != nil {
			return nil, err
		}
		public, err := credential.NewPublicKey(s.key.Public())
		if err != nil {
			return nil, err
		}
		w := wish{key: public, longest: *longest, days: *days, made: s.now}
		if w.rights, err = parseRights(*rights); err != nil {
			return nil, err
		}
		if w.services, err = parseServices(*services); err != nil {
			return nil, err
		}
		s.record.authority(w.claims(s.now))
		return w.sign(s.key)
	})
}

// scheme is the root whose key is in the token.
func (s *step) scheme() (*issuer.Scheme, error) {
	if err := s.find(); err != nil {
		return nil, err
	}
	return issuer.NewScheme(s.key)
}

// verify checks a certificate, and that it is what was asked for.  It needs no
// token: anybody can.
func verify(s *step) error {
	root := s.flags.String("root", "", "public key of the root")
	certificate := s.flags.String("certificate", "", "certificate")
	asked := s.flags.String("request", "", "request that it answers; it need not be given")
	if err := s.parseFlags("root", "certificate"); err != nil {
		return err
	}
	key, err := readKey(*root)
	if err != nil {
		return err
	}
	a, err := readAuthority(*certificate, key)
	if err != nil {
		return err
	}
	c := claimsOf(a)
	if *asked != "" {
		b, err := readFile(*asked)
		if err != nil {
			return err
		}
		w, err := parseWish(b)
		if err != nil {
			return err
		}
		if want := w.claims(c.IssuedAt); want.Key != c.Key || want.Rights != c.Rights || want.LongestGrant != c.LongestGrant ||
			want.Expires != c.Expires || !slices.Equal(want.Services, c.Services) {
			return fmt.Errorf("%s: it is good, and not what %s asks for", *certificate, *asked)
		}
	}
	s.record.key("root", key)
	s.record.authority(c)
	s.record.line("tag", "%v", a.Tag())
	s.record.print("file", fingerprint(a.Bytes()))
	s.record.line("good", "the root signed it")
	_, err = io.WriteString(s.stdout, s.record.text())
	return err
}
