package lock

import (
	"bytes"
	"crypto/ed25519"
	"crypto/elliptic"
	"math/big"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// The encodings of points that serve as R.
var (
	neutral      = append([]byte{1}, make([]byte, 31)...)
	neutralOther = ct.Content(point(0xEE, 0xFF, 0x7F)) // y = p + 1
	order2       = ct.Content(point(0xEC, 0xFF, 0x7F))
	order4       = make([]byte, 32)
)

// forged replaces the signature of message_3 by one that is made of what was
// signed.
func forged(what string, sign func(t *cases.T, p *holdertest.Phone, signed, signature []byte) []byte, rows ...string) spoilt {
	return spoilt{what, rows, func(t *cases.T, p *holdertest.Phone) {
		p.Alter = holdertest.Alter{holdertest.Signature3: func(good []byte) []byte {
			return sign(t, p, p.Values()[holdertest.Signed3], good)
		}}
	}}
}

// possession are faults of Signature_or_MAC_3, step 6, in any suite.
func possession() []spoilt {
	const step = "PST-DEC-007#6"
	return []spoilt{
		altered("the signature has a bit of its first half changed", holdertest.Signature3, ct.Flip(0), step),
		altered("the signature has a bit of its second half changed", holdertest.Signature3, ct.Flip(40), step),
		altered("the signature is all zero", holdertest.Signature3, ct.Replace(make([]byte, 64)), step),
		altered("the signature is all ones", holdertest.Signature3, ct.Replace(bytes.Repeat([]byte{0xFF}, 64)), step),
		altered("MAC_3 is another", holdertest.MAC3, ct.Flip(0), step, "PST-CHAN-001"),
		altered("the signature is over another TH_3", holdertest.Signed3, ct.Flip(-40), step),
		altered("the signature is over another context than Signature1", holdertest.Signed3, ct.Flip(5), step),
		altered("the signature is over MAC_3 alone", holdertest.Signed3, func(b []byte) []byte { return b[len(b)-32:] }, step),
		{"another key signs than that of the grant", []string{step}, func(t *cases.T, p *holdertest.Phone) {
			name, suite := "thief", p.Key.Public()
			if _, ok := suite.(ed25519.PublicKey); ok {
				p.Key = t.World.Key(name)
			} else {
				p.Key = t.World.Key2(name)
			}
		}},
		altered("the grant that is signed for is another than the one sent", holdertest.CredI, ct.Flip(-1), step),
	}
}

// edges are signatures in message_3 of the edge cases of section 4.4.1.
func edges() []spoilt {
	const step = "PST-DEC-007#6"
	small := func(r []byte) func(*cases.T, *holdertest.Phone, []byte, []byte) []byte {
		return func(_ *cases.T, p *holdertest.Phone, signed, _ []byte) []byte {
			return cases.WithR(p.Key.(ed25519.PrivateKey), r, signed)
		}
	}
	return []spoilt{
		forged("S of the signature is not below L", func(_ *cases.T, _ *holdertest.Phone, _, good []byte) []byte { return cases.PlusL(good) }, step, "PST-OBJ-019#2"),
		forged("R is the neutral point in an encoding that is not canonical", small(neutralOther), step, "PST-OBJ-019#5"),
		forged("R is off by the point of order 2", small(order2), step, "PST-OBJ-019#5"),
		forged("R is off by a point of order 4", small(order4), step, "PST-OBJ-019#5"),
	}
}

// orderN is the order of the base point of P-256.
var orderN = elliptic.P256().Params().N

// half replaces r or s of a signature by ECDSA.
func half(at int, n *big.Int) func([]byte) []byte {
	return func(b []byte) []byte {
		n.FillBytes(b[at : at+32])
		return b
	}
}

// negated replaces s by n - s, which is as good.
func negated(b []byte) []byte {
	s := new(big.Int).SetBytes(b[32:])
	return half(32, s.Sub(orderN, s))(b)
}

// edges256 are those of section 4.4.2.
func edges256() []spoilt {
	const step, rule = "PST-DEC-007#6", "PST-OBJ-021"
	v := holdertest.Signature3
	zero := new(big.Int)
	plus := func(b []byte) []byte { // r or s that is greater by n, where it fits
		return half(0, orderN)(b)
	}
	return []spoilt{
		altered("r is 0", v, half(0, zero), step, rule),
		altered("s is 0", v, half(32, zero), step, rule),
		altered("r is n", v, plus, step, rule),
		altered("s is n", v, half(32, orderN), step, rule),
		altered("r and s are 0", v, ct.Replace(make([]byte, 64)), step, rule),
		altered("r and s change places", v, func(b []byte) []byte { return slices.Concat(b[32:], b[:32]) }, step, rule),
		altered("r is n - r", v, func(b []byte) []byte { r := new(big.Int).SetBytes(b[:32]); return half(0, r.Sub(orderN, r))(b) }, step, rule),
	}
}

// signatures are the edge cases of signatures, in message_3 and in objects.
func signatures() []cases.Case {
	all := slices.Concat(refusedTaps("SIG", 10, 0, edges()), refusedTaps("SIG", 20, 2, edges256()), objectEdges())
	return append(all, cases.Case{
		ID: "LOCK-SIG-001", Revision: 1, Title: "a signature whose R is the neutral point verifies", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-OBJ-019#5", "PST-DEC-007#6"},
		Run: func(t *cases.T) {
			p := neighbour(t, 0)
			p.Alter = holdertest.Alter{holdertest.Signature3: func([]byte) []byte {
				return cases.WithR(p.Key.(ed25519.PrivateKey), neutral, p.Values()[holdertest.Signed3])
			}}
			t.Expect("the guest's tap", t.Tap(p, opens), cases.Opened...)
		},
	}, cases.Case{
		ID: "LOCK-SIG-002", Revision: 1, Title: "ECDSA with s and with n - s verifies, in message_3 and in a grant", When: "capability(suite-2)", Needs: keys, Setup: cases.Owned,
		Requirements: []string{"PST-OBJ-021", "PST-OBJ-024", "PST-DEC-007#6"},
		Run: func(t *cases.T) {
			for _, alter := range []func([]byte) []byte{func(b []byte) []byte { return b }, negated} {
				p := neighbour(t, 2)
				p.Alter = holdertest.Alter{holdertest.Signature3: alter}
				t.Expect("the guest's tap", t.Tap(p, opens), cases.Opened...)
				t.Lock.Cycle()
				t.Expect("a grant signed with P-256", t.Tap(carried(t, 2, alter)), cases.Opened...)
				t.Lock.Cycle()
			}
		},
	})
}

// carried is the tap of the carrier's staff, whose grant the carrier signed with a
// key of the suite; the signature is altered.
func carried(t *cases.T, suite int, alter func([]byte) []byte) (*holdertest.Phone, holdertest.Request) {
	o := carrier(t, suite)
	grant := t.Made(o.Grant(credential.GrantClaims{
		Holder: t.World.Public("postman"), IssuedAt: t.World.Now, Expires: t.World.Now + 3600,
		Scope: []credential.Entry{{Target: credential.AreaTarget(t.World.Area), Actions: credential.ActionDeliver}},
	}))
	return t.Phone("postman", signature(alter)(grant)), bringing(delivers, o.Authority().Bytes())
}
