package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/postern-lock/postern/credential"
)

// asked are the flags that say which request is to be certified, and what the scheme
// likes.
type asked struct {
	file, heard  *string
	most, oldest *uint
}

// withRequest has the verb take them.
func (s *step) withRequest() asked {
	return asked{
		file:   s.flags.String("request", "", "request, from the stick"),
		heard:  s.flags.String("heard", "", "fingerprint of the request, as whoever made it reads it aloud"),
		most:   s.flags.Uint("most-days", 366, "longest time that this scheme certifies"),
		oldest: s.flags.Uint("oldest-days", 7, "how many days before the time given by -at the request may have been made, 365 at most"),
	}
}

// preview shows what certify would sign at the same time, for the witnesses to object.
// It opens no token.
func preview(s *step) error {
	s.withRecord()
	a := s.withRequest()
	root := s.flags.String("root", "", "public key of the root")
	if err := s.parse("root", "request", "at", "transcript"); err != nil {
		return err
	}
	key, err := readKey(*root)
	if err != nil {
		return fmt.Errorf("-root: %w", err)
	}
	if err := s.record.begin(s.transcript, s.verb, s.now); err != nil {
		return err
	}
	s.record.key("root", key)
	_, message, err := s.answer(a, key)
	if err != nil {
		return err
	}
	s.record.line("signed", "nothing yet; certify -sign signs these %d bytes", len(message))
	s.record.line("", "%x", message)
	s.record.print("to sign", fingerprint(message))
	if err := s.record.finish(s.transcript); err != nil {
		return err
	}
	_, err = io.WriteString(s.stdout, s.record.text())
	return err
}

// certify signs the certificate that a request asks for, as preview showed it.
func certify(s *step) error {
	s.withToken()
	a := s.withRequest()
	seen := s.flags.String("sign", "", "fingerprint of what is to be signed, as the witnesses read it aloud from the preview")
	return s.perform(func() ([]byte, error) {
		if *seen == "" {
			return nil, errors.New("-sign: give the fingerprint that preview shows, once nobody objects")
		}
		scheme, err := s.scheme()
		if err != nil {
			return nil, err
		}
		claims, message, err := s.answer(a, scheme.PublicKey())
		if err != nil {
			return nil, err
		}
		if !sameFingerprint(*seen, fingerprint(message)) {
			return nil, fmt.Errorf("-sign: %q is not the fingerprint of what would be signed: preview again, with this root, this request and this -at", *seen)
		}
		s.record.print("signed", fingerprint(message))
		return scheme.Certify(claims)
	})
}

// answer reads a request, refuses what the scheme does not certify, and writes down and
// returns what the certificate is to say, and the message that the root signs for it.
func (s *step) answer(a asked, root credential.PublicKey) (credential.AuthorityClaims, []byte, error) {
	var none credential.AuthorityClaims
	b, err := readFile(*a.file)
	if err != nil {
		return none, nil, fmt.Errorf("-request: %w", err)
	}
	if !sameFingerprint(*a.heard, fingerprint(b)) {
		return none, nil, fmt.Errorf("-heard: %q is not the fingerprint of %s: somebody exchanged it, or misread", *a.heard, *a.file)
	}
	w, err := parseWish(b)
	if err != nil {
		return none, nil, err
	}
	if err := w.fresh(s.now, min(*a.oldest, 365)); err != nil {
		return none, nil, err
	}
	if w.days > *a.most {
		return none, nil, fmt.Errorf("the request asks for %d days, this scheme certifies %d at most", w.days, *a.most)
	}
	if w.key == root {
		return none, nil, errors.New("the request is for the root's own key")
	}
	claims := w.claims(s.now)
	u, err := credential.NewAuthority(claims, root)
	if err != nil {
		return none, nil, err
	}
	s.record.print("request", fingerprint(b))
	s.record.line("made", "%v", w.made)
	s.record.authority(claims)
	return claims, u.ToBeSigned(), nil
}
