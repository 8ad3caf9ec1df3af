package hsm_test

import (
	"encoding/binary"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm"
	"github.com/postern-lock/postern/examples/hsm/hsmtest"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// BenchmarkRounds issues a day's 65,000 duties by ledger.Rounds with the key in the
// token, and as many raw signatures.
func BenchmarkRounds(b *testing.B) {
	const grants, sessions, turn = 65000, 2, 5000
	w := issuertest.New("day")
	s := hsmtest.Start(b)
	key := benchKey(b, s, hsm.Ed25519, sessions)
	claims := w.PostClaims()
	claims.Key = issuertest.Public(key)
	operator, err := issuer.NewOperator(key, w.Certified(claims))
	require.NoError(b, err)
	postman := issuertest.Public(w.Key("postman"))
	rawly := raw(b, s, "bench", key, sessions, make([]byte, 100))
	for b.Loop() {
		rounds := ledger.Rounds{Operator: operator, Store: ledger.NewMemory(), Now: func() credential.Time { return w.Now }, MinArea: 5, Workers: sessions + 2}
		var took, rawTook float64
		for i := range grants / turn {
			rawTook += turn / each(b, turn, sessions, rawly)
			begin := time.Now()
			for _, err := range rounds.Issue(b.Context(), duties(w, postman, i*turn, turn)) {
				require.NoError(b, err)
			}
			took += time.Since(begin).Seconds()
		}
		b.ReportMetric(grants/took, "grants/s")
		b.ReportMetric(grants/rawTook, "raw/s")
		b.ReportMetric(rawTook/took, "×raw")
	}
}

// duties are so many duties from the first on.
func duties(w *issuertest.World, postman credential.PublicKey, first, n int) iter.Seq2[ledger.Duty, error] {
	return func(yield func(ledger.Duty, error) bool) {
		for i := first; i < first+n; i++ {
			var id ledger.DutyID
			binary.BigEndian.PutUint64(id[:], uint64(i)+1)
			if !yield(ledger.Duty{ID: id, Holder: postman, Expires: w.Now + issuertest.Day/2, Scope: []credential.Entry{{
				Target: credential.AreaTarget(fmt.Appendf(nil, "FR75-%05d", i)), Actions: credential.ActionDeliver,
			}}}, nil) {
				return
			}
		}
	}
}
