package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// keyPair is somebody's key pair.
type keyPair struct {
	alg  int64
	x, y []byte // y of P-256 alone
	sign func(message []byte) []byte
}

// edwardsKey draws an Ed25519 key.
func edwardsKey(label string) keyPair {
	key := ed25519.NewKeyFromSeed(draw(label, ed25519.SeedSize))
	return keyPair{
		alg: wire.AlgEd25519, x: key[ed25519.SeedSize:],
		sign: func(message []byte) []byte { return ed25519.Sign(key, message) },
	}
}

// curveKey draws a P-256 key, which signs by RFC 6979.
func curveKey(label string) keyPair {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), draw(label, 32))
	if err != nil {
		panic(err) // one label in 2^32
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return keyPair{
		alg: wire.AlgEsp256, x: point[1:33], y: point[33:],
		sign: func(message []byte) []byte {
			digest := sha256.Sum256(message)
			der, err := key.Sign(nil, digest[:], crypto.SHA256)
			if err != nil {
				panic(err)
			}
			var rs struct{ R, S *big.Int }
			if _, err := asn1.Unmarshal(der, &rs); err != nil {
				panic(err)
			}
			return pairOf(rs.R, rs.S)
		},
	}
}

// pairOf returns two numbers of 32 bytes each, big endian.
func pairOf(r, s *big.Int) []byte {
	b := make([]byte, 64)
	r.FillBytes(b[:32])
	s.FillBytes(b[32:])
	return b
}

func (k keyPair) odd() bool { return k.alg == wire.AlgEsp256 && k.y[31]&1 == 1 }

// key is the key as tests hold it.
func (k keyPair) key() *vectors.Key {
	if k.alg == wire.AlgEd25519 {
		return &vectors.Key{Alg: "ed25519", X: k.x}
	}
	odd := k.odd()
	return &vectors.Key{Alg: "esp256", X: k.x, Odd: &odd}
}

// cose is the COSE_Key of section 4.2.
func (k keyPair) cose() *node {
	if k.alg == wire.AlgEd25519 {
		return mapNode(
			pair(1, uintNode(1).named("key type")), pair(-1, uintNode(6).named("curve")), pair(-2, sized("x", k.x)),
		).named("key")
	}
	return mapNode(
		pair(1, uintNode(2).named("key type")), pair(-1, uintNode(1).named("curve")), pair(-2, sized("x", k.x)),
		pair(-3, boolNode(k.odd()).named("sign of y")),
	).named("key")
}

// cnf is the value of the claim.
func (k keyPair) cnf() *node { return mapNode(pair(1, k.cose())).named("cnf") }

// kid is the key id of section 4.3.
func (k keyPair) kid() []byte {
	input := k.cose()
	if k.alg == wire.AlgEsp256 {
		input.at("-3").become(bytesNode(k.y))
	}
	digest := sha256.Sum256(input.data())
	return digest[:wire.LimitKeyIdBytes]
}
