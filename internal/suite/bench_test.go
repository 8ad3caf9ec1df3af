package suite

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each primitive stands beside the raw one that it is made of, so that one run
// tells what the package adds. A message of 200 bytes is a grant's Sig_structure.
var benchMessage = bytes.Repeat([]byte{0x5a}, 200)

func BenchmarkEd25519Verify(b *testing.B) {
	key := ed25519Private(b)
	public, signature := key.Public().(ed25519.PublicKey), ed25519.Sign(key, benchMessage)
	parsed, err := NewEd25519(public)
	require.NoError(b, err)
	b.Run("raw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !ed25519.Verify(public, benchMessage, signature) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := Verify(parsed, benchMessage, signature, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours with the key from bytes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			parsed, err := NewEd25519(public)
			if err != nil {
				b.Fatal(err)
			}
			if err := Verify(parsed, benchMessage, signature, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("key from bytes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := NewEd25519(public); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEd25519Sign(b *testing.B) {
	key := ed25519Private(b)
	signer, err := NewSigner(key)
	require.NoError(b, err)
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			ed25519.Sign(key, benchMessage)
		}
	})
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, err := signer.Sign(benchMessage); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkESP256Verify(b *testing.B) {
	key := p256Private(b)
	signer, err := NewSigner(key)
	require.NoError(b, err)
	signature, err := signer.Sign(benchMessage)
	require.NoError(b, err)
	digest := sha256.Sum256(benchMessage)
	der, err := key.Sign(nil, digest[:], crypto.SHA256)
	require.NoError(b, err)
	public := signer.PublicKey()
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			digest := sha256.Sum256(benchMessage)
			if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], der) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if err := Verify(public, benchMessage, signature, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("key from x and sign of y", func(b *testing.B) {
		for b.Loop() {
			if _, err := NewP256Compressed(public.x[:], public.YOdd()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkESP256Sign(b *testing.B) {
	key := p256Private(b)
	signer, err := NewSigner(key)
	require.NoError(b, err)
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			digest := sha256.Sum256(benchMessage)
			if _, err := key.Sign(nil, digest[:], crypto.SHA256); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, err := signer.Sign(benchMessage); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkShared(b *testing.B) {
	for i, curve := range []ecdh.Curve{ecdh.X25519(), ecdh.P256()} {
		c := agreements[i]
		raw, err := curve.NewPrivateKey(unhex(b, c.privateA))
		require.NoError(b, err)
		other, err := curve.NewPrivateKey(unhex(b, c.privateB))
		require.NoError(b, err)
		peer := other.PublicKey().Bytes()
		b.Run(c.curve.String()+"/raw", func(b *testing.B) {
			for b.Loop() {
				public, err := curve.NewPublicKey(peer)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := raw.ECDH(public); err != nil {
					b.Fatal(err)
				}
			}
		})
		key, sent := dhKey(b, c.curve, c.privateA), unhex(b, c.publicB)
		b.Run(c.curve.String()+"/ours", func(b *testing.B) {
			for b.Loop() {
				if _, err := key.Shared(sent); err != nil {
					b.Fatal(err)
				}
			}
		})
		scalar := unhex(b, c.privateA)
		b.Run(c.curve.String()+"/generate", func(b *testing.B) {
			for b.Loop() {
				if _, err := GenerateDH(c.curve, bytes.NewReader(scalar), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCCM(b *testing.B) {
	ccm := newCCM(b, unhex(b, rfc3610Key))
	sealed, err := ccm.Seal([CCMNonceSize]byte{}, benchMessage, nil)
	require.NoError(b, err)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchMessage)))
		for b.Loop() {
			if _, err := ccm.Seal([CCMNonceSize]byte{}, benchMessage, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchMessage)))
		for b.Loop() {
			if _, err := ccm.Open([CCMNonceSize]byte{}, sealed, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkHKDF(b *testing.B) {
	prk := bytes.Repeat([]byte{1}, HashSize)
	b.Run("extract", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Extract(prk, prk); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("expand 58 bytes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Expand(prk, 58, prk); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkKeyID(b *testing.B) {
	key := ed25519Key(b)
	b.ReportAllocs()
	for b.Loop() {
		KeyID(key)
	}
}
