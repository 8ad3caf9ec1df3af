package app

import (
	"bytes"
	"crypto"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// certify has the manufacturer certify the lock's key, with altered claims.
func certify(t *cases.T, alter func(*credential.LockClaims)) []byte {
	c := credential.LockClaims{Key: t.World.Public("lock"), IssuedAt: t.World.Now - 50*world.Day, ID: t.World.Lock}
	if alter != nil {
		alter(&c)
	}
	return t.Made(t.World.Maker.Certify(c))
}

// shows puts the bytes into the place of the lock's certificate, by value.
func showsCertificate(d *cases.Door, b []byte) {
	d.Alter[locktest.CredR] = credentialtest.Replace(b)
	d.Alter[locktest.IDCredR] = credentialtest.Replace(append([]byte{0xA1, 0x0D}, b...))
}

// forged alters the lock's certificate as an object; the manufacturer, or whoever
// has the key, signs it anew.
func forged(signer string, alter func(*credentialtest.Object)) func(*cases.T, *cases.Door) {
	return func(t *cases.T, d *cases.Door) {
		showsCertificate(d, credentialtest.OfObject(func(o *credentialtest.Object) {
			alter(o)
			o.Sign(t.World.Key(signer))
		})(d.Identities[0].Certificate))
	}
}

// claims alters the claims of the certificate, and cnf the COSE_Key in it.
func claims(alter func(*credentialtest.Map)) func(*cases.T, *cases.Door) {
	return forged("maker", func(o *credentialtest.Object) { o.Claims(alter) })
}

func cnf(alter func(*credentialtest.Map)) func(*cases.T, *cases.Door) {
	return claims(func(m *credentialtest.Map) {
		m.Set(8, credentialtest.OfMap(func(m *credentialtest.Map) { m.Set(1, credentialtest.OfMap(alter)(m.Get(1))) })(m.Get(8)))
	})
}

func header(alter func(*credentialtest.Map)) func(*cases.T, *cases.Door) {
	return forged("maker", func(o *credentialtest.Object) { o.Header(alter) })
}

// raw alters the bytes of the certificate.
func raw(alter func([]byte) []byte) func(*cases.T, *cases.Door) {
	return func(_ *cases.T, d *cases.Door) { showsCertificate(d, alter(slices.Clone(d.Identities[0].Certificate))) }
}

// certificates are the cases of step 2 of section 8.4, by section 4.7.
func certificates() []cases.Case {
	bad := func(number int, what string, r credential.Reason, fault func(*cases.T, *cases.Door), shows ...string) row {
		return row{number, "lock certificate: " + what, append(shows, "PST-PHN-010#2", "PST-PHN-011"), fault, cases.Fault(r), []string{greeted}}
	}
	malformed := func(number int, what string, fault func(*cases.T, *cases.Door), shows ...string) row {
		return bad(number, what, credential.ReasonMalformed, fault, shows...)
	}
	set := func(label int64, item []byte) func(*credentialtest.Map) {
		return func(m *credentialtest.Map) { m.Set(label, item) }
	}
	none := func(*credentialtest.Object) {}
	return negatives("CERT", open,
		bad(10, "signed by somebody else", credential.ReasonSignature, forged("impostor", none), "PST-OBJ-013", "PST-OBJ-019#5"),
		bad(11, "a bit of the signature is another", credential.ReasonSignature, raw(credentialtest.Flip(-1)), "PST-OBJ-019#5"),
		bad(12, "the key id is of nobody", credential.ReasonIssuerUnknown, header(set(4, credentialtest.Bytes(make([]byte, 8)))), "PST-OBJ-013", "PST-OBJ-001#5"),
		bad(13, "alg is that of another key", credential.ReasonAlgorithm, header(set(1, credentialtest.Int(-9))), "PST-OBJ-001#4"),
		bad(14, "alg is in no registry", credential.ReasonAlgorithm, header(set(1, credentialtest.Int(-7))), "PST-OBJ-008#5"),
		bad(15, "typ is a grant's", credential.ReasonObjectType, header(set(16, credentialtest.Uint(65003))), "PST-OBJ-008#4", "PST-OBJ-001#6"),
		bad(16, "the key has a curve that the standard has not", credential.ReasonAlgorithm, cnf(set(-1, credentialtest.Uint(4))), "PST-OBJ-008#6"),
		malformed(20, "the header has a further label", header(set(3, credentialtest.Uint(0))), "PST-OBJ-001#2", "PST-OBJ-008#7"),
		malformed(21, "the unprotected header has a label", forged("maker", func(o *credentialtest.Object) { o.Unprotected = []byte{0xA1, 0x01, 0x00} }), "PST-OBJ-001#3", "PST-OBJ-008#8"),
		malformed(22, "the array has five elements", raw(array(func(i [][]byte) [][]byte { return append(i, credentialtest.Uint(0)) })), "PST-OBJ-001#1", "PST-OBJ-008#8"),
		malformed(23, "a further claim", claims(set(7, credentialtest.Bytes([]byte{1}))), "PST-OBJ-001#7", "PST-OBJ-008#7"),
		malformed(24, "iat is missing", claims(func(m *credentialtest.Map) { m.Delete(6) }), "PST-OBJ-001#7"),
		malformed(25, "iat is 2^32", claims(set(6, credentialtest.Uint(1<<32))), "PST-OBJ-001#8"),
		malformed(26, "iat is not in its shortest form", claims(set(6, credentialtest.LongHead(credentialtest.MajorUint, 1800000000, 8))), "PST-ENC-002#2", "PST-ENC-014"),
		malformed(27, "a claim occurs twice", claims(func(m *credentialtest.Map) { m.Append(credentialtest.Uint(8), m.Get(8)) }), "PST-ENC-002#4", "PST-ENC-014"),
		malformed(28, "the claims are in another order", claims(func(m *credentialtest.Map) { slices.Reverse(*m) }), "PST-ENC-002#3", "PST-ENC-014"),
		malformed(29, "a byte follows the claims", forged("maker", func(o *credentialtest.Object) { o.Payload = append(o.Payload, 0) }), "PST-ENC-002#6", "PST-ENC-014"),
		malformed(30, "the payload ends early", forged("maker", func(o *credentialtest.Object) { o.Payload = o.Payload[:len(o.Payload)-1] }), "PST-ENC-002#5", "PST-ENC-014"),
		malformed(31, "the signature has 63 bytes", raw(credentialtest.OfObject(func(o *credentialtest.Object) { o.Signature = o.Signature[:63] })), "PST-OBJ-019#1"),
		malformed(32, "the key is of small order", cnf(set(-2, credentialtest.Bytes(append([]byte{1}, make([]byte, 31)...)))), "PST-OBJ-010#4", "PST-OBJ-019#4"),
		malformed(33, "the key is not a canonical encoding", cnf(set(-2, credentialtest.Bytes(append(bytes.Repeat([]byte{0xFF}, 31), 0x7F)))), "PST-OBJ-010#3", "PST-OBJ-019#3"),
		malformed(34, "the key has a further parameter", cnf(set(3, credentialtest.Int(-19))), "PST-OBJ-010#1"),
		malformed(35, "the key has 31 bytes", cnf(set(-2, credentialtest.Bytes(bytes.Repeat([]byte{3}, 31)))), "PST-OBJ-010#1"),
		malformed(37, "the header has a further label behind typ", header(set(17, credentialtest.Uint(0))), "PST-OBJ-001#2", "PST-OBJ-008#7"),
		malformed(38, "iat is 2^32 more than a good time", func(t *cases.T, d *cases.Door) {
			claims(set(6, credentialtest.Uint(1<<32+uint64(t.World.Now-50*world.Day))))(t, d)
		}, "PST-OBJ-001#8"),
		malformed(39, "the key has a further parameter behind the others", cnf(set(-3, credentialtest.Uint(0))), "PST-OBJ-010#1"),
		malformed(40, "the unprotected header holds the key id too", forged("maker", func(o *credentialtest.Object) { o.Unprotected = []byte{0xA1, 0x04, 0x40} }), "PST-OBJ-001#3"),
		malformed(41, "the array has three elements", raw(array(func(i [][]byte) [][]byte { return i[:3] })), "PST-OBJ-001#1"),
		malformed(43, "the signature has 65 bytes", raw(credentialtest.OfObject(func(o *credentialtest.Object) { o.Signature = append(o.Signature, 0) })), "PST-OBJ-019#1"),
		malformed(44, "the lock id has 7 bytes", scoped(0, credentialtest.Bytes(make([]byte, 7))), "PST-OBJ-008#8"),
		malformed(45, "the level is 2^32", scoped(2, credentialtest.Uint(1<<32)), "PST-OBJ-001#8"),
		malformed(46, "iat is 0", claims(set(6, credentialtest.Uint(0))), "PST-OBJ-008#8"),
		malformed(47, "cnf is missing", claims(func(m *credentialtest.Map) { m.Delete(8) }), "PST-OBJ-001#7"),
		malformed(48, "cnf holds a second key", claims(func(m *credentialtest.Map) {
			m.Set(8, credentialtest.OfMap(func(m *credentialtest.Map) { m.Set(2, m.Get(1)) })(m.Get(8)))
		}), "PST-OBJ-008#7"),
		bad(49, "the key is of a type that the standard has not", credential.ReasonAlgorithm, cnf(set(1, credentialtest.Uint(4))), "PST-OBJ-008#6"),
		malformed(36, "a text string stands for the scope", claims(set(9, credentialtest.Text("lock"))), "PST-ENC-008"),
	)
}

// scoped replaces one of the elements of the scope of the certificate.
func scoped(i int, to []byte) func(*cases.T, *cases.Door) {
	return claims(func(m *credentialtest.Map) {
		scope := array(func(items [][]byte) [][]byte { items[i] = to; return items })
		m.Set(9, credentialtest.Bytes(scope(credentialtest.Content(m.Get(9)))))
	})
}

// offCurve is the case on a certificate for a key on P-256, which belongs to no
// point.
func offCurve() []cases.Case {
	all := negatives("CERT", open, row{
		50, "lock certificate: with P-256: the key belongs to no point", []string{"PST-OBJ-010#2", "PST-PHN-010#2"}, func(t *cases.T, d *cases.Door) {
			showsCertificate(d, credentialtest.OfObject(func(o *credentialtest.Object) {
				o.Claims(func(m *credentialtest.Map) {
					key := credentialtest.OfMap(func(m *credentialtest.Map) { m.Set(-2, credentialtest.Bytes(append(make([]byte, 31), 1))) })
					m.Set(8, credentialtest.OfMap(func(m *credentialtest.Map) { m.Set(1, key(m.Get(1))) })(m.Get(8)))
				})
				o.Sign(t.World.Key("maker"))
			})(d.Identities[2].Certificate))
		}, cases.Fault(credential.ReasonMalformed), []string{greeted},
	})
	all[0].Setup = suite2
	return all
}

// makers are the cases on the manufacturer's certificate, which the app was given.
func makers() []cases.Case {
	var all []cases.Case
	for _, m := range []struct {
		number int
		what   string
		reason credential.Reason
		maker  func(t *cases.T) []byte
		shows  []string
	}{
		{60, "lacks the right to certify locks", credential.ReasonAuthorityRight, func(t *cases.T) []byte {
			return made(t, func(c *credential.AuthorityClaims) { c.Rights = credential.RightTime })
		}, nil},
		{61, "was over when the lock was certified", credential.ReasonAuthorityExpired, func(t *cases.T) []byte {
			return made(t, func(c *credential.AuthorityClaims) { c.Expires = t.World.Now - 60*world.Day })
		}, nil},
		{62, "was not signed when the lock was certified", credential.ReasonAuthorityExpired, func(t *cases.T) []byte {
			return made(t, func(c *credential.AuthorityClaims) { c.IssuedAt = t.World.Now - 40*world.Day })
		}, nil},
		{63, "has a signature with another bit", credential.ReasonIssuerUnknown, func(t *cases.T) []byte { return credentialtest.Flip(-1)(made(t, nil)) }, []string{"PST-OBJ-033#4"}},
		{64, "is of a scheme that the phone does not trust", credential.ReasonIssuerUnknown, func(t *cases.T) []byte {
			return resigned(t, made(t, nil), t.World.Key("other scheme"), func(o *credentialtest.Object) {
				id := credential.KeyIDOf(t.World.Public("other scheme"))
				o.Header(func(m *credentialtest.Map) { m.Set(4, credentialtest.Bytes(id[:])) })
			})
		}, []string{"PST-OBJ-033#2"}},
		{65, "has an alg that is not the scheme's", credential.ReasonIssuerUnknown, func(t *cases.T) []byte {
			return resigned(t, made(t, nil), t.World.Key("scheme"), func(o *credentialtest.Object) {
				o.Header(func(m *credentialtest.Map) { m.Set(1, credentialtest.Int(-9)) })
			})
		}, []string{"PST-OBJ-033#3"}},
		{66, "is signed by itself", credential.ReasonIssuerUnknown, func(t *cases.T) []byte {
			return resigned(t, made(t, nil), t.World.Key("maker"), func(*credentialtest.Object) {})
		}, []string{"PST-OBJ-033#4", "PST-OBJ-013"}},
		{67, "ends before it begins", credential.ReasonIssuerUnknown, func(t *cases.T) []byte {
			return resigned(t, made(t, nil), t.World.Key("scheme"), func(o *credentialtest.Object) {
				o.Claims(func(m *credentialtest.Map) { m.Set(4, credentialtest.Uint(1)) })
			})
		}, []string{"PST-OBJ-026#1", "PST-OBJ-033#1"}},
		{68, "has a right that is in no registry", credential.ReasonIssuerUnknown, rightly(nil, 1<<20|lockRight, 0), []string{"PST-OBJ-026#6", "PST-OBJ-032", "PST-OBJ-033#1"}},
		{69, "has services that are not in order", credential.ReasonIssuerUnknown, rightly([]uint64{2, 1}, 1|lockRight, 3600), []string{"PST-OBJ-026#2", "PST-OBJ-033#1"}},
		{70, "has a service twice", credential.ReasonIssuerUnknown, rightly([]uint64{1, 1}, 1|lockRight, 3600), []string{"PST-OBJ-026#2", "PST-OBJ-033#1"}},
		{71, "has the service 0", credential.ReasonIssuerUnknown, rightly([]uint64{0, 1}, 1|lockRight, 3600), []string{"PST-OBJ-026#2", "PST-OBJ-033#1"}},
		{72, "has a service without the right to issue", credential.ReasonIssuerUnknown, rightly([]uint64{1}, lockRight, 0), []string{"PST-OBJ-026#3", "PST-OBJ-033#1"}},
		{73, "has the right to issue and no service", credential.ReasonIssuerUnknown, rightly(nil, 1|lockRight, 3600), []string{"PST-OBJ-026#3", "PST-OBJ-033#1"}},
		{74, "has a longest without the right to issue", credential.ReasonIssuerUnknown, rightly(nil, lockRight, 60), []string{"PST-OBJ-026#4", "PST-OBJ-033#1"}},
		{75, "has the right to issue and a longest of 0", credential.ReasonIssuerUnknown, rightly([]uint64{1}, 1|lockRight, 0), []string{"PST-OBJ-026#4", "PST-OBJ-033#1"}},
		{76, "has no rights", credential.ReasonIssuerUnknown, rightly(nil, 0, 0), []string{"PST-OBJ-026#5", "PST-OBJ-033#1"}},
		{77, "has nine services", credential.ReasonIssuerUnknown, rightly([]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1|lockRight, 3600), []string{"PST-OBJ-008#3", "PST-OBJ-033#1"}},
		{78, "is a lock certificate", credential.ReasonIssuerUnknown, func(t *cases.T) []byte { return certify(t, nil) }, []string{"PST-OBJ-008#4", "PST-OBJ-033#1"}},
		{79, "is empty", credential.ReasonIssuerUnknown, func(*cases.T) []byte { return []byte{0x80} }, []string{"PST-OBJ-008#8", "PST-OBJ-033#1"}},
	} {
		all = append(all, cases.Case{
			ID: id("CERT", m.number), Revision: 1 + b2i(m.number >= 63 && m.number <= 68), // 63 to 68 asked for their own reasons once
			Title: "the manufacturer's certificate " + m.what, Fault: "the manufacturer's certificate " + m.what,
			Requirements: append(m.shows, "PST-PHN-010#2"), Passes: opened,
			Allowed: []cases.Outcome{cases.Fault(m.reason)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				t.App.Install(func(i *shim.Install) {
					if faulty {
						i.Makers[0] = m.maker(t)
					}
				})
				o := t.App.Open(nil)
				if faulty {
					t.App.Sends(greeted)
				}
				return o
			},
		})
	}
	return append(all, cases.Case{
		ID: "APP-CERT-001", Revision: 1, Title: "the manufacturer has a right that this version does not use", Requirements: []string{"PST-OBJ-032", "PST-OBJ-026", "PST-OBJ-033", "PST-OBJ-008"},
		Run: func(t *cases.T) {
			t.App.Install(func(i *shim.Install) {
				i.Makers[0] = made(t, func(c *credential.AuthorityClaims) { c.Rights |= credential.RightTime | credential.RightRevoke })
			})
			t.Expect("the tap", t.App.Open(nil), opened...)
		},
	})
}

// lockRight is the right to certify locks.
const lockRight = uint64(credential.RightLock)

// rightly makes the manufacturer's certificate one with this scope.
func rightly(services []uint64, rights, longest uint64) func(t *cases.T) []byte {
	var all [][]byte
	for _, s := range services {
		all = append(all, credentialtest.Uint(s))
	}
	scope := credentialtest.Array(credentialtest.Array(all...), credentialtest.Uint(rights), credentialtest.Uint(longest))
	return func(t *cases.T) []byte {
		return resigned(t, made(t, nil), t.World.Key("scheme"), func(o *credentialtest.Object) {
			o.Claims(func(m *credentialtest.Map) { m.Set(9, credentialtest.Bytes(scope)) })
		})
	}
}

// made has the scheme certify the manufacturer, with altered claims.
func made(t *cases.T, alter func(*credential.AuthorityClaims)) []byte {
	c := credential.AuthorityClaims{
		Key: t.World.Public("maker"), IssuedAt: t.World.Now - 100*world.Day, Expires: t.World.Now + 1000*world.Day, Rights: credential.RightLock,
	}
	if alter != nil {
		alter(&c)
	}
	return t.Made(t.World.Scheme.Certify(c))
}

// resigned alters an object and signs it anew.
func resigned(t *cases.T, b []byte, key crypto.Signer, alter func(*credentialtest.Object)) []byte {
	return credentialtest.OfObject(func(o *credentialtest.Object) {
		alter(o)
		o.Sign(key)
	})(b)
}
