package cases

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"math/big"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
)

// Issuer is the issuer under test.
type Issuer struct {
	// Object is what it signed last; nil where it refused.
	Object []byte

	t *T
}

// Wish holds the claims of an object in the JSON form of the vectors.
type Wish map[string]any

// What an issuer makes of a wish.
const (
	Signed  Outcome = "signed"                                       // just what was asked
	Mended  Outcome = "signed with other claims than were asked for" // something else than was asked, which receivers take
	Refuses Outcome = "refused to sign"                              // with a sentence
)

// Appoint makes the issuer one with the key, under a certificate of the world's
// scheme or none.
func (i *Issuer) Appoint(key crypto.Signer, certificate []byte) {
	a := shim.Appoint{Key: private(key)}
	if certificate != nil {
		a.Certificate, a.Root = certificate, world.COSEKey(i.t.World.Scheme.PublicKey())
	}
	ask[shim.Nothing](i.t, a)
}

// Delegate makes the issuer a holder who delegates under the grants.
func (i *Issuer) Delegate(key crypto.Signer, parents ...[]byte) {
	a := shim.Appoint{Key: private(key)}
	for _, p := range parents {
		a.Parents = append(a.Parents, p)
	}
	ask[shim.Nothing](i.t, a)
}

// private returns a key in the form of the shim.
func private(key crypto.Signer) shim.Private {
	p := shim.Private{Private: world.Private(key)}
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		p.Suite = 2
	}
	return p
}

// Issue has the issuer sign.  Want is the object as it ought to be, whoever signed
// it; judge says whether a receiver takes an object.  What is signed and not taken
// fails the case.
func (i *Issuer) Issue(kind string, claims Wish, want []byte, by crypto.Signer, judge func([]byte) error) Outcome {
	t := i.t
	b, err := json.Marshal(claims)
	t.OK(err)
	reply := ask[shim.Issued](t, shim.Issue{Kind: kind, Claims: b})
	if i.Object = reply.Object; i.Object == nil {
		return Refuses
	}
	last := &t.exchanges[len(t.exchanges)-1]
	last.Plain = []report.Plain{{What: "object", Bytes: reply.Object}}
	o, err := credentialtest.ParseObject(i.Object)
	t.Check(err == nil, "what was signed is no object: %v: %x", err, i.Object)
	t.Check(verifies(by.Public(), o), "the signature does not verify under the issuer's key")
	if err := judge(i.Object); err != nil {
		t.Failf("the issuer signs what every receiver refuses: %v", err)
	}
	if want == nil {
		return Mended
	}
	good, err := credentialtest.ParseObject(want)
	t.OK(err)
	if bytes.Equal(o.Payload, good.Payload) && bytes.Equal(o.Protected, good.Protected) && bytes.Equal(o.Unprotected, good.Unprotected) {
		return Signed
	}
	t.Notef("signed was %x, where %x is right", i.Object, want)
	return Mended
}

// verifies checks a signature with the algorithms of the standard library.
func verifies(key crypto.PublicKey, o *credentialtest.Object) bool {
	message := o.ToBeSigned()
	switch k := key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, o.Signature)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		return len(o.Signature) == 64 && ecdsa.Verify(k, digest[:], new(big.Int).SetBytes(o.Signature[:32]), new(big.Int).SetBytes(o.Signature[32:]))
	}
	return false
}

// Verifier is a receiver that trusts the world's scheme.
func (i *Issuer) Verifier() *credential.Verifier {
	return &credential.Verifier{Roots: []credential.PublicKey{i.t.World.Scheme.PublicKey()}}
}
