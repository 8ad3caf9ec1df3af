package credential_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// The tests encode by hand, so that they share nothing with what they test and
// can write every fault.

// cbor is encoded CBOR.
type cbor = []byte

// pair is a key and a value of a map, in encoded form.
type pair struct{ key, value cbor }

func head(major byte, n uint64) cbor {
	switch {
	case n < 24:
		return cbor{major<<5 | byte(n)}
	case n < 1<<8:
		return cbor{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return cbor{major<<5 | 25, byte(n >> 8), byte(n)}
	case n < 1<<32:
		return cbor{major<<5 | 26, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	return cbor{major<<5 | 27, byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

func num(n int64) cbor {
	if n < 0 {
		return head(1, uint64(-1-n))
	}
	return head(0, uint64(n))
}

func bstr(b ...byte) cbor { return append(head(2, uint64(len(b))), b...) }

func text(s string) cbor { return append(head(3, uint64(len(s))), s...) }

func list(items ...cbor) cbor {
	return slices.Concat(head(4, uint64(len(items))), bytes.Join(items, nil))
}

func dict(pairs ...pair) cbor {
	b := head(5, uint64(len(pairs)))
	for _, p := range pairs {
		b = slices.Concat(b, p.key, p.value)
	}
	return b
}

var (
	yes, no = cbor{0xf5}, cbor{0xf4}
	null    = cbor{0xf6}
)

// testKey is a key pair that derives from its name.
type testKey struct {
	private crypto.Signer
	public  credential.PublicKey
	x, y    []byte // y of P-256 alone
}

func edKey(name string) *testKey {
	seed := sha256.Sum256([]byte(name))
	private := ed25519.NewKeyFromSeed(seed[:])
	public, err := credential.NewPublicKey(private.Public())
	if err != nil {
		panic(err)
	}
	return &testKey{private: private, public: public, x: private[32:]}
}

func p256Key(name string) *testKey {
	scalar := sha256.Sum256([]byte(name))
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		panic(err)
	}
	public, err := credential.NewPublicKey(private.Public())
	if err != nil {
		panic(err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return &testKey{private: private, public: public, x: point[1:33], y: point[33:]}
}

// alg is the key's COSE algorithm.
func (k *testKey) alg() int64 {
	if k.y == nil {
		return -19
	}
	return -9
}

// id is the key id of section 4.3.
func (k *testKey) id() []byte {
	input := dict(pair{num(1), num(1)}, pair{num(-1), num(6)}, pair{num(-2), bstr(k.x...)})
	if k.y != nil {
		input = dict(pair{num(1), num(2)}, pair{num(-1), num(1)}, pair{num(-2), bstr(k.x...)}, pair{num(-3), bstr(k.y...)})
	}
	sum := sha256.Sum256(input)
	return sum[:8]
}

// cose is the COSE_Key of section 4.2.
func (k *testKey) cose() []pair {
	if k.y == nil {
		return []pair{{num(1), num(1)}, {num(-1), num(6)}, {num(-2), bstr(k.x...)}}
	}
	odd := no
	if k.y[31]&1 == 1 {
		odd = yes
	}
	return []pair{{num(1), num(2)}, {num(-1), num(1)}, {num(-2), bstr(k.x...)}, {num(-3), odd}}
}

// sign signs message as section 4.4 says.
func (k *testKey) sign(message []byte) []byte {
	if k.y == nil {
		return ed25519.Sign(k.private.(ed25519.PrivateKey), message)
	}
	digest := sha256.Sum256(message)
	der, err := k.private.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	v.R.FillBytes(signature[:32])
	v.S.FillBytes(signature[32:])
	return signature
}

// forge is an object in parts, to be signed by key whatever they are.
type forge struct {
	key       *testKey
	header    []pair
	bare      cbor
	claims    []pair
	cose      []pair // of the cnf claim; put in by bytes
	scope     cbor   // content of the scope claim; put in by bytes
	protected cbor   // in place of header
	payload   cbor   // in place of claims
	signature []byte // in place of the one that key makes
	end       cbor   // after the object
	elements  []cbor // in place of the four
	whole     []byte // in place of everything
	longest   int    // bytes that an object of the kind may have
}

// set sets the value of a label, in its place.
func set(pairs []pair, label int64, value cbor) []pair {
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return bytes.Equal(p.key, num(label)) })
	pairs = append(pairs, pair{num(label), value})
	slices.SortStableFunc(pairs, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	return pairs
}

// drop takes a label out.
func drop(pairs []pair, label int64) []pair {
	return slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return bytes.Equal(p.key, num(label)) })
}

// swap exchanges the first two pairs.
func swap(pairs []pair) []pair {
	pairs = slices.Clone(pairs)
	pairs[0], pairs[1] = pairs[1], pairs[0]
	return pairs
}

// sigStructure is what is signed.
func (f *forge) sigStructure() []byte {
	protected, payload := f.layers()
	return list(text("Signature1"), bstr(protected...), bstr(), bstr(payload...))
}

func (f *forge) layers() (protected, payload []byte) {
	protected, payload = f.protected, f.payload
	if protected == nil {
		protected = dict(f.header...)
	}
	if payload == nil {
		claims := f.claims
		if f.cose != nil {
			claims = set(claims, 8, dict(pair{num(1), dict(f.cose...)}))
		}
		if f.scope != nil {
			claims = set(claims, 9, bstr(f.scope...))
		}
		payload = dict(claims...)
	}
	return protected, payload
}

// bytes returns the object, signed.
func (f *forge) bytes() []byte {
	if f.whole != nil {
		return f.whole
	}
	protected, payload := f.layers()
	signature := f.signature
	if signature == nil {
		signature = f.key.sign(f.sigStructure())
	}
	elements := f.elements
	if elements == nil {
		elements = []cbor{bstr(protected...), f.bare, bstr(payload...), bstr(signature...)}
	}
	return append(list(elements...), f.end...)
}

// newForge starts an object of the kind, signed by key and about subject.
func newForge(typ int64, key, subject *testKey) *forge {
	return &forge{
		key:    key,
		header: []pair{{num(1), num(key.alg())}, {num(4), bstr(key.id()...)}, {num(16), num(typ)}},
		bare:   dict(),
		cose:   subject.cose(),

		longest: 512,
	}
}

// The moments of the tests.
const (
	issued  = 1_800_000_000
	begins  = issued + 100
	expires = issued + 3600
)

var lockID = credential.LockID{0xa0, 1, 2, 3, 4, 5, 6, 7}

func authorityForge(key, subject *testKey) *forge {
	f := newForge(65001, key, subject)
	f.claims = []pair{{num(4), num(expires)}, {num(6), num(issued)}}
	f.scope = list(list(num(1), num(300)), num(1|4), num(600))
	return f
}

func lockForge(key, subject *testKey) *forge {
	f := newForge(65002, key, subject)
	f.claims = []pair{{num(6), num(issued)}}
	f.scope = list(bstr(lockID[:]...), num(1), num(2))
	return f
}

func grantForge(key, subject *testKey) *forge {
	f := newForge(65003, key, subject)
	f.claims = []pair{{num(4), num(expires)}, {num(6), num(issued)}}
	f.scope = list(lockEntry())
	return f
}

// parentForge is the grant below which the grants of the tests hang: it lets
// key delegate over two links.
func parentForge(key *testKey) *forge {
	f := grantForge(edKey("root"), key)
	f.scope = list(lockEntry(dict(pair{num(3), num(2)})))
	return f
}

// digest is SHA-256 over what is signed.
func (f *forge) digest() []byte {
	sum := sha256.Sum256(f.sigStructure())
	return sum[:]
}

// always is a schedule without a gap.
var always = list(list(num(127), num(0), num(1440)))

// delegatedForge is a grant below the parent's, with every condition that it
// can have.
func delegatedForge(key, subject *testKey) *forge {
	f := newForge(65003, key, subject)
	f.claims = []pair{{num(4), num(expires)}, {num(6), num(begins)}}
	f.scope = list(bstr(parentForge(key).digest()...), lockEntry(dict(
		pair{num(1), always}, pair{num(2), list(num(255), num(3))}, pair{num(3), num(1)},
		pair{num(4), num(3)}, pair{num(5), num(4)}, pair{num(6), num(255)})))
	return f
}

// lockEntry is an entry for the lock of the tests, with more elements after it.
func lockEntry(more ...cbor) cbor {
	return list(append([]cbor{num(1), bstr(lockID[:]...), num(3)}, more...)...)
}

// kind is a kind of object.
type kind struct {
	name  string
	typ   int64
	forge func(key, subject *testKey) *forge
	// verify parses and verifies with the trusted key.
	verify func(v *credential.Verifier, data []byte, key *testKey) error
	parse  func(data []byte) error
}

var kinds = []kind{
	{"authority", 65001, authorityForge, verifyAuthority, func(b []byte) error {
		_, err := credential.ParseAuthority(b)
		return err
	}},
	{"lock certificate", 65002, lockForge, verifyLock, func(b []byte) error {
		_, err := credential.ParseLockCertificate(b)
		return err
	}},
	{"grant", 65003, grantForge, verifyGrant, func(b []byte) error {
		_, err := credential.ParseGrant(b)
		return err
	}},
	{"grant of a holder", 65003, delegatedForge, verifyDelegated, func(b []byte) error {
		_, err := credential.ParseGrant(b)
		return err
	}},
	policyKind, listKind, tokenKind, receiptKind,
}

// aboutKey reports whether objects of the kind are about a key.
func (k kind) aboutKey() bool { return k.forge(edKey("signer"), edKey("subject")).cose != nil }

func verifyAuthority(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParseAuthority(data)
	if err != nil {
		return err
	}
	w := *v
	w.Roots = []credential.PublicKey{key.public}
	_, err = w.Authority(u)
	return err
}

func verifyLock(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParseLockCertificate(data)
	if err != nil {
		return err
	}
	maker, err := certify(key, func(f *forge) { f.scope = list(list(), num(8), num(0)) })
	if err != nil {
		return err
	}
	_, err = v.LockCertificate(u, maker)
	return err
}

func verifyGrant(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParseGrant(data)
	if err != nil {
		return err
	}
	_, err = v.OwnerGrant(u, key.public)
	return err
}

func verifyDelegated(v *credential.Verifier, data []byte, key *testKey) error {
	u, err := credential.ParseGrant(parentForge(key).bytes())
	if err != nil {
		return err
	}
	known := credential.Verifier{Known: func(credential.Fingerprint) bool { return true }}
	parent, err := known.OwnerGrant(u, edKey("root").public)
	if err != nil {
		return err
	}
	if u, err = credential.ParseGrant(data); err != nil {
		return err
	}
	_, err = v.DelegatedGrant(u, parent)
	return err
}

// certify returns a verified authority for the key, changed by edit.
func certify(key *testKey, edit func(*forge)) (*credential.Authority, error) {
	f := authorityForge(edKey("root"), key)
	edit(f)
	u, err := credential.ParseAuthority(f.bytes())
	if err != nil {
		return nil, err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{edKey("root").public}}
	return v.Authority(u)
}

// requireReason holds that err is an *Error with the reason, whose text has the
// detail.
func requireReason(t testing.TB, err error, reason credential.Reason, detail string) {
	t.Helper()
	var e *credential.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, reason.String(), e.Reason.String(), err.Error())
	require.ErrorIs(t, err, reason)
	require.Contains(t, err.Error(), detail)
}
