package main

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// identity is somebody with a key for signatures.
type identity struct {
	private []byte // seed or scalar, 32 bytes
	signer  suite.Signer
}

// identityOf returns who belongs to a name, with a key of a cipher suite.
func identityOf(cipherSuite int, name string) identity {
	label := "exchange/identity/" + name
	if cipherSuite == wire.SuiteP256Es256 {
		scalar := draw(label+" P-256", 32)
		return identity{scalar, must(suite.NewSigner(must(ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar))))}
	}
	seed := draw(label+" Ed25519", ed25519.SeedSize)
	return identity{seed, must(suite.NewSigner(crypto.Signer(ed25519.NewKeyFromSeed(seed))))}
}

func (i identity) public() suite.PublicKey { return i.signer.PublicKey() }

func (i identity) sign(message []byte) []byte { return must(i.signer.Sign(message)) }

// coseKey is the key as section 4.2 has it.
func (i identity) coseKey() item {
	p := i.public()
	if p.Algorithm() == suite.AlgESP256 {
		return mapItem(uintItem(1), uintItem(2), nintItem(0), uintItem(1), nintItem(1), bytesItem(p.X()), nintItem(2), boolItem(p.YOdd()))
	}
	return mapItem(uintItem(1), uintItem(1), nintItem(0), uintItem(6), nintItem(1), bytesItem(p.X()))
}

// keyID is that of section 4.3.
func (i identity) keyID() []byte {
	p := i.public()
	pairs := []item{uintItem(1), uintItem(1), nintItem(0), uintItem(6), nintItem(1), bytesItem(p.X())}
	if p.Algorithm() == suite.AlgESP256 {
		pairs = []item{uintItem(1), uintItem(2), nintItem(0), uintItem(1), nintItem(1), bytesItem(p.X()), nintItem(2), bytesItem(p.Y())}
	}
	return hash(mapItem(pairs...).data)[:8]
}

// signed completes an object.
func (i identity) signed(u credential.Unsigned, err error) []byte {
	must(u, err)
	return must(u.WithSignature(i.sign(u.ToBeSigned())))
}

// Times of the objects, seconds since 1970.
const (
	day  credential.Time = 86400
	noon                 = credential.Time(1803902400) // 2027-03-01T12:00:00Z
)

// exchangeWorld is who takes part in the exchanges of one cipher suite.
type exchangeWorld struct {
	suite                                                           int
	scheme, maker, lock, owner, post, holder, stranger, otherScheme identity
	lockID                                                          []byte
	makerCert, lockCert, grant                                      []byte
}

func newExchangeWorld(cipherSuite int) *exchangeWorld {
	of := func(name string) identity { return identityOf(cipherSuite, name) }
	w := &exchangeWorld{
		suite: cipherSuite, scheme: of("scheme"), maker: of("maker"), lock: of("lock"), owner: of("owner"), post: of("post"),
		holder: of("holder"), stranger: of("stranger"), otherScheme: of("other scheme"),
		lockID: draw("exchange/lock/id", wire.LimitLockIdBytes),
	}
	w.makerCert = w.makerOf(w.scheme, w.maker, credential.RightLock)
	w.lockCert = w.lockCertOf(w.maker, w.lock, w.lockID, noon-50*day)
	w.grant = w.post.signed(credential.NewGrant(w.grantClaims(), w.post.public()))
	return w
}

func (w *exchangeWorld) grantClaims() credential.GrantClaims {
	return credential.GrantClaims{
		Holder: w.holder.public(), IssuedAt: noon - day/4, Expires: noon + day/2,
		Scope: []credential.Entry{{Target: credential.LockTarget(credential.LockID(w.lockID)), Actions: credential.ActionDeliver}},
	}
}

// makerOf certifies a manufacturer.
func (w *exchangeWorld) makerOf(scheme, maker identity, rights credential.Rights) []byte {
	c := credential.AuthorityClaims{Key: maker.public(), IssuedAt: noon - 100*day, Expires: noon + 1000*day, Rights: rights}
	if rights&credential.RightIssue != 0 {
		c.Services, c.LongestGrant = []credential.Service{credential.ServicePost}, 24*time.Hour
	}
	return scheme.signed(credential.NewAuthority(c, scheme.public()))
}

// lockCertOf certifies a lock.
func (w *exchangeWorld) lockCertOf(maker, lock identity, id []byte, at credential.Time) []byte {
	return maker.signed(credential.NewLockCertificate(
		credential.LockClaims{Key: lock.public(), IssuedAt: at, ID: credential.LockID(id), Profile: 1, Level: 2}, maker.public()))
}

// Credentials and how messages name them (section 6.3).

func kcwt(object []byte) item { return mapItem(uintItem(13), rawItem(object...)) }

func claimsSet(key item) item { return mapItem(uintItem(8), mapItem(uintItem(1), key)) }

func kccs(set item) item { return mapItem(uintItem(14), set) }

func kidMap(keyID []byte) item { return mapItem(uintItem(4), bytesItem(keyID)) }

// ephemeral draws a private key for the exchange of keys; for X25519 clamped.
func ephemeral(cipherSuite int, label string) *ecdh.PrivateKey {
	b := draw(label, 32)
	if cipherSuite == wire.SuiteP256Es256 {
		return must(ecdh.P256().NewPrivateKey(b))
	}
	b[0] &= 0xf8
	b[31] = b[31]&0x7f | 0x40
	return must(ecdh.X25519().NewPrivateKey(b))
}

// share is the public key as it is sent: x alone for P-256.
func share(k *ecdh.PrivateKey) []byte {
	b := k.PublicKey().Bytes()
	if k.Curve() == ecdh.P256() {
		return b[1:33]
	}
	return b
}

// agreed is G_XY.
func agreed(k *ecdh.PrivateKey, peer *ecdh.PublicKey) []byte { return must(k.ECDH(peer)) }

// params are those of a group: bare keys or grants, the certificate by key id
// or by value.
func (w *exchangeWorld) params(bare, remembered, vacant bool) vectors.ExchangeParams {
	p := vectors.ExchangeParams{
		Suite: w.suite,
		Lock:  vectors.ExchangeLock{ID: w.lockID, Suites: []int{wire.SuiteX25519Ed25519, wire.SuiteP256Es256}, Private: w.lock.private, Certificate: w.lockCert},
		Phone: vectors.ExchangePhone{
			Suites: []int{w.suite}, Private: w.holder.private, IDCredI: kcwt(w.grant).data,
			Roots: []vectors.Hex{w.scheme.coseKey().data}, Makers: []vectors.Hex{w.makerCert},
			Chosen: w.lockID, Version: wire.LimitVersion,
		},
	}
	if bare {
		p.Lock.Owner = w.owner.coseKey().data
	}
	if bare || vacant {
		p.Phone.Private, p.Phone.IDCredI = w.owner.private, kccs(claimsSet(w.owner.coseKey())).data
	}
	if vacant {
		p.Lock.Setup = draw("exchange/lock/setup", wire.LimitSetupBytes)
	}
	if remembered {
		p.Phone.Remembered = bytes.Clone(w.lockCert)
	}
	return p
}
