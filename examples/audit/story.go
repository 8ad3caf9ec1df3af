package main

import (
	"crypto"
	"fmt"
	"io"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

const opening = `A street, and an auditor who believes nobody.

A lock writes what it does into a log in which each entry is bound to all before it, and signs
receipts for those who ask. An audit holds both together. Here are ten houses; some lie.
`

const closing = `
To try it on files:

  go run ./examples/audit -sample street
  go run ./examples/audit -keys street/keys.json -csv street.csv street
`

// certifyAndWithdraw has a maker certify a box, and the scheme withdraw the maker.
func certifyAndWithdraw(w *issuertest.World, key crypto.Signer, authority *credential.Authority, b *audittest.Box) (certificate, list []byte, err error) {
	maker, err := issuer.NewMaker(key, authority)
	if err != nil {
		return nil, nil, err
	}
	certificate, err = maker.Certify(credential.LockClaims{Key: issuertest.Public(b.Key), IssuedAt: w.Now, ID: b.ID})
	if err != nil {
		return nil, nil, err
	}
	list, err = w.Scheme.Revoke(credential.RevocationClaims{
		IssuedAt: w.Now, Version: 1, Denied: []credential.Denial{{Tag: authority.Tag(), Expires: authority.Expires()}},
	})
	return certificate, list, err
}

// auditor returns an Auditor of the street, who has the log keys.
func (s *street) auditor() (*audit.Auditor, error) {
	keys := logKeys{}
	for _, scene := range s.scenes {
		keys[scene.box.ID] = append(keys[scene.box.ID], scene.box.LogKey)
	}
	return audit.New(audit.Config{Roots: s.world.Roots(), Makers: s.makers, Lists: s.lists, Blinds: keys.blinds})
}

// story tells of the street, and reports whether the audit found anything else than
// what it must.
func story(w io.Writer) (wrong bool, err error) {
	s, err := newStreet()
	if err != nil {
		return false, err
	}
	a, err := s.auditor()
	if err != nil {
		return false, err
	}
	fmt.Fprint(w, opening)
	var sum audit.Summary
	for _, scene := range s.scenes {
		fmt.Fprintf(w, "\n%s\n  %s\n", scene.title, scene.happens)
		var found []audit.Verdict
		for row, err := range a.Run(stream(scene.items)) {
			if err != nil {
				return false, err
			}
			sum.Add(row)
			found = append(found, row.Verdict)
			fmt.Fprintf(w, "    %s\n", inLine(row))
		}
		if !slices.Equal(found, scene.verdicts) {
			wrong = true
			fmt.Fprintf(w, "  THIS IS NOT WHAT IT MUST BE: %v\n", scene.verdicts)
		}
		fmt.Fprintf(w, "  %s\n", scene.finding)
	}
	fmt.Fprintf(w, "\nAll in all, with %d signatures verified:\n\n", a.Verifications())
	if _, err := sum.WriteTo(w); err != nil {
		return false, err
	}
	_, err = fmt.Fprint(w, closing)
	return wrong, err
}

// stream gives the items.
func stream(items []audit.Item) func(func(audit.Item, error) bool) {
	return func(yield func(audit.Item, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// inLine says what a row is.
func inLine(r audit.Row) string {
	if r.Verdict == audit.Refused {
		return fmt.Sprintf("%-9s  receipt, item %d: %v", r.Verdict, r.Item, r.Reason)
	}
	text := fmt.Sprintf("%-9s  %s, item %d: %v", r.Verdict, r.Kind, r.Item, r.Claims.Entry)
	switch {
	case r.Fault != audit.FaultNone:
		text += fmt.Sprintf(" -- %s; see item %d", faults[r.Fault], r.Other)
	case r.Verdict == audit.Duplicate:
		text += fmt.Sprintf(" -- as item %d", r.Other)
	}
	if r.Told > 1 {
		text += fmt.Sprintf(" -- told %d times", r.Told)
	}
	if r.Missing > 0 {
		text += fmt.Sprintf(" -- missing before or at it: %d", r.Missing)
	}
	return text
}

// logKey returns the bytes of a box's log key, for the file of secrets.
func logKey(k holder.LogKey) encoded {
	b := k.Bytes()
	return b[:]
}
