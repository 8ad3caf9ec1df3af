package app

import (
	"fmt"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

// otherMaker is a manufacturer of the app's scheme whom the app does not know.
func otherMaker(t *cases.T) *issuer.Maker {
	good, err := t.World.Certify(makerClaims(t))
	t.OK(err)
	m, err := issuer.NewMaker(t.World.Key("other maker"), good)
	t.OK(err)
	return m
}

// makerClaims are those of his certificate.
func makerClaims(t *cases.T) credential.AuthorityClaims {
	return credential.AuthorityClaims{
		Key: t.World.Public("other maker"), IssuedAt: t.World.Now - 100*world.Day, Expires: t.World.Now + 1000*world.Day, Rights: credential.RightLock,
	}
}

// madeBy makes the lock that of another manufacturer, with both suites.
func madeBy(t *cases.T, m *issuer.Maker) func(*cases.Door) {
	return func(d *cases.Door) {
		for suite, key := range map[int]credential.PublicKey{0: t.World.Public("lock"), 2: t.World.Public2("lock")} {
			identity := d.Identities[suite]
			identity.Certificate = t.Made(m.Certify(credential.LockClaims{Key: key, IssuedAt: t.World.Now - 50*world.Day, ID: t.World.Lock}))
			d.Identities[suite] = identity
		}
	}
}

// strangers are passes with the certificate of a manufacturer, and then a lock of his.
func strangers() []cases.Case {
	unknown := cases.Fault(credential.ReasonIssuerUnknown)
	elsewhere := func(t *cases.T) []byte {
		scheme, err := issuer.NewScheme(t.World.Key("other scheme"))
		t.OK(err)
		return t.Made(scheme.Certify(makerClaims(t)))
	}
	mine := func(alter func(*cases.T, *credential.AuthorityClaims)) func(t *cases.T) []byte {
		return func(t *cases.T) []byte {
			c := makerClaims(t)
			alter(t, &c)
			return t.Made(t.World.Scheme.Certify(c))
		}
	}
	var all []cases.Case
	for i, c := range []struct {
		what  string
		make  func(t *cases.T) []byte
		wants []cases.Outcome
	}{
		{"is of a scheme that the app does not trust", elsewhere, []cases.Outcome{unknown}},
		{"names the app's scheme, and another one signed it", func(t *cases.T) []byte {
			return signedBy(t, elsewhere(t), t.World.Key("other scheme"), credential.KeyIDOf(t.World.Scheme.PublicKey()))
		}, []cases.Outcome{unknown}},
		{"is signed by itself", func(t *cases.T) []byte {
			return signedBy(t, elsewhere(t), t.World.Key("other maker"), credential.KeyIDOf(t.World.Public("other maker")))
		}, []cases.Outcome{unknown}},
		{"is signed by a manufacturer whom the app trusts", func(t *cases.T) []byte {
			return signedBy(t, elsewhere(t), t.World.Key("maker"), credential.KeyIDOf(t.World.Public("maker")))
		}, []cases.Outcome{unknown}},
		{"is of the app's scheme, and lacks the right to certify locks", mine(func(_ *cases.T, c *credential.AuthorityClaims) { c.Rights = credential.RightTime }), []cases.Outcome{unknown, cases.Fault(credential.ReasonAuthorityRight)}},
		{"is of the app's scheme, and was over when the lock was certified", mine(func(t *cases.T, c *credential.AuthorityClaims) { c.Expires = t.World.Now - 60*world.Day }), []cases.Outcome{unknown, cases.Fault(credential.ReasonAuthorityExpired)}},
	} {
		what := fmt.Sprintf("the certificate of a manufacturer in the pass %s, and the lock is his", c.what)
		all = append(all, cases.Case{
			ID: id("PASS", 90+i), Revision: 1, Title: what, Fault: what, Requirements: []string{"PST-PASS-007"}, Passes: opened, Allowed: c.wants,
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := usual(t, asked(t))
				p.authorities = append(p.authorities, c.make(t))
				t.Expect("the pass", t.App.Take(p.bytes()), cases.Taken)
				o := t.App.Open(func(d *cases.Door) {
					takes(credential.ReasonNone)(d)
					if faulty {
						madeBy(t, otherMaker(t))(d)
					}
				})
				t.Check(faulty || shows(t, p.chain[1]), "the phone does not show the last grant of the pass")
				return o
			},
		})
	}
	return append(all, cases.Case{
		ID: id("PASS", 11), Revision: 1, Title: "the certificate of a manufacturer comes by the pass, under the app's own root", Requirements: []string{"PST-PASS-007"},
		Run: func(t *cases.T) {
			m := otherMaker(t)
			p := &pass{chain: chainOf(t, 1, asked(t)), authorities: [][]byte{m.Authority().Bytes()}}
			t.Expect("the pass", t.App.Take(p.bytes()), cases.Taken)
			o := t.App.Open(madeBy(t, m))
			t.Expect("a lock of this manufacturer", o, opened[0], unknown)
			if o == unknown {
				t.Notef("the app relies on no manufacturer whose certificate comes by a pass")
				opensBy(t, credential.OperationOpen, p)
				return
			}
			t.Check(shows(t, p.chain[0]), "the phone does not show the grant of the pass")
		},
	})
}
