package issuer_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// BenchmarkSignGrant signs a grant for one lock beside the raw signature, and
// reports the shortest time of each and their ratio.  The shortest times of one
// run compare even where other programs use the machine.
func BenchmarkSignGrant(b *testing.B) {
	ed, p256 := edKey("owner"), p256Key("owner")
	message := sample(b)
	digest := sha256.Sum256(message)
	b.Run("Ed25519", func(b *testing.B) {
		beside(b, ed, func() { ed25519.Sign(ed, message) })
	})
	b.Run("P-256", func(b *testing.B) {
		beside(b, p256, func() { _, _ = p256.Sign(nil, digest[:], crypto.SHA256) })
	})
}

// sample is what is signed of a grant for one lock.
func sample(b *testing.B) []byte {
	u, err := credential.NewGrant(guestClaims(b), public(b, edKey("owner")))
	require.NoError(b, err)
	return u.ToBeSigned()
}

func beside(b *testing.B, key crypto.Signer, raw func()) {
	b.Helper()
	owner, err := issuer.NewOwner(key)
	require.NoError(b, err)
	claims := guestClaims(b)
	claims.Holder = public(b, edKey("neighbour"))
	shortest := func(best time.Duration, f func()) time.Duration {
		start := time.Now()
		f()
		return min(best, time.Since(start))
	}
	rawTime, workTime := time.Hour, time.Hour
	b.ReportAllocs()
	for b.Loop() {
		rawTime = shortest(rawTime, raw)
		workTime = shortest(workTime, func() { _, err = owner.Grant(claims) })
	}
	require.NoError(b, err)
	b.ReportMetric(float64(rawTime.Nanoseconds()), "raw-ns")
	b.ReportMetric(float64(workTime.Nanoseconds()), "work-ns")
	b.ReportMetric(float64(workTime)/float64(rawTime), "work/raw")
	b.ReportMetric(0, "ns/op")
}
