package examples_test

import (
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/worldtest"
)

const certificateSection = "4.7"

// trust prints what every lock certificate needs.
func (p *page) trust(w *worldtest.World) {
	p.t.Helper()
	p.heading(2, "Objects")
	p.object("Manufacturer's certificate", "4.6", w.Maker.Authority().Bytes(), authority("authority certificate", "the manufacturer"))
}

func ownerOpens(p *page) {
	w := worldtest.New(p.t)
	phone := w.OwnerPhone(p.t)
	meets(p.t, w, phone)
	x := opens(p.t, w, phone, "opening", credential.OperationOpen)
	certificate := w.Config.Identities[0].Certificate

	p.text("An owner opens by the bare key, the one that the lock knows; there is no grant. The phone has met the lock before: it remembers the lock's certificate, so the lock names it by key id." +
		" Both sides use suite 0: X25519, Ed25519. The phone keeps no secret to resume. [Chapter 06](../06-exchange.md) defines what is shown here, [chapter 05](../05-apdu.md) the commands.")
	p.glance(x)
	p.keys([]party{scheme, manufacturer, theLock, owner}, nil)
	p.trust(w)
	p.object("Lock certificate", certificateSection, certificate, lockCertificate())
	p.full(x, script{title: "Tap 1: the owner opens", certificate: certificate, credential: byKey("the owner"), says: []string{
		"", "The certificate is asked for by key id, which keeps the answer short.",
		"Together with message_3 goes the first request: open. The answer says that the bolt moved. An owner is told the sequence number of the log, others get 0.",
	}})
}

func guestOpens(p *page) {
	w := worldtest.New(p.t)
	secondSuite(p.t, w)
	key := p256Key(p.t, "neighbour")
	claims := w.GuestClaims()
	claims.Holder = public(p.t, key)
	claims.Scope[0].PolicyVersion = 1
	gate := claims.Scope[0]
	gate.Target = credential.LockTarget(credential.LockID{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88})
	claims.Scope = append([]credential.Entry{gate}, claims.Scope...)
	g, err := w.Owner.Grant(claims)
	require.NoError(p.t, err)
	phone := w.Phone(p.t, "neighbour", g)
	phone.Key, err = holder.NewKey(key)
	require.NoError(p.t, err)
	meets(p.t, w, phone)
	x := opens(p.t, w, phone, "opening-p256", credential.OperationOpen)
	certificate := w.Config.Identities[1].Certificate

	p.text("A neighbour opens with a grant of the owner's. Her key is a P-256 key, as phones keep them in hardware, so the exchange runs in suite 2. The lock has a key and a certificate for either" +
		" suite. Owner and manufacturer sign with Ed25519: the suite of the exchange says nothing about who signed the objects. The grant has an entry for each of two locks of the owner's, the second for" +
		" this one, and is longer than what fits beside message_3 into 255 bytes: HANDSHAKE-2 has extended length fields.")
	p.text("What differs from [suite 0](opening.md):")
	p.row("| | suite 0 | suite 2 |\n|---|---|---|")
	p.row("| SUITES_I | `00` | `02`: the phone has a credential for suite 2 alone |")
	p.row("| G_X, G_Y, G_XY | u-coordinate, little endian | x-coordinate, big endian |")
	p.row("| COSE_Key | OKP, 40 bytes | EC2, 42 bytes; y by its sign |")
	p.row("| signatures | Ed25519 | ECDSA, r and s of 32 bytes each |")
	p.end()
	p.glance(x)
	p.keys([]party{scheme, manufacturer, owner}, []party{theLock, {"neighbour", "neighbour"}})
	p.trust(w)
	p.object("Lock certificate", certificateSection, certificate, lockCertificate())
	p.object("Neighbour's grant", "4.8", g, grant("grant", "the owner", "the neighbour", false))
	p.full(x, script{title: "Tap 1: the neighbour opens", suite: suite.P256, certificate: certificate, credential: byGrant("the neighbour's grant"), says: []string{
		"", "The capability suite-2 in the answer to SELECT has told the phone that the lock takes this suite.", "",
	}})
}

func postmanComes(p *page) {
	w := worldtest.New(p.t)
	phone := w.PostmanPhone(p.t)
	x := opens(p.t, w, phone, "first-visit", credential.OperationDeliver)
	certificate, post := w.Config.Identities[0].Certificate, w.Post.Authority().Bytes()

	p.text("A postman delivers. His phone has never met this lock, and the lock has never met his operator. So the phone asks for the lock's certificate by value, and the lock answers the grant" +
		" with the form missing: it names the key id of the signer whom it does not know. The phone sends the operator's certificate in a REQUEST, in the same channel. That takes one pair more than" +
		" the next visit will: the lock keeps the certificate in the commit of the opening (section 7.8), the phone keeps the lock's. The owner's policy admits the post to deliver.")
	p.glance(x)
	p.keys([]party{scheme, manufacturer, operator, theLock, {"postman", "postman"}}, nil)
	p.trust(w)
	p.object("Operator's certificate", "4.6", post, authority("authority certificate", "the operator"))
	p.object("Lock certificate", certificateSection, certificate, lockCertificate())
	p.object("Postman's grant", "4.8", phone.Grant, grant("grant", "the operator", "the postman", false))
	p.full(x, script{title: "Tap 1: the postman delivers", certificate: certificate, credential: byGrant("the postman's grant"),
		chain: []shape{{name: "the operator's certificate, as above", whole: true}},
		says: []string{
			"", "P1 asks for the certificate by value, since the phone has none for this lock id. PLAINTEXT_2 holds it whole.",
			"Possession of the postman's key is proved, and the lock looks for a key with the key id that stands as `kid` in the grant (section 7.5.1). It has none, so it tells which one it lacks and no more:" +
				" neither state nor reason, because nothing is verified yet. The state is now wait-chain (section 7.2).",
			"The phone asks again and adds the operator's certificate. The lock verifies it under the scheme's root, then the grant under it, judges the right and opens." +
				" The request is the second in this channel, so both counters are 1.",
		}})
}

func guestReturns(p *page) {
	w := worldtest.New(p.t)
	phone := w.NeighbourPhone(p.t)
	meets(p.t, w, phone)
	phone.Slots = holder.NewSlots()
	first := opens(p.t, w, phone, "resumed 1", credential.OperationOpen)
	second := opens(p.t, w, phone, "resumed 2", credential.OperationOpen)
	certificate := w.Config.Identities[0].Certificate

	p.text("A neighbour opens twice. The first tap is a full exchange with the flag resumption, and leaves a secret on both sides ([chapter 15](../15-resumption.md)). The second is resumed with it:" +
		" two pairs, no signature and no key exchange. The right is judged in both alike.")
	p.glance(first, second)
	p.keys([]party{scheme, manufacturer, owner, theLock, {"neighbour", "neighbour"}}, nil)
	p.trust(w)
	p.object("Lock certificate", certificateSection, certificate, lockCertificate())
	p.object("Neighbour's grant", "4.8", phone.Grant, grant("grant", "the owner", "the neighbour", false))
	e := p.full(first, script{title: "Tap 1: a full opening that leaves a secret", certificate: certificate, credential: byGrant("the neighbour's grant"), slot: true, says: []string{
		"", "", "The flag in the request asks for a slot, the field resumption in the response says how many openings it is good for. Both sides keep RS_0, the lock in the commit of the opening.",
	}})
	p.row("| kept by | what |\n|---|---|")
	p.row("| phone | RS_0, 32 openings, the manufacturer under whom the lock was proved |")
	p.row("| lock | RS_0, 32 openings, the grant, the key under which it was verified |")
	p.end()
	p.resumed(second, script{title: "Tap 2: the resumed opening"}, 0, e.rs0)
	p.text("31 openings are left. The response has no field resumption: the slot was not made anew.")
	requireSlot(p, w.LockID, phone, e.rs0)
}

// requireSlot sees to it that the phone keeps the secret after the one shown.
func requireSlot(p *page, lock credential.LockID, phone *holder.Phone, secret []byte) {
	p.t.Helper()
	u, err := credential.ParseGrant(phone.Grant)
	require.NoError(p.t, err)
	slot, ok := phone.Slots.Load(holder.SlotID{Lock: lock, Credential: u.Tag()})
	require.True(p.t, ok)
	require.Equal(p.t, kdf(p.t, secret, 3, nil, 32), slot.Secret[:])
	require.Equal(p.t, 31, slot.Taps)
}
