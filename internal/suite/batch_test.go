package suite

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"fmt"
	"testing"

	"filippo.io/edwards25519"
	"github.com/stretchr/testify/require"
)

type signedText struct{ public, message, signature []byte }

func batchEquation(random func([]byte), known map[string]*edwards25519.Point, batch []signedText) bool {
	sum := edwards25519.NewScalar()
	scalars := make([]*edwards25519.Scalar, 1, 1+2*len(batch))
	points := make([]*edwards25519.Point, 1, 1+2*len(batch))
	for _, t := range batch {
		r, err := new(edwards25519.Point).SetBytes(t.signature[:32])
		if err != nil {
			return false
		}
		a := known[string(t.public)]
		if a == nil {
			if a, err = new(edwards25519.Point).SetBytes(t.public); err != nil {
				return false
			}
		}
		s, err := new(edwards25519.Scalar).SetCanonicalBytes(t.signature[32:])
		if err != nil {
			return false
		}
		h := sha512.New()
		h.Write(t.signature[:32])
		h.Write(t.public)
		h.Write(t.message)
		k, _ := new(edwards25519.Scalar).SetUniformBytes(h.Sum(nil))
		var z32 [32]byte
		random(z32[:16])
		z, _ := new(edwards25519.Scalar).SetCanonicalBytes(z32[:])
		sum.MultiplyAdd(z, s, sum)
		scalars = append(scalars, z, k.Multiply(z, k))
		points = append(points, r, a)
	}
	scalars[0], points[0] = sum.Negate(sum), edwards25519.NewGeneratorPoint()
	p := new(edwards25519.Point).VarTimeMultiScalarMult(scalars, points)
	return p.Equal(edwards25519.NewIdentityPoint()) == 1
}

func BenchmarkBatchEquation(b *testing.B) {
	key := ed25519Private(b)
	public, signature := key.Public().(ed25519.PublicKey), ed25519.Sign(key, benchMessage)
	b.Run("single", func(b *testing.B) {
		for b.Loop() {
			if !ed25519.Verify(public, benchMessage, signature) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("torsion of R", func(b *testing.B) {
		p, _ := new(edwards25519.Point).SetBytes(signature[:32])
		l, _ := new(edwards25519.Scalar).SetCanonicalBytes([]byte{0xec, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10})
		zero := edwards25519.NewScalar()
		for b.Loop() {
			q := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(l, p, zero)
			if q.Add(q, p).Equal(edwards25519.NewIdentityPoint()) != 1 {
				b.Fatal("torsion")
			}
		}
	})
	for _, keys := range []int{1, 0} {
		for _, n := range []int{16, 64, 256, 1024} {
			known := map[string]*edwards25519.Point{}
			var batch []signedText
			for i := range n {
				_, k, err := ed25519.GenerateKey(rand.Reader)
				require.NoError(b, err)
				m := append([]byte{byte(i)}, benchMessage...)
				batch = append(batch, signedText{k.Public().(ed25519.PublicKey), m, ed25519.Sign(k, m)})
				if keys == 1 {
					known[string(batch[i].public)], _ = new(edwards25519.Point).SetBytes(batch[i].public)
				}
			}
			b.Run(fmt.Sprintf("batch of %d known %d", n, keys), func(b *testing.B) {
				for b.Loop() {
					if !batchEquation(func(z []byte) { rand.Read(z) }, known, batch) {
						b.Fatal("refused")
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/sig")
			})
		}
	}
}
