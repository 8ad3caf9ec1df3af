package holder_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// policy is the owner's for a lock.
func policy(t testing.TB, w *worldtest.World, lock credential.LockID, version uint32) []byte {
	t.Helper()
	u, err := credential.NewPolicy(credential.PolicyClaims{
		Lock: lock, Version: version, IssuedAt: w.Now, Owner: w.Owner.PublicKey(),
	}, w.Owner.PublicKey())
	return sign(t, "owner", u, err)
}

// list is a revocation list of the named signer with so many entries, of about 16
// bytes each.
func list(t testing.TB, w *worldtest.World, signer string, version uint32, entries int) []byte {
	t.Helper()
	c := credential.RevocationClaims{IssuedAt: w.Now, Version: version}
	for i := range entries {
		c.Denied = append(c.Denied, credential.Denial{Tag: credential.Tag{7: byte(i)}, Expires: w.Now + worldtest.Day})
	}
	u, err := credential.NewRevocationList(c, worldtest.Public(t, signer))
	return sign(t, signer, u, err)
}

// token is a time token of the named signer, live where there is a nonce.
func token(t testing.TB, w *worldtest.World, signer string, nonce ...[16]byte) []byte {
	t.Helper()
	c := credential.TimeClaims{Time: w.Now}
	for _, n := range nonce {
		c.Live, c.Nonce = true, n
	}
	u, err := credential.NewTimeToken(c, worldtest.Public(t, signer))
	return sign(t, signer, u, err)
}

// source is the certificate of an authority that may revoke and tell the time.
func source(t *testing.T, w *worldtest.World, name string) []byte {
	t.Helper()
	return authority(t, w, name, func(c *credential.AuthorityClaims) { c.Rights = credential.RightTime | credential.RightRevoke })
}

func TestWhatIsAskedIsSentAsItIs(t *testing.T) {
	w := worldtest.New(t)
	f := newFake(t, w)
	r, err := w.OwnerPhone(t).Do(t.Context(), f.link(), holder.Ask{
		Operation: credential.OperationOpen, Resource: 7, Reference: credential.Reference{1, 2, 3}, Receipt: true,
	})
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Equal(t, []message.Request{{
		Operation: credential.OperationOpen, Resource: 7, Reference: credential.Reference{1, 2, 3}, Receipt: true,
	}}, f.requests)
}

func TestNoticeIsHandedOn(t *testing.T) {
	w := worldtest.New(t)
	notice := credential.Notice{Kind: credential.NoticeAway, Until: w.Now, Instruction: credential.InstructionHoldParcels}
	for _, outcome := range []message.Response{
		{Outcome: credential.OutcomeOpened, Notice: notice},
		{Outcome: credential.OutcomeRefused, Reason: credential.ReasonBlocked, Notice: notice},
	} {
		f := newFake(t, w)
		f.answer = func(int, message.Request) []byte { return encode(t, outcome) }
		r, err := w.NeighbourPhone(t).Open(t.Context(), f.link(), credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, notice, r.Notice)
	}
}

func TestDocumentsAreHandedToTheLocksTheyAreFor(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.NeighbourPhone(t)
	own, others := policy(t, w, w.LockID, 3), policy(t, w, credential.LockID{1}, 9)
	revoked, stated := list(t, w, "carrier", 1, 2), token(t, w, "carrier")
	p.Documents = [][]byte{others, own, revoked, others, stated}
	f.answer = func(_ int, r message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomeOpened, Documents: []credential.Reason{
			credential.ReasonNone, credential.ReasonIssuerUnknown, credential.ReasonSuperseded,
		}})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Len(t, f.requests, 1)
	require.Equal(t, [][]byte{own, revoked, stated}, f.requests[0].Documents)
	require.Empty(t, f.requests[0].Chain, "the phone has no certificate of the carrier's")
	require.Equal(t, []holder.DocumentResult{
		{Document: own}, {Document: revoked, Reason: credential.ReasonIssuerUnknown}, {Document: stated, Reason: credential.ReasonSuperseded},
	}, r.Documents)
}

// TestDocumentsThatAreNoneAreNotSent: the lock would end the transaction, and
// the box stay shut for a file that was spoilt.
func TestDocumentsThatAreNoneAreNotSent(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.NeighbourPhone(t)
	spoilt := policy(t, w, w.LockID, 3)
	spoilt = spoilt[:len(spoilt)-1]
	p.Documents = [][]byte{nil, {0x80}, p.Grant, spoilt, bytes.Repeat([]byte{0x84}, 2000)}
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
	require.Empty(t, f.requests[0].Documents)
	require.Len(t, r.Documents, 5)
	for i, reason := range []credential.Reason{1, 1, credential.ReasonObjectType, 1, 1} {
		require.Equal(t, holder.DocumentResult{Document: p.Documents[i], Reason: reason}, r.Documents[i])
	}
}

func TestCertificateOfWhoSignedADocumentGoesAlong(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.NeighbourPhone(t)
	carrier := source(t, w, "carrier")
	p.Authorities = append(p.Authorities, carrier, source(t, w, "somebody"))
	p.Documents = [][]byte{list(t, w, "carrier", 1, 0), token(t, w, "carrier"), list(t, w, "scheme", 1, 0)}
	_, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, [][]byte{carrier}, f.requests[0].Chain, "once, and nobody else's")
	require.ElementsMatch(t, p.Documents, f.requests[0].Documents)
}

// TestDocumentsGoInAnOrderInWhichEachCanBeJudged, whatever the order that the app
// has them in: policies by version, so that a transfer comes before what the new
// owner signed; the scheme's list before other lists and tokens.
func TestDocumentsGoInAnOrderInWhichEachCanBeJudged(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.NeighbourPhone(t)
	want := [][]byte{policy(t, w, w.LockID, 2), policy(t, w, w.LockID, 3), list(t, w, "scheme", 1, 0), list(t, w, "carrier", 1, 0)}
	p.Documents = [][]byte{want[3], want[1], want[2], want[0]}
	_, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	var got [][]byte
	for _, r := range f.requests {
		got = append(got, r.Documents...)
	}
	require.Equal(t, want, got)
}

// TestCertificateOfTheOperatorGoesAlongOnlyWhenAsked: the lock that verified the
// grant has it.
func TestCertificateOfTheOperatorGoesAlongOnlyWhenAsked(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.PostmanPhone(t)
	p.Documents = [][]byte{token(t, w, "post")}
	post := credential.KeyIDOf(worldtest.Public(t, "post"))
	_, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
	require.NoError(t, err)
	require.Empty(t, f.requests[0].Chain)

	f.requests = nil
	f.answer = func(n int, r message.Request) []byte {
		if n == 1 {
			return encode(t, message.Response{Missing: []credential.KeyID{post}})
		}
		return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
	require.NoError(t, err)
	require.Len(t, f.requests, 2)
	require.Equal(t, p.Authorities, f.requests[1].Chain)
	require.Equal(t, p.Documents, f.requests[1].Documents, "they were not read before")
	require.Equal(t, []holder.DocumentResult{{Document: p.Documents[0]}}, r.Documents)
}

// TestDocumentsOfAnOperatorWhomTheLockDidNotKnow carry the certificate in every
// request, for the lock has yet to open before it remembers it.
func TestDocumentsOfAnOperatorWhomTheLockDidNotKnow(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.PostmanPhone(t)
	for i := range 5 {
		p.Documents = append(p.Documents, list(t, w, "post", uint32(i+1), 20))
	}
	post := credential.KeyIDOf(worldtest.Public(t, "post"))
	f.answer = func(n int, r message.Request) []byte {
		if n == 1 {
			require.Empty(t, r.Chain)
			return encode(t, message.Response{Missing: []credential.KeyID{post}})
		}
		require.Equal(t, p.Authorities, r.Chain)
		return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationDeliver)
	require.NoError(t, err)
	require.Len(t, r.Documents, 5)
}

// requireDocumentsInTurn requires that the operation was asked once, last, with
// every document before it or beside it, in order.
func requireDocumentsInTurn(t *testing.T, f *fake, documents [][]byte, r holder.Result) {
	t.Helper()
	var handed [][]byte
	for i, q := range f.requests {
		want := credential.OperationStatus
		if i == len(f.requests)-1 {
			want = credential.OperationOpen
		}
		require.Equal(t, want, q.Operation, "request %d", i+1)
		require.LessOrEqual(t, len(q.Documents), wire.LimitDocuments)
		handed = append(handed, q.Documents...)
	}
	require.Equal(t, documents, handed)
	require.Len(t, r.Documents, len(documents))
	for i := range documents {
		require.Equal(t, holder.DocumentResult{Document: documents[i]}, r.Documents[i])
	}
}

func TestDocumentsThatDoNotFitGoAhead(t *testing.T) {
	w := worldtest.New(t)
	small := func(n int) (all [][]byte) {
		for i := range n {
			all = append(all, list(t, w, "carrier", uint32(i+1), 0))
		}
		return all
	}
	long := func(n int) (all [][]byte) {
		for i := range n {
			all = append(all, list(t, w, "carrier", uint32(i+1), 20))
		}
		return all
	}
	for _, c := range []struct {
		name      string
		documents [][]byte
		requests  int
	}{
		{"four that fit", small(4), 1},
		{"five, by their number", small(5), 2},
		{"eleven", small(11), 3},
		{"two long ones", long(2), 2},
		{"nine long ones", long(9), 5},
		{"long between small", slices.Concat(small(3), long(2), small(3)), 2},
	} {
		for _, certified := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				f, p := newFake(t, w), w.NeighbourPhone(t)
				p.Documents = c.documents
				if certified {
					p.Authorities = [][]byte{source(t, w, "carrier")}
				}
				f.answer = func(_ int, r message.Request) []byte {
					require.Equal(t, certified && len(r.Documents) > 0, len(r.Chain) == 1)
					return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
				}
				r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
				require.NoError(t, err)
				require.Equal(t, credential.OutcomeOpened, r.Outcome)
				requireDocumentsInTurn(t, f, c.documents, r)
				if !certified {
					require.Equal(t, c.requests, len(f.requests))
				}
			})
		}
	}
}

// TestDocumentsGoAheadInAResumedTap has no message_3 to share the command with.
func TestDocumentsGoAheadInAResumedTap(t *testing.T) {
	w := worldtest.New(t)
	f, p := resumable(t, w)
	for i := range 6 {
		p.Documents = append(p.Documents, list(t, w, "carrier", uint32(i+1), 20))
	}
	f.answer = func(_ int, r message.Request) []byte {
		return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
	}
	link := f.link()
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	require.NoError(t, err)
	requireDocumentsInTurn(t, f, p.Documents, r)
	require.Equal(t, 1, sent(link, wire.InsResume))
	require.Len(t, f.requests, 3)
	require.Equal(t, w.LockID, r.Lock)
}

// resumable returns a fake and a neighbour's phone that share a slot.
func resumable(t *testing.T, w *worldtest.World) (*fake, *holder.Phone) {
	t.Helper()
	f, p := newFake(t, w), w.NeighbourPhone(t)
	f.selection.Capabilities |= wire.CapabilityResumption
	p.Slots = holder.NewSlots()
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomeOpened, Slot: 9})
	}
	_, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	f.secret, err = f.exporter.Resumption(f.hash[:])
	require.NoError(t, err)
	f.requests = nil
	return f, p
}

// TestDocumentsOfARefusedResumption are handed over in the full exchange.
func TestDocumentsOfARefusedResumption(t *testing.T) {
	for name, c := range map[string]struct {
		documents int
		outcome   credential.Outcome
	}{
		"the operation was asked":   {1, credential.OutcomeUnconfirmed},
		"documents were sent ahead": {6, credential.OutcomeRefused},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			f, p := resumable(t, w)
			for i := range c.documents {
				p.Documents = append(p.Documents, list(t, w, "carrier", uint32(i+1), 20))
			}
			f.status = map[byte]apdu.Status{wire.InsResume: apdu.StatusRefused}
			f.answer = func(_ int, r message.Request) []byte {
				return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
			}
			r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			requireDocumentsInTurn(t, f, p.Documents, r)

			f.status[wire.InsHandshake1] = apdu.StatusFailure
			_, p = resumable(t, w)
			for i := range c.documents {
				p.Documents = append(p.Documents, list(t, w, "carrier", uint32(i+1), 20))
			}
			r, err = p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.Error(t, err)
			require.Equal(t, c.outcome, r.Outcome)
		})
	}
}

func TestDocumentThatNoCommandCarries(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.NeighbourPhone(t)
	u, err := credential.NewAuthority(credential.AuthorityClaims{
		Key: worldtest.Public(t, "carrier"), IssuedAt: w.Now - 1, Expires: w.Now + 1, Rights: credential.RightRevoke,
	}, w.Scheme.PublicKey())
	short := sign(t, "scheme", u, err)
	p.Authorities = [][]byte{short}
	p.Documents = [][]byte{list(t, w, "carrier", 1, 24), list(t, w, "carrier", 2, 24)}
	f.answer = func(_ int, r message.Request) []byte {
		return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	requireDocumentsInTurn(t, f, p.Documents, r)
}

// TestDocumentThatDoesNotFitBesideTheGrantWaits for a command of its own.
func TestDocumentThatDoesNotFitBesideTheGrantWaits(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.Phone(t, "neighbour", root(t, w, long))
	p.Documents = [][]byte{list(t, w, "carrier", 1, 24)}
	require.Greater(t, len(p.Grant)+len(p.Documents[0]), 900)
	f.answer = func(_ int, r message.Request) []byte {
		return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, []message.Request{{}, {Operation: credential.OperationOpen, Documents: p.Documents}}, f.requests)
	require.Equal(t, []holder.DocumentResult{{Document: p.Documents[0]}}, r.Documents)
}

// TestSlotsAreAskedForWithOpeningsAlone: a full exchange for anything else leaves
// the slot as it is.
func TestSlotsAreAskedForWithOpeningsAlone(t *testing.T) {
	w := worldtest.New(t)
	for operation, want := range map[credential.Operation]bool{
		credential.OperationStatus: false, credential.OperationReadLog: false, credential.OperationOpen: true, credential.OperationService: true,
	} {
		f, p := newFake(t, w), w.NeighbourPhone(t)
		f.selection.Capabilities |= wire.CapabilityResumption
		p.Slots = holder.NewSlots()
		_, err := p.Open(t.Context(), f.link(), operation)
		require.NoError(t, err)
		require.Equal(t, want, f.requests[0].Resumable, "%s", operation)
	}
}

// TestStatusWordAfterAResumedAnswerEndsTheTap: the slot is good, so no full
// exchange follows that could open a second time.
func TestStatusWordAfterAResumedAnswerEndsTheTap(t *testing.T) {
	w := worldtest.New(t)
	f, p := resumable(t, w)
	p.Wait = noWait
	f.status = map[byte]apdu.Status{wire.InsRequest: apdu.StatusRefused}
	f.answer = func(int, message.Request) []byte {
		return encode(t, message.Response{Outcome: credential.OutcomePending})
	}
	link := f.link()
	r, err := p.Open(t.Context(), link, credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonStatusWord, holder.AdviceAskIssuer)
	require.Equal(t, 1, sent(link, wire.InsSelect))
	require.Zero(t, sent(link, wire.InsHandshake1))
}

// TestDocumentsWhileTheLockGathers: those that the lock has read are
// not sent again, and those that it has not are.
func TestDocumentsWhileTheLockGathers(t *testing.T) {
	for name, read := range map[string]bool{"read at once": true, "read in the end": false} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			f, p := newFake(t, w), w.NeighbourPhone(t)
			p.Wait = noWait
			p.Documents = [][]byte{policy(t, w, w.LockID, 3)}
			f.answer = func(n int, r message.Request) []byte {
				response := message.Response{Outcome: credential.OutcomePending}
				if n == 3 {
					response.Outcome = credential.OutcomeOpened
				}
				if read || n == 3 {
					return decide(t, r, response)
				}
				return encode(t, response)
			}
			r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, []holder.DocumentResult{{Document: p.Documents[0]}}, r.Documents)
			require.Len(t, f.requests, 3)
			for i, q := range f.requests {
				require.Equal(t, !read || i == 0, len(q.Documents) == 1, "request %d", i+1)
			}
		})
	}
}

// TestDocumentsThatTheLockDoesNotMention are neither sent again nor in the
// Result, and reasons beyond their number are passed over.
func TestDocumentsThatTheLockDoesNotMention(t *testing.T) {
	w := worldtest.New(t)
	for _, told := range []int{0, 1, 4} {
		f, p := newFake(t, w), w.NeighbourPhone(t)
		p.Documents = [][]byte{policy(t, w, w.LockID, 3), token(t, w, "post")}
		f.answer = func(int, message.Request) []byte {
			return encode(t, message.Response{Outcome: credential.OutcomeOpened, Documents: make([]credential.Reason, told)})
		}
		r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
		require.NoError(t, err)
		require.Len(t, f.requests, 1)
		require.Len(t, r.Documents, min(told, 2))
	}
}

// TestLinkLostWhileDocumentsGoAhead: nothing was asked for yet, and what the lock
// has said of documents stays said.
func TestLinkLostWhileDocumentsGoAhead(t *testing.T) {
	w := worldtest.New(t)
	f, p := newFake(t, w), w.NeighbourPhone(t)
	for i := range 9 {
		p.Documents = append(p.Documents, list(t, w, "carrier", uint32(i+1), 0))
	}
	f.answer = func(_ int, r message.Request) []byte {
		return decide(t, r, message.Response{Outcome: credential.OutcomeOpened})
	}
	f.seal = func(c *edhoc.Channel, plain []byte) []byte {
		sealed, err := c.Seal(plain)
		require.NoError(t, err)
		if f.n == 2 {
			sealed[0] ^= 1
		}
		return sealed
	}
	r, err := p.Open(t.Context(), f.link(), credential.OperationOpen)
	requireFault(t, r, err, credential.OutcomeRefused, credential.ReasonChannel, holder.AdviceTapAgain)
	require.Len(t, r.Documents, 4)
	require.Len(t, f.requests, 2, "the phone does not begin again")
}
