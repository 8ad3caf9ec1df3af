package book

import (
	"bytes"
	"context"
	"slices"

	"github.com/postern-lock/postern/credential"
)

func (m *memory) Keep(_ context.Context, receipts []Receipt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range receipts {
		if m.kept[r.Digest] {
			continue
		}
		m.kept[r.Digest] = true
		m.number++
		r.Number = m.number
		r.Object, r.Certificate = bytes.Clone(r.Object), bytes.Clone(r.Certificate)
		m.receipts = append(m.receipts, r)
	}
	return nil
}

func (m *memory) Forget(_ context.Context, before credential.Time, most int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for n < min(MaxForget, len(m.receipts)) && (m.receipts[n].Came < before || len(m.receipts)-n > most) {
		delete(m.kept, m.receipts[n].Digest)
		n++
	}
	m.receipts = slices.Delete(m.receipts, 0, n)
	return n, nil
}

func (m *memory) Receipts(_ context.Context, after uint64, limit int) ([]Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from := slices.IndexFunc(m.receipts, func(r Receipt) bool { return r.Number > after })
	if from < 0 {
		return nil, nil
	}
	rest := m.receipts[from:]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}
