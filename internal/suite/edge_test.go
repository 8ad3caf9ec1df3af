package suite

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"testing"

	"filippo.io/edwards25519"
	"github.com/stretchr/testify/require"
)

// The eight points of small order, canonically encoded, each with its encodings
// that are not canonical.
var smallOrder = []struct {
	canonical string
	others    []string
}{
	{"0000000000000000000000000000000000000000000000000000000000000000", []string{
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	}},
	{"0000000000000000000000000000000000000000000000000000000000000080", []string{
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	}},
	{"0100000000000000000000000000000000000000000000000000000000000000", []string{
		"0100000000000000000000000000000000000000000000000000000000000080",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	}},
	{"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", nil},
	{"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", nil},
	{"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", nil},
	{"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", nil},
	{"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", []string{
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	}},
}

// The published set of edge cases for Ed25519 verification, C2SP/CCTV, directory
// ed25519, ed25519vectors.json of 914 cases: SHA-256 over a line "key,sig,msg" of
// each. The cases are made here again, by their description there.
const (
	edgeCaseCount  = 914
	edgeCaseDigest = "5ce2768b9a6275f806bca5b056802b1f263e7247b6909c383816bec5e0351250"
)

// An edgeCase is a signature whose A and R have been given a point of small
// order as a component, or are one, perhaps in an encoding that is not canonical.
type edgeCase struct {
	public, signature []byte
	message           string

	smallA     bool // A is of small order
	canonicalA bool
	canonicalR bool
	residue    bool // the small-order components of R and [k]A do not cancel out
	reencoded  bool // k was computed over canonical encodings of A and R
}

// A half is A or R of a signature before it is made: scalar * B + small.
type half struct {
	scalar   *edwards25519.Scalar
	small    *edwards25519.Point
	encoding []byte // instead of the canonical one, or nil
}

func (h half) bytes() []byte {
	if h.encoding != nil {
		return h.encoding
	}
	p := new(edwards25519.Point).ScalarBaseMult(h.scalar)
	return p.Add(p, h.small).Bytes()
}

// edgeCases makes all of them in their published order.
func edgeCases(tb testing.TB) []edgeCase {
	tb.Helper()
	zero := edwards25519.NewScalar()
	s, err := new(edwards25519.Scalar).SetBytesWithClamping(bytes.Repeat([]byte{0x42}, 32))
	require.NoError(tb, err)
	r, err := new(edwards25519.Scalar).SetUniformBytes(bytes.Repeat([]byte{0x13, 0x37}, 32))
	require.NoError(tb, err)

	var cases []edgeCase
	add := func(a, r half, reencoded bool) { cases = append(cases, casesOf(tb, a, r, reencoded)...) }
	for _, pointA := range smallOrder {
		for _, pointR := range smallOrder {
			smallA, smallR := decode(tb, unhex(tb, pointA.canonical)), decode(tb, unhex(tb, pointR.canonical))
			onlyA, onlyR := half{zero, smallA, nil}, half{zero, smallR, nil}
			mixedA, mixedR := half{s, smallA, nil}, half{r, smallR, nil}
			add(onlyA, onlyR, false)
			add(onlyA, mixedR, false)
			add(mixedA, onlyR, false)
			add(mixedA, mixedR, false)
			for _, encoding := range pointA.others {
				otherA := half{zero, smallA, unhex(tb, encoding)}
				add(otherA, onlyR, false)
				add(otherA, mixedR, false)
				add(otherA, mixedR, true)
			}
			for _, encoding := range pointR.others {
				otherR := half{zero, smallR, unhex(tb, encoding)}
				add(onlyA, otherR, false)
				add(mixedA, otherR, false)
				add(mixedA, otherR, true)
			}
			for _, encodingA := range pointA.others {
				for _, encodingR := range pointR.others {
					add(half{zero, smallA, unhex(tb, encodingA)}, half{zero, smallR, unhex(tb, encodingR)}, false)
				}
			}
		}
	}
	return cases
}

// casesOf makes the cases of one A and R: for each k mod 8 it looks for a message,
// and keeps the first that leaves a residue and the first that leaves none.
func casesOf(tb testing.TB, a, r half, reencoded bool) []edgeCase {
	tb.Helper()
	var cases []edgeCase
	publicA, publicR := a.bytes(), r.bytes()
	hash := func(message string) *edwards25519.Scalar {
		if reencoded {
			return challenge(tb, decode(tb, publicA).Bytes(), decode(tb, publicR).Bytes(), message)
		}
		return challenge(tb, publicA, publicR, message)
	}
	found := map[bool]bool{}
	for kMod8 := range byte(8) {
		message := "ed25519vectors"
		k := hash(message)
		for n := 1; k.Bytes()[0]%8 != kMod8; n++ {
			message = fmt.Sprintf("ed25519vectors %d", n)
			k = hash(message)
		}
		if residue := leavesResidue(a, r, k); !found[residue] {
			found[residue] = true
			cases = append(cases, edgeCase{
				public:     publicA,
				signature:  append(bytes.Clone(publicR), new(edwards25519.Scalar).MultiplyAdd(k, a.scalar, r.scalar).Bytes()...),
				message:    message,
				smallA:     a.scalar.Equal(edwards25519.NewScalar()) == 1,
				canonicalA: a.encoding == nil,
				canonicalR: r.encoding == nil,
				residue:    leavesResidue(a, r, challenge(tb, publicA, publicR, message)),
				reencoded:  reencoded,
			})
		}
	}
	return cases
}

func leavesResidue(a, r half, k *edwards25519.Scalar) bool {
	p := new(edwards25519.Point).ScalarMult(k, a.small)
	return p.Add(p, r.small).Equal(edwards25519.NewIdentityPoint()) != 1
}

func challenge(tb testing.TB, a, r []byte, message string) *edwards25519.Scalar {
	tb.Helper()
	digest := sha512.Sum512([]byte(string(r) + string(a) + message))
	k, err := new(edwards25519.Scalar).SetUniformBytes(digest[:])
	require.NoError(tb, err)
	return k
}

func decode(tb testing.TB, b []byte) *edwards25519.Point {
	tb.Helper()
	p, err := new(edwards25519.Point).SetBytes(b)
	require.NoError(tb, err)
	return p
}

func TestEdgeCasesAreThePublishedOnes(t *testing.T) {
	digest := sha256.New()
	cases := edgeCases(t)
	for _, c := range cases {
		fmt.Fprintf(digest, "%x,%x,%s\n", c.public, c.signature, c.message)
	}
	require.Len(t, cases, edgeCaseCount)
	require.Equal(t, edgeCaseDigest, hex.EncodeToString(digest.Sum(nil)))
}

func TestEdgeCasesAreAcceptedByTheRule(t *testing.T) {
	accepted, standardLibrary := 0, 0
	for i, c := range edgeCases(t) {
		want := !c.smallA && c.canonicalA && c.canonicalR && !c.residue && !c.reencoded
		got := verifyBytes(c.public, []byte(c.message), c.signature)
		require.Equal(t, want, got, "case %d", i)
		require.Equal(t, oracleVerify(c.public, []byte(c.message), c.signature), got, "case %d", i)
		if got {
			accepted++
		}
		if ed25519.Verify(c.public, []byte(c.message), c.signature) {
			standardLibrary++
		}
	}
	require.Equal(t, 86, accepted)
	require.Greater(t, standardLibrary, accepted, "the checks of the key decide some cases")
}

func TestSmallOrderKeysAreRefused(t *testing.T) {
	for _, point := range smallOrder {
		_, err := NewEd25519(unhex(t, point.canonical))
		requireRule(t, err, ErrKey, "Ed25519 key is of small order")
		for _, encoding := range point.others {
			_, err := NewEd25519(unhex(t, encoding))
			require.ErrorIs(t, err, ErrKey, encoding)
		}
	}
}

// With a key of small order, one signature is good for every message.
func TestSmallOrderKeyWouldVerifyEverything(t *testing.T) {
	identity := unhex(t, smallOrder[2].canonical)
	signature := make([]byte, SignatureSize)
	copy(signature, identity)
	for _, message := range []string{"open", "any other"} {
		require.True(t, ed25519.Verify(identity, []byte(message), signature))
		require.False(t, verifyBytes(identity, []byte(message), signature))
	}
}
