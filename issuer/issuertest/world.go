package issuertest

import (
	"crypto"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// Day is one day in seconds.
const Day credential.Time = 86400

// World is who signs, and the lock that it is about.
type World struct {
	Seed
	Now credential.Time // 2027-03-01T08:00:00Z

	Scheme *issuer.Scheme
	Post   *issuer.Operator // delivers, revokes and tells the time
	Maker  *issuer.Maker
	Owner  *issuer.Owner

	LockID credential.LockID
	Area   []byte // area code of the lock
	Setup  [16]byte
}

// New makes the world of a seed.
func New(seed Seed) *World {
	w := &World{
		Seed:   seed,
		Now:    credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)),
		LockID: credential.LockID{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80},
		Area:   []byte("FR75011042"),
		Setup:  [16]byte([]byte("setup secret 128")),
	}
	w.Scheme = must(issuer.NewScheme(w.Key("scheme")))
	w.Post = must(issuer.NewOperator(w.Key("post"), w.Certified(w.PostClaims())))
	w.Maker = must(issuer.NewMaker(w.Key("maker"), w.Certified(credential.AuthorityClaims{
		Key: Public(w.Key("maker")), IssuedAt: w.Now - 100*Day, Expires: w.Now + 1000*Day, Rights: credential.RightLock,
	})))
	w.Owner = must(issuer.NewOwner(w.Key("owner")))
	return w
}

// Identity returns the lock's key of a cipher suite, 0 or 2, and its certificate.
func (w *World) Identity(suite int) (key crypto.Signer, certificate []byte) {
	key = w.Key("lock")
	if suite != 0 {
		key = w.P256("lock")
	}
	return key, w.LockCertificate(key, func(*credential.LockClaims) {})
}

// LockCertificate has the maker certify a lock's key, with claims that are altered.
func (w *World) LockCertificate(key crypto.Signer, alter func(*credential.LockClaims)) []byte {
	c := credential.LockClaims{Key: Public(key), IssuedAt: w.Now - 50*Day, ID: w.LockID, Profile: 1, Level: 1}
	alter(&c)
	return must(w.Maker.Certify(c))
}

// Roots are the keys that phones and locks trust.
func (w *World) Roots() []credential.PublicKey { return []credential.PublicKey{w.Scheme.PublicKey()} }

// Makers are the manufacturers' certificates that a phone ships with.
func (w *World) Makers() [][]byte { return [][]byte{w.Maker.Authority().Bytes()} }

// Certified has the scheme certify the claims, and verifies the certificate.
func (w *World) Certified(c credential.AuthorityClaims) *credential.Authority {
	v := credential.Verifier{Roots: w.Roots()}
	return must(v.Authority(must(credential.ParseAuthority(must(w.Scheme.Certify(c))))))
}

// PostClaims are the claims of the post's certificate.
func (w *World) PostClaims() credential.AuthorityClaims {
	return credential.AuthorityClaims{
		Key:      Public(w.Key("post")),
		IssuedAt: w.Now - 10*Day, Expires: w.Now + 80*Day,
		Services: []credential.Service{credential.ServicePost},
		Rights:   credential.RightIssue | credential.RightTime | credential.RightRevoke, LongestGrant: 84 * time.Hour,
	}
}
