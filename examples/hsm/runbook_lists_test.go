package hsm_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// Runbook, "how often": a lock has four places for the lists of authorities, and a
// list keeps its place until its signer's certificate and its entries have ended.
func TestFifthKeyThatWithdrawsFindsNoPlace(t *testing.T) {
	w := newTown(t)
	b := w.box(t)
	grant := w.round(t, w.Post, "postman", w.Now)
	list := func(i int, ends credential.Time) ([]byte, *credential.Authority) {
		key := w.Key(fmt.Sprint("revoker ", i))
		a := certify(t, w.Scheme, credential.AuthorityClaims{
			Key: issuertest.Public(key), IssuedAt: w.Now - day, Expires: ends, Rights: credential.RightRevoke,
		})
		r, err := issuer.NewRevoker(key, a)
		require.NoError(t, err)
		l, err := r.Revoke(credential.RevocationClaims{IssuedAt: w.Now, Version: 1})
		require.NoError(t, err)
		return l, a
	}
	for i := range 4 {
		l, a := list(i, w.Now+credential.Time(i+1)*day)
		b.hears(t, w.phone(t, "postman", grant, authorities(w.Post.Authority(), a), l))
	}
	fifth, a := list(4, w.Now+90*day)
	r, err := w.phone(t, "postman", grant, authorities(w.Post.Authority(), a), fifth).Status(t.Context(), b.field(t))
	require.NoError(t, err)
	require.Equal(t, credential.ReasonTableFull, r.Documents[0].Reason)

	// The scheme's own list has a place that nobody else takes.
	b.hears(t, w.phone(t, "postman", grant, authorities(w.Post.Authority()), deny(t, w.Scheme, w.Now, 1)))

	// A day later the first signer's certificate has ended, as the floor says.
	later := w.round(t, w.Post, "postman", w.Now+day)
	b.opens(t, w.phone(t, "postman", later, authorities(w.Post.Authority())), deliver)
	b.hears(t, w.phone(t, "postman", later, authorities(w.Post.Authority(), a), fifth))
}
