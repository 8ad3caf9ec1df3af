package vectortest

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/spec/vectors"
)

func readObject(t *testing.T) {
	r := objectReader{signed: newAnyAuthority(t)}
	area[vectors.ObjectParams, vectors.ObjectTest]{
		name:   "object",
		check:  r.check,
		common: (*vectors.ObjectTest).Common,
		flips:  12,
	}.run(t)
}

// signedObject is what all objects of the credential package can do.
type signedObject interface {
	Signer() credential.KeyID
	Digest() [32]byte
}

// objectReader reads objects of every kind.
type objectReader struct {
	signed *anyAuthority
}

// kindReader reads an object of one kind and verifies it under a key.
type kindReader func(data []byte, signer suite.PublicKey) (signedObject, vectors.Claims, error)

func (r objectReader) kinds() map[string]kindReader {
	return map[string]kindReader{
		"authority":        r.authority,
		"lock-certificate": r.lockCertificate,
		"grant":            r.grant,
		"policy":           r.policy,
		"revocation-list":  r.list,
		"time-token":       r.token,
		"receipt":          r.receipt,
	}
}

func (r objectReader) check(p vectors.ObjectParams, test vectors.ObjectTest) error {
	if p.Kind == "claims-set" {
		key, err := credential.ParseClaimsSet(test.Data)
		if err := verdict(test.Test, reasonName(err)); err != nil || test.Result == vectors.Invalid {
			return err
		}
		return sameClaims(test.Claims, vectors.Claims{Cnf: toldKey(key)})
	}
	read, ok := r.kinds()[p.Kind]
	if !ok || test.Signer == nil {
		return fmt.Errorf("%w: kind %q", errForm, p.Kind)
	}
	signer, err := keyOf(*test.Signer)
	if err != nil {
		return err
	}
	object, claims, err := read(test.Data, signer)
	if err := verdict(test.Test, reasonName(err)); err != nil || test.Result == vectors.Invalid {
		return err
	}
	kid, digest := object.Signer(), object.Digest()
	if !bytes.Equal(kid[:], test.Kid) || !bytes.Equal(digest[:], test.Digest) {
		return fmt.Errorf("kid %x, digest %x", kid, digest)
	}
	return sameClaims(test.Claims, claims)
}

// reasonName names the reason of an error of package credential.
func reasonName(err error) string {
	var e *credential.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Reason.String()
	}
	return err.Error()
}

func sameClaims(want *vectors.Claims, got vectors.Claims) error {
	if want == nil || !reflect.DeepEqual(*want, got) {
		return fmt.Errorf("read as %+v", got)
	}
	return nil
}

// anyAuthority makes certificates for the signers of the tests, which the tests
// do not have.
type anyAuthority struct {
	scheme *issuer.Scheme
	maker  *issuer.Maker
	known  map[suite.PublicKey]*credential.Authority
}

func newAnyAuthority(t *testing.T) *anyAuthority {
	t.Helper()
	key := func(n byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
	}
	scheme, err := issuer.NewScheme(key(1))
	require.NoError(t, err)
	a := &anyAuthority{scheme: scheme, known: map[suite.PublicKey]*credential.Authority{}}
	public, err := credential.NewPublicKey(key(2).Public())
	require.NoError(t, err)
	authority, err := a.of(public)
	require.NoError(t, err)
	a.maker, err = issuer.NewMaker(key(2), authority)
	require.NoError(t, err)
	return a
}

// of returns a certificate with every right, for all time.
func (a *anyAuthority) of(key suite.PublicKey) (*credential.Authority, error) {
	if known, ok := a.known[key]; ok {
		return known, nil
	}
	certificate, err := a.scheme.Certify(credential.AuthorityClaims{
		Key: key, IssuedAt: 1, Expires: math.MaxUint32, Services: []credential.Service{1}, LongestGrant: time.Second,
		Rights: credential.RightIssue | credential.RightRevoke | credential.RightTime | credential.RightLock,
	})
	if err != nil {
		return nil, err
	}
	u, err := credential.ParseAuthority(certificate)
	if err != nil {
		return nil, err
	}
	v := credential.Verifier{Roots: []credential.PublicKey{a.scheme.PublicKey()}}
	a.known[key], err = v.Authority(u)
	return a.known[key], err
}

// lock returns the certificate of the lock with the key and the id.
func (a *anyAuthority) lock(key suite.PublicKey, id credential.LockID) (*credential.LockCertificate, error) {
	certificate, err := a.maker.Certify(credential.LockClaims{Key: key, IssuedAt: 1, ID: id})
	if err != nil {
		return nil, err
	}
	u, err := credential.ParseLockCertificate(certificate)
	if err != nil {
		return nil, err
	}
	var v credential.Verifier
	return v.LockCertificate(u, a.maker.Authority())
}
