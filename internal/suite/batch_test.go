package suite

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"testing"

	"filippo.io/edwards25519"
	"github.com/stretchr/testify/require"
)

// The package verifies no batch of signatures, not even for audits.  What stands
// here shows why: the equation of a batch is about twice as fast, and is another
// rule than that of [Verify], which section 4.4.1 asks of everybody for each
// signature alone.  What mends that is a proof that every R is free of torsion.  For
// each R it costs as much as the batch saves; for sums of random parts of a thousand
// of them it leaves a batch half as fast again as single verification.  That is little
// for so much that must not be wrong, and still no check of each signature alone.

// signedText is a message and what is said to be its signature.
type signedText struct{ public, message, signature []byte }

// batchEquation reports whether, with coefficients z of 128 bits,
//
//	[sum z S] B = sum [z] R + sum [z k] A
func batchEquation(tb testing.TB, coefficient func() *edwards25519.Scalar, batch []signedText) bool {
	sum := edwards25519.NewScalar()
	scalars, points := make([]*edwards25519.Scalar, 1, 1+2*len(batch)), make([]*edwards25519.Point, 1, 1+2*len(batch))
	for _, t := range batch {
		s, err := new(edwards25519.Scalar).SetCanonicalBytes(t.signature[32:])
		require.NoError(tb, err)
		h := sha512.New()
		h.Write(t.signature[:32])
		h.Write(t.public)
		h.Write(t.message)
		k, err := new(edwards25519.Scalar).SetUniformBytes(h.Sum(nil))
		require.NoError(tb, err)
		z := coefficient()
		sum.MultiplyAdd(z, s, sum)
		scalars = append(scalars, z, k.Multiply(z, k))
		points = append(points, decode(tb, t.signature[:32]), decode(tb, t.public))
	}
	scalars[0], points[0] = sum.Negate(sum), edwards25519.NewGeneratorPoint()
	return new(edwards25519.Point).VarTimeMultiScalarMult(scalars, points).Equal(edwards25519.NewIdentityPoint()) == 1
}

// coefficient draws 128 bits.
func coefficient() *edwards25519.Scalar {
	var z [32]byte
	rand.Read(z[:16])
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(z[:])
	if err != nil {
		panic(err) // 128 bits are less than L
	}
	return s
}

// TestBatchEquationIsAnotherRule: of the 126 signatures that only a residue of small
// order makes wrong, a batch takes some, and which depends on the coefficient that it
// drew.  Here are those that it takes with the coefficients 8 to 15.
func TestBatchEquationIsAnotherRule(t *testing.T) {
	refused, taken := 0, [8]int{}
	for _, c := range edgeCases(t) {
		if c.smallA || !c.canonicalA || !c.canonicalR || c.reencoded || !c.residue {
			continue
		}
		require.False(t, verifyBytes(c.public, []byte(c.message), c.signature))
		refused++
		for z := range taken {
			factor := [32]byte{8 + byte(z)}
			s, err := new(edwards25519.Scalar).SetCanonicalBytes(factor[:])
			require.NoError(t, err)
			if batchEquation(t, func() *edwards25519.Scalar { return s }, []signedText{{c.public, []byte(c.message), c.signature}}) {
				taken[z]++
			}
		}
	}
	require.Equal(t, 126, refused)
	require.Equal(t, [8]int{37, 13, 24, 10, 33, 12, 18, 10}, taken)
}

// BenchmarkBatchEquation has the three costs side by side: a signature verified for
// itself, the same in a batch of 64, and the proof that one R is free of torsion.
func BenchmarkBatchEquation(b *testing.B) {
	const n = 64
	var batch []signedText
	for i := range n {
		public, private, err := ed25519.GenerateKey(nil)
		require.NoError(b, err)
		message := append([]byte{byte(i)}, benchMessage...)
		batch = append(batch, signedText{public, message, ed25519.Sign(private, message)})
	}
	b.Run("single", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if t := batch[i%n]; !ed25519.Verify(t.public, t.message, t.signature) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("batch", func(b *testing.B) {
		for b.Loop() {
			if !batchEquation(b, coefficient, batch) {
				b.Fatal("refused")
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/signature")
	})
	b.Run("R free of torsion", func(b *testing.B) {
		zero := edwards25519.NewScalar()
		less1 := new(edwards25519.Scalar).Subtract(zero, scalarOne(b)) // the order of the group less 1
		r, p := decode(b, batch[0].signature[:32]), new(edwards25519.Point)
		for b.Loop() {
			p.VarTimeDoubleScalarBaseMult(less1, r, zero)
			if p.Add(p, r).Equal(edwards25519.NewIdentityPoint()) != 1 {
				b.Fatal("torsion")
			}
		}
	})
}

func scalarOne(tb testing.TB) *edwards25519.Scalar {
	one, err := new(edwards25519.Scalar).SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...))
	require.NoError(tb, err)
	return one
}
