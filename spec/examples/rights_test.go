package examples_test

import (
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

func cousinOpens(p *page) {
	w := worldtest.New(p.t)
	claims := w.GuestClaims()
	claims.Scope[0].Actions |= credential.ActionCollect
	claims.Scope[0].Delegation = 1
	root, err := w.Owner.Grant(claims)
	require.NoError(p.t, err)
	neighbour, err := holder.NewKey(worldtest.Key("neighbour"))
	require.NoError(p.t, err)
	leaf, err := holder.Delegate(neighbour, [][]byte{root}, credential.GrantClaims{
		Holder: worldtest.Public(p.t, "cousin"), IssuedAt: w.Now, Expires: w.Now + worldtest.Day,
		Scope: []credential.Entry{{Target: credential.LockTarget(w.LockID), Actions: credential.ActionOpen}},
	})
	require.NoError(p.t, err)
	phone := w.Phone(p.t, "cousin", leaf)
	phone.Parents, phone.Extended = [][]byte{root}, false
	meets(p.t, w, phone)
	x := opens(p.t, w, phone, "delegated", credential.OperationOpen)
	certificate := w.Config.Identities[0].Certificate

	p.text("The owner granted the neighbour to open and to collect for thirty days, and to pass that on once. She goes away for a day and passes the right to open on to her cousin" +
		" ([chapter 17](../17-delegation-and-uses.md)). His own grant is the credential of the exchange; hers goes along in the chain of the request. His phone cannot send extended length fields, so HANDSHAKE-2 goes as a chain of two links.")
	p.glance(x)
	p.keys([]party{scheme, manufacturer, owner, theLock, {"neighbour", "neighbour"}, {"cousin", "cousin"}}, nil)
	p.trust(w)
	p.object("Lock certificate", certificateSection, certificate, lockCertificate())
	p.object("Neighbour's grant, the root's", "4.8", root, grant("grant", "the owner", "the neighbour", false))
	p.object("Cousin's grant, the leaf", "17.1", leaf, grant("grant", "the neighbour", "the cousin", true))
	p.text("The parent in the cousin's grant is the digest of the neighbour's, all 32 bytes of it, and `kid` is the key id of the key in `cnf` of the neighbour's grant. So the leaf hangs below this one grant and no other.")
	p.heading(2, "What the chain allows")
	p.text("Every link is judged by itself, and each must allow what is asked (section 17.3). Together they allow what stands in the last column:")
	p.intersection(root, leaf)
	p.requireIntersection(w, phone)
	p.row("| the cousin asks | outcome |\n|---|---|")
	p.row("| open | opened: this page |")
	p.row("| collect | refused, reason action (12): the leaf does not allow it, whatever the root's grant says |")
	p.end()
	p.full(x, script{title: "Tap 1: the cousin opens", certificate: certificate, credential: byGrant("the cousin's grant"),
		chain: []shape{{name: "the neighbour's grant, as above", whole: true}},
		says: []string{
			"", "", "A lock answers a link before the last with 9000 and waits. It acts on the joined data. Then it climbs from the leaf to the root (section 17.2): the parent of the leaf is the grant in the chain with this digest;" +
				" that one has no parent, and its signer is the owner. The signatures are verified from the root's grant down, then the links are judged.",
		}})
}

// intersection prints what two links allow, each and together.
func (p *page) intersection(root, leaf []byte) {
	p.t.Helper()
	a, err := credential.ParseGrant(root)
	require.NoError(p.t, err)
	b, err := credential.ParseGrant(leaf)
	require.NoError(p.t, err)
	above, below := a.Claims, b.Claims
	require.Equal(p.t, above.Scope[0].Target, below.Scope[0].Target)
	at := func(v credential.Time) string { return moment(value{number: int64(v)}) }
	actions := func(v credential.Actions) string { return many("actions")(value{number: int64(v)}) }
	p.row("| | root's grant | leaf | both |\n|---|---|---|---|")
	p.row("| signed by | the owner | the neighbour, holder of the root's grant | |")
	p.row("| `iat` | %s | %s | |", at(above.IssuedAt), at(below.IssuedAt))
	p.row("| `exp` | %s | %s | %s |", at(above.Expires), at(below.Expires), at(min(above.Expires, below.Expires)))
	p.row("| target | the lock | the lock | the lock |")
	p.row("| actions | %s | %s | %s |", actions(above.Scope[0].Actions), actions(below.Scope[0].Actions), actions(above.Scope[0].Actions&below.Scope[0].Actions))
	p.row("| links below | %d | %d | the leaf, and none below it |", above.Scope[0].Delegation, below.Scope[0].Delegation)
	p.end()
}

// requireIntersection has the cousin ask what the page says about collecting.
func (p *page) requireIntersection(w *worldtest.World, phone *holder.Phone) {
	p.t.Helper()
	w.PowerUp(p.t)
	r, err := phone.Open(p.t.Context(), w.Link(), credential.OperationCollect)
	require.NoError(p.t, err)
	require.Equal(p.t, credential.OutcomeRefused, r.Outcome)
	require.Equal(p.t, credential.ReasonAction, r.Reason)
}

func nobodyOpens(p *page) {
	w := worldtest.New(p.t)
	knowsPost(w)
	settings := w.Policy(p.t, func(c *credential.PolicyClaims) {
		c.Version, c.IssuedAt = 2, w.Now-2*worldtest.Day
		c.Block = credential.BlockServices
		c.Notice = credential.Notice{
			Kind: credential.NoticeAway, From: w.Now - worldtest.Day, Until: w.Now + 13*worldtest.Day,
			Instruction: credential.InstructionHoldParcels, Roles: credential.NoticeOperators,
		}
	})
	w.Hand(p.t, settings)
	phone, stranger := w.PostmanPhone(p.t), w.Phone(p.t, "stranger", nil)
	meets(p.t, w, phone)
	stranger.Locks = phone.Locks // the lock's certificate is no secret
	written := w.Flash.Programmed
	first := record(p.t, w, phone, "refused 1", func(link apdu.Transceiver) {
		r, err := phone.Open(p.t.Context(), link, credential.OperationDeliver)
		require.NoError(p.t, err)
		require.Equal(p.t, credential.OutcomeRefused, r.Outcome)
		require.Equal(p.t, credential.ReasonBlocked, r.Reason)
		require.Equal(p.t, credential.NoticeAway, r.Notice.Kind)
	})
	second := record(p.t, w, stranger, "refused 2", func(link apdu.Transceiver) {
		r, err := stranger.Open(p.t.Context(), link, credential.OperationOpen)
		require.Error(p.t, err)
		require.Equal(p.t, credential.ReasonStatusWord, r.Reason)
	})
	require.Zero(p.t, w.Bolt.Driven)
	require.Equal(p.t, written, w.Flash.Programmed)
	certificate := w.Config.Identities[0].Certificate

	p.text("The owner is away and has blocked the box for operators' staff, with a notice that asks to hold parcels. A postman comes with a good grant: he is refused inside the channel, with a reason, and shown the" +
		" notice. Then a stranger comes who has a phone, the lock's certificate and a key that the lock does not know: he is refused outside the channel.")
	p.row("| | the postman | the stranger |\n|---|---|---|")
	p.row("| proves possession of | the key of his grant | a key of his own |")
	p.row("| fails at | section 7.5, step 17; section 18.5, step 6 | section 7.5, step 6 |")
	p.row("| answer | a sealed response, 9000 | 6982, no data |")
	p.row("| outcome | refused (4) | none |")
	p.row("| reason | blocked (32) | none |")
	p.row("| learns besides | the notice: away, from when until when, hold parcels | nothing: 6982 is what every fault up to here gets |")
	p.row("| does not learn | policy version, floor, log: a refusal has no state | whether the lock has an owner, or what was wrong |")
	p.row("| the channel | stays open | there is none; the transaction is over |")
	p.row("| the lock writes | nothing: its floor was not behind the `iat` of the grant | nothing |")
	p.row("| the phone tells its user | not now, and why; the notice, by its own clock (section 18.6) | that the lock refused it |")
	p.end()
	p.glance(first, second)
	p.keys([]party{scheme, manufacturer, operator, owner, theLock, {"postman", "postman"}, {"stranger", "stranger"}}, nil)
	p.trust(w)
	p.object("Operator's certificate", "4.6", w.Post.Authority().Bytes(), authority("authority certificate", "the operator"))
	p.object("Lock certificate", certificateSection, certificate, lockCertificate())
	p.object("Postman's grant", "4.8", phone.Grant, grant("grant", "the operator", "the postman", false))
	p.object("Owner's policy", "18.1", settings, policy("policy"))
	p.text("The lock holds the operator's certificate from manufacture, and the policy since the owner's last visit.")
	p.full(first, script{title: "Tap 1: the postman is refused", certificate: certificate, credential: byGrant("the postman's grant"), says: []string{
		"", "", "Both signatures are good and the right is good at this lock: target, time and action. Only the owner's block is against it. The reason is owed to a verified grant, and the notice is shown because the" +
			" postman is only kept out for now.",
	}})
	p.full(second, script{title: "Tap 2: the stranger is refused", certificate: certificate, credential: byKey("the stranger"), says: []string{
		"", "Nothing tells the lock yet who is there: it answers this phone as it answers every other.",
		"Signature_or_MAC_3 verifies, so the stranger has the key that he names. It is no owner key, the lock is not vacant and its inside button is not pressed: section 7.5, step 6. The sealed request is not opened.",
	}})
}
