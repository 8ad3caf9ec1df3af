package app

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock/locktest"
)

// refused is a refusal of a pass for which the standard names no reason.
var refused = cases.Refused(credential.ReasonNone)

// anyReason takes the reason from a refusal.
func anyReason(o cases.Outcome) cases.Outcome {
	if o != cases.Taken {
		return refused
	}
	return o
}

// passesOfOthers are passes whose last grant is for a key that the app does not have.
func passesOfOthers() []cases.Case {
	var all []cases.Case
	for i, c := range []struct {
		what string
		make func(t *cases.T, key credential.PublicKey, p *pass)
	}{
		{"its last grant is for another key", func(t *cases.T, _ credential.PublicKey, p *pass) { p.chain = chainOf(t, 2, t.World.Public("stranger")) }},
		{"its only grant is for another key", func(t *cases.T, _ credential.PublicKey, p *pass) { p.chain = chainOf(t, 1, t.World.Public("stranger")) }},
		{"its last grant is for another key on P-256", func(t *cases.T, _ credential.PublicKey, p *pass) {
			p.chain = chainOf(t, 2, t.World.Public2("stranger"))
		}},
		{"its first grant is for the app's key, and the last one for another", func(t *cases.T, key credential.PublicKey, p *pass) {
			first, second := root(t, key, 1, nil), chainOf(t, 2, t.World.Public("stranger"))[1]
			second = hung(t, second, first, "stranger")
			p.chain = [][]byte{first, signedBy(t, second, t.World.Key("stranger"), credential.KeyIDOf(key))}
		}},
	} {
		all = append(all, cases.Case{
			ID: id("PASS", 80+i), Revision: 1, Title: "a pass is not used: " + c.what, Fault: c.what, Requirements: []string{"PST-PASS-006"},
			Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{refused},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				key := asked(t)
				p := usual(t, key)
				if faulty {
					c.make(t, key, p)
				}
				return anyReason(offer(t, faulty, p, func() cases.Outcome { return t.App.Take(p.bytes()) }))
			},
		})
	}
	return append(all, cases.Case{
		ID: id("PASS", 85), Revision: 1, Title: "a pass that was taken stays where the next one is refused", Fault: "the next pass has a byte behind it", Requirements: []string{"PST-PASS-005", "PST-PASS-006"},
		Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonMalformed)},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			key := asked(t)
			first, next := usual(t, key), &pass{chain: chainOf(t, 1, key), documents: [][]byte{policy(t, 3)}}
			t.Expect("the first pass", t.App.Take(first.bytes()), cases.Taken)
			b := next.bytes()
			if faulty {
				b = append(b, 0)
			}
			o := t.App.Take(b)
			switch {
			case o != cases.Taken:
				opensBy(t, credential.OperationOpen, first)
				t.Check(!sent(t, next.documents, func(r locktest.Request) [][]byte { return r.Documents }), "the policy of a pass that was refused is handed over")
			case !faulty:
				opensBy(t, credential.OperationOpen, next)
			}
			return o
		},
	})
}

// maker is a manufacturer whom a scheme certifies, and his certificate.
func maker(t *cases.T, scheme *issuer.Scheme, alter func(*credential.AuthorityClaims)) (*issuer.Maker, []byte) {
	c := credential.AuthorityClaims{
		Key: t.World.Public("other maker"), IssuedAt: t.World.Now - 100*world.Day, Expires: t.World.Now + 1000*world.Day, Rights: credential.RightLock,
	}
	if alter != nil {
		alter(&c)
	}
	b := t.Made(scheme.Certify(c))
	// Who signs needs a certificate with the right to, whatever stands in the pass.
	c.Rights, c.IssuedAt, c.Expires, c.Services, c.LongestGrant = credential.RightLock, t.World.Now-100*world.Day, t.World.Now+1000*world.Day, nil, 0
	good, err := t.World.Certify(c)
	t.OK(err)
	m, err := issuer.NewMaker(t.World.Key("other maker"), good)
	t.OK(err)
	return m, b
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
		_, b := maker(t, scheme, nil)
		return b
	}
	mine := func(alter func(*cases.T, *credential.AuthorityClaims)) func(t *cases.T) []byte {
		return func(t *cases.T) []byte {
			_, b := maker(t, t.World.Scheme, func(c *credential.AuthorityClaims) { alter(t, c) })
			return b
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
				m, _ := maker(t, t.World.Scheme, nil)
				p := usual(t, asked(t))
				p.authorities = append(p.authorities, c.make(t))
				t.Expect("the pass", t.App.Take(p.bytes()), cases.Taken)
				o := t.App.Open(func(d *cases.Door) {
					takes(credential.ReasonNone)(d)
					if faulty {
						madeBy(t, m)(d)
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
			m, certificate := maker(t, t.World.Scheme, nil)
			key := asked(t)
			p := &pass{chain: chainOf(t, 1, key), authorities: [][]byte{certificate}}
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

// badLinks are links that are not the one of a good pass, which they hold.
func badLinks() []cases.Case {
	const head = "postern:pass/"
	var all []cases.Case
	for i, c := range []struct {
		what string
		make func(t *cases.T, b []byte, link string) string
	}{
		{"padding stands behind it", func(_ *cases.T, b []byte, _ string) string { return head + base64.URLEncoding.EncodeToString(b) }},
		{"it is of the alphabet with + and /", func(_ *cases.T, b []byte, _ string) string { return head + base64.RawStdEncoding.EncodeToString(b) }},
		{"a line break stands in it", func(_ *cases.T, _ []byte, link string) string { return link[:76] + "\n" + link[76:] }},
		{"a carriage return stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + "\r" }},
		{"a space stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + " " }},
		{"a space stands before it", func(_ *cases.T, _ []byte, link string) string { return " " + link }},
		{"a full stop stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + "." }},
		{"a query stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + "?v=1" }},
		{"a character is written with a per cent sign", func(_ *cases.T, _ []byte, link string) string {
			return fmt.Sprintf("%s%%%02X", link[:len(link)-1], link[len(link)-1])
		}},
		{"a letter that looks like another one stands in it", func(_ *cases.T, _ []byte, link string) string {
			at := len(head) + strings.IndexAny(link[len(head):], "aceopx")
			return link[:at] + map[byte]string{'a': "а", 'c': "с", 'e': "е", 'o': "о", 'p': "р", 'x': "х"}[link[at]] + link[at+1:]
		}},
		{"bits other than zero stand behind its last byte", func(t *cases.T, _ []byte, link string) string {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
			return link[:len(link)-1] + string(alphabet[strings.IndexByte(alphabet, link[len(link)-1])+1])
		}},
		{"its scheme begins with a capital letter", func(_ *cases.T, _ []byte, link string) string { return "P" + link[1:] }},
		{"its kind is in capital letters", func(_ *cases.T, _ []byte, link string) string { return "postern:PASS/" + link[len(head):] }},
		{"it begins as a request does", func(_ *cases.T, _ []byte, link string) string { return "postern:request/" + link[len(head):] }},
		{"two slashes stand behind its scheme", func(_ *cases.T, _ []byte, link string) string { return "postern://pass/" + link[len(head):] }},
		{"its kind is missing", func(_ *cases.T, _ []byte, link string) string { return "postern:" + link[len(head):] }},
		{"it is base64url alone", func(_ *cases.T, _ []byte, link string) string { return link[len(head):] }},
	} {
		all = append(all, cases.Case{
			ID: id("PASS", 100+i), Revision: 1, Title: "the link of a good pass: " + c.what, Fault: "the link is another one: " + c.what, Requirements: []string{"PST-PASS-009"},
			Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonMalformed)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := linked(t, asked(t))
				b := p.bytes()
				good := cases.PassLink(b)
				link := good
				if faulty {
					link = c.make(t, b, good)
					if link == good {
						t.Brokenf("the link has no place for the fault")
					}
				}
				return offer(t, faulty, p, func() cases.Outcome { return t.App.TakeLink(link) })
			},
		})
	}
	return all
}

// linked is a good pass whose link ends within a byte, and so could have padding, and
// has a character that another alphabet lacks.
func linked(t *cases.T, key credential.PublicKey) *pass {
	for area := range len(t.World.Area) {
		p := usual(t, key)
		p.chain = [][]byte{root(t, key, 0, func(c *credential.GrantClaims) {
			c.Scope = append(c.Scope, credential.Entry{Target: credential.AreaTarget(t.World.Area[:area+1]), Actions: credential.ActionOpen})
		})}
		if b := p.bytes(); len(b)%3 != 0 && strings.ContainsAny(cases.PassLink(b), "-_") {
			return p
		}
	}
	t.Brokenf("no link ends within a byte")
	return nil
}
