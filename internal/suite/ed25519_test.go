package suite

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"testing"

	"filippo.io/edwards25519"
	"github.com/stretchr/testify/require"
)

// RFC 8032, section 7.1. TEST 1024 is among Wycheproof's cases.
var rfc8032 = []struct{ name, seed, public, message, signature string }{
	{
		"TEST 1",
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
		"",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
			"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
	},
	{
		"TEST 2",
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		"72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
			"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
	},
	{
		"TEST 3",
		"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
		"af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
			"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
	},
	{
		"TEST SHA(abc)",
		"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
		"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
			"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589" +
			"09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
	},
}

func TestEd25519RFC8032(t *testing.T) {
	for _, c := range rfc8032 {
		t.Run(c.name, func(t *testing.T) {
			signer, err := NewSigner(ed25519.NewKeyFromSeed(unhex(t, c.seed)))
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.public), signer.PublicKey().X())
			signature, err := signer.Sign(unhex(t, c.message))
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.signature), signature)
			require.NoError(t, Verify(signer.PublicKey(), unhex(t, c.message), signature, nil))
		})
	}
}

func TestEd25519Wycheproof(t *testing.T) {
	type group struct {
		PublicKey struct {
			Pk hexBytes `json:"pk"`
		} `json:"publicKey"`
		Tests []struct {
			ID     int      `json:"tcId"`
			Msg    hexBytes `json:"msg"`
			Sig    hexBytes `json:"sig"`
			Result verdict  `json:"result"`
		} `json:"tests"`
	}
	run := map[verdict]int{}
	for _, g := range loadWycheproof[group](t, "ed25519_test.json") {
		for _, c := range g.Tests {
			run[c.Result]++
			accepted := verifyBytes(g.PublicKey.Pk, c.Msg, c.Sig)
			require.Equal(t, c.Result == "valid", accepted, "case %d", c.ID)
			require.Equal(t, oracleVerify(g.PublicKey.Pk, c.Msg, c.Sig), accepted, "case %d", c.ID)
		}
	}
	require.Equal(t, map[verdict]int{"valid": 88, "invalid": 63}, run)
}

// verifyBytes takes the two steps of every verification.
func verifyBytes(public, message, signature []byte) bool {
	key, err := NewEd25519(public)
	return err == nil && Verify(key, message, signature, nil) == nil
}

// oracleVerify is the acceptance rule written out with point arithmetic.
func oracleVerify(public, message, signature []byte) bool {
	if len(public) != 32 || len(signature) != 64 {
		return false
	}
	a, err := new(edwards25519.Point).SetBytes(public)
	if err != nil || !bytes.Equal(a.Bytes(), public) {
		return false // no point, or not canonical
	}
	if new(edwards25519.Point).MultByCofactor(a).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return false // of small order
	}
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(signature[32:])
	if err != nil {
		return false // S >= L
	}
	digest := sha512.Sum512(append(append(bytes.Clone(signature[:32]), public...), message...))
	k, err := new(edwards25519.Scalar).SetUniformBytes(digest[:])
	if err != nil {
		return false
	}
	sB := new(edwards25519.Point).ScalarBaseMult(s)
	kA := new(edwards25519.Point).ScalarMult(k, a)
	return bytes.Equal(sB.Subtract(sB, kA).Bytes(), signature[:32])
}

func TestVerifyRefusesEveryOneBitChange(t *testing.T) {
	c := rfc8032[2]
	public, message, signature := unhex(t, c.public), unhex(t, c.message), unhex(t, c.signature)
	for name, b := range map[string][]byte{"public": public, "message": message, "signature": signature} {
		for i := range 8 * len(b) {
			b[i/8] ^= 1 << (i % 8)
			require.False(t, verifyBytes(public, message, signature), "%s, bit %d", name, i)
			b[i/8] ^= 1 << (i % 8)
		}
	}
	require.True(t, verifyBytes(public, message, signature))
}

func TestVerifyRefusesOtherLengths(t *testing.T) {
	c := rfc8032[2]
	key, err := NewEd25519(unhex(t, c.public))
	require.NoError(t, err)
	signature := unhex(t, c.signature)
	for n := range signature {
		requireRule(t, Verify(key, unhex(t, c.message), signature[:n], nil), ErrSignature, "signature is not 64 bytes")
	}
	requireRule(t, Verify(key, unhex(t, c.message), append(signature, 0), nil), ErrSignature, "signature is not 64 bytes")
}

// The order L of the group, little endian, RFC 8032, section 5.1.
const groupOrder = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"

func TestVerifyRefusesSPlusMultiplesOfL(t *testing.T) {
	order := unhex(t, groupOrder)
	for _, c := range rfc8032 {
		signature := unhex(t, c.signature)
		for multiple := 1; multiple <= 14; multiple++ {
			carry := 0
			for i, v := range order {
				carry += int(signature[32+i]) + int(v)
				signature[32+i] = byte(carry)
				carry >>= 8
			}
			require.Zero(t, carry)
			require.False(t, verifyBytes(unhex(t, c.public), unhex(t, c.message), signature), "%s, S + %d L", c.name, multiple)
		}
	}
}

func TestZeroKeyVerifiesNothing(t *testing.T) {
	var m Meter
	requireRule(t, Verify(PublicKey{}, nil, make([]byte, SignatureSize), &m), ErrKey, "no key")
	require.Zero(t, m)
}

// FuzzVerifyEd25519 compares with the rule written out.
func FuzzVerifyEd25519(f *testing.F) {
	for _, c := range rfc8032 {
		f.Add(unhex(f, c.public), unhex(f, c.message), unhex(f, c.signature))
	}
	for _, v := range edgeCases(f) {
		f.Add(v.public, []byte(v.message), v.signature)
	}
	f.Fuzz(func(t *testing.T, public, message, signature []byte) {
		require.Equal(t, oracleVerify(public, message, signature), verifyBytes(public, message, signature))
	})
}
