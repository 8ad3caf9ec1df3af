package home_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// TestTapWithoutOpeningDoesAsMuch hands over what is pending, reads the log and
// gets the receipt that confirms the policy.
func TestTapWithoutOpeningDoesAsMuch(t *testing.T) {
	s := newStreet(t)
	box, _ := s.moveIn(t, "owner")
	_, err := box.Block(s.now, credential.BlockServices)
	require.NoError(t, err)
	r, err := box.Visit(t.Context(), s.Phone(t, "owner", nil), s.Link(), credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome, r.Reason)
	require.NotNil(t, r.Receipt)
	require.NotEmpty(t, box.Lines())
	require.Empty(t, box.Pending())
	r, err = box.Visit(t.Context(), s.Phone(t, "owner", nil), s.Link(), credential.OperationStatus)
	require.NoError(t, err)
	require.NotEmpty(t, r.LogPages)
	require.Equal(t, 7, r.Cost.Pairs, "one tap: SELECT, two of the handshake, and a request for each page")
}
