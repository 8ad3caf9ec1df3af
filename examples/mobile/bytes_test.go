package postern_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	postern "github.com/postern-lock/postern/examples/mobile"
)

// spoil writes over bytes that the other side has no right to any more, or not yet.
func spoil(b []byte) {
	for i := range b {
		b[i] ^= 0xFF
	}
}

// TestBytesThatWerePassedMayChange: gobind hands over the platform's own memory, good
// until the call returns.
func TestBytesThatWerePassedMayChange(t *testing.T) {
	s, box := owned(t)
	item := []byte("a document")
	list := blobs(t, item)
	spoil(item)
	require.Equal(t, "a document", string(list.At(0)))

	anna := granted(t, s, box, "Anna", terms(t, s))
	pass, err := box.Pass(anna.KeyID())
	require.NoError(t, err)
	kept, err := pass.Bytes()
	require.NoError(t, err)
	again, err := postern.OpenPass(kept)
	require.NoError(t, err)
	spoil(kept)
	require.NoError(t, anna.SetPass(again))
	ask, err := postern.NewAsk(postern.OperationOpen)
	require.NoError(t, err)
	reference := []byte("parcel 8")
	require.NoError(t, ask.SetReference(reference))
	spoil(reference)
	r, err := anna.Tap(s.lock, ask, nil)
	require.NoError(t, err)
	require.True(t, r.Opened(), r.Detail())

	heir := s.newPhone(t, false)
	policy, err := box.Transfer(heir.RequestLink())
	require.NoError(t, err)
	theirs, err := postern.NewBox(heir, s.w.LockID())
	require.NoError(t, err)
	_, err = theirs.Accept(policy)
	require.NoError(t, err)
	spoil(policy)
	_, err = box.Visit(s.lock, postern.OperationStatus, nil) // brings the transfer, from the box itself
	require.NoError(t, err)
	r, err = theirs.Agree(s.lock, nil)
	require.NoError(t, err)
	require.Equal(t, postern.OutcomeDone, r.Outcome(), r.Detail())
	requireVisit(t, s, theirs)
}

// TestBytesThatWereGivenOutMayChange, and what gave them out gives out the same again.
func TestBytesThatWereGivenOutMayChange(t *testing.T) {
	s, box := owned(t)
	change, err := box.Block(true, false)
	require.NoError(t, err)
	courier := s.newPhone(t, false)
	grant, err := s.w.Postman(courier.RequestLink())
	require.NoError(t, err)
	s.pass(t, courier, grant, s.w.Post())
	require.NoError(t, courier.SetDocuments(box.Pending(), nil))
	ask, err := postern.NewAsk(postern.OperationStatus)
	require.NoError(t, err)
	require.NoError(t, ask.SetReceipt(true))
	require.NoError(t, ask.SetLogPages(1))
	r, err := courier.Tap(s.lock, ask, nil)
	require.NoError(t, err)
	for name, give := range map[string]func() []byte{
		"policy": change.Policy, "pending": func() []byte { return box.Pending().At(0) },
		"receipt": r.Receipt().Bytes, "page": func() []byte { return r.LogPages().At(0) },
		"document": func() []byte { return r.Documents().At(0).Document() },
	} {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone(give())
			require.NotEmpty(t, before)
			spoil(give())
			require.Equal(t, before, give())
		})
	}
	require.NoError(t, box.Brought(r.LogPages()))
}
