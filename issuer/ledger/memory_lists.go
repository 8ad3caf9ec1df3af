package ledger

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
)

// signer is what memory knows of one signer's lists.
type signer struct {
	version   uint32 // the newest that was reserved or posted
	least     credential.Time
	withdrawn []int // indices of records that are withdrawn by name
}

// signer returns what is known of the signer with the key id.
func (m *memory) signer(id credential.KeyID) *signer {
	s := m.signers[id]
	if s == nil {
		s = new(signer)
		m.signers[id] = s
	}
	return s
}

func (m *memory) Withdraw(_ context.Context, at credential.Time, tags []credential.Tag) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, tag := range tags {
		if _, ok := m.tags[tag]; !ok {
			return fmt.Errorf("%w: grant %s", ErrUnknown, tag)
		}
	}
	for _, tag := range tags {
		i := m.tags[tag]
		r := &m.records[i]
		r.Bystander = false
		if r.Withdrawn == 0 {
			r.Withdrawn = at
			s := m.signer(r.Signer)
			s.withdrawn = append(s.withdrawn, i)
		}
	}
	return nil
}

func (m *memory) NextList(_ context.Context, id credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.behind(at); err != nil {
		return credential.RevocationClaims{}, err
	}
	s := m.signer(id)
	least := max(s.least, Outlived(m.newest, at, longest))
	denied := m.denied(s, least)
	switch {
	case len(denied) > maxDenied && at < denied[maxDenied].Expires:
		return credential.RevocationClaims{}, fmt.Errorf("%w: more than %d grants of %s are to be denied, a list names no more; raise Least", ErrFull, maxDenied, id)
	case s.version == math.MaxUint32:
		return credential.RevocationClaims{}, fmt.Errorf("%w: %s has no version left for a list", ErrFull, id)
	}
	denied = denied[:min(len(denied), maxDenied)]
	slices.SortFunc(denied, func(a, b credential.Denial) int { return bytes.Compare(a.Tag[:], b.Tag[:]) })
	s.version++
	s.least = least
	return credential.RevocationClaims{IssuedAt: max(at, least), Version: s.version, Least: least, Denied: denied}, nil
}

// denied returns what was withdrawn by name and is not before least, the one that ends
// last first.
func (m *memory) denied(s *signer, least credential.Time) (denied []credential.Denial) {
	for _, i := range s.withdrawn {
		if r := m.records[i]; r.IssuedAt >= least {
			denied = append(denied, credential.Denial{Tag: r.Tag, Expires: r.Expires})
		}
	}
	slices.SortFunc(denied, func(a, b credential.Denial) int {
		return cmp.Or(cmp.Compare(b.Expires, a.Expires), bytes.Compare(a.Tag[:], b.Tag[:]))
	})
	return denied
}

func (m *memory) RaiseLeast(_ context.Context, id credential.KeyID, least, at credential.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.behind(at); err != nil {
		return 0, err
	}
	s := m.signer(id)
	if least <= s.least {
		return 0, nil
	}
	s.least = least
	n := 0
	for i := range m.records {
		if r := &m.records[i]; r.Signer == id && r.IssuedAt < least && at < r.Expires && r.Withdrawn == 0 {
			r.Withdrawn, r.Bystander = at, true
			n++
		}
	}
	return n, nil
}
