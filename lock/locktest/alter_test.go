package locktest_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	. "github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/credential/holder/holdertest"
	"github.com/postern-lock/postern/lock/locktest"
)

// TestEveryValueCanBeAltered shows that each alteration arrives, and that the
// reference's phone refuses it for what it is.
func TestEveryValueCanBeAltered(t *testing.T) {
	flip := Flip(-1)
	for _, c := range []struct {
		name    string
		value   locktest.Value
		alter   func([]byte) []byte
		outcome credential.Outcome
		reason  credential.Reason
	}{
		{"no template", locktest.Selection, Replace([]byte{0x6F, 0}), credential.OutcomeRefused, credential.ReasonMalformed},
		{"other SELECT hash", locktest.SelectHash, flip, credential.OutcomeRefused, credential.ReasonStatusWord},
		{"G_Y of low order", locktest.GY, Replace(make([]byte, 32)), credential.OutcomeRefused, credential.ReasonPossession},
		{"G_XY", locktest.GXY, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"H(message_1)", locktest.Message1Hashed, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"TH_2", locktest.TH2, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"PRK_2e", locktest.PRK, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"CRED_R", locktest.CredR, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"ID_CRED_R", locktest.IDCredR, Replace(append([]byte{0xA1, 0x04}, Bytes(make([]byte, 8))...)), credential.OutcomeRefused, credential.ReasonLockIdentity},
		{"MAC_2", locktest.MAC2, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"what is signed", locktest.Signed2, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"signature", locktest.Signature2, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"EAD_2", locktest.Plaintext2, Extend(Int(0)...), credential.OutcomeRefused, credential.ReasonPossession},
		{"no certificate", locktest.Plaintext2, OfItems(func(i [][]byte) [][]byte { return [][]byte{i[0], i[2]} }), credential.OutcomeRefused, credential.ReasonPossession},
		{"CIPHERTEXT_2", locktest.Ciphertext2, flip, credential.OutcomeRefused, credential.ReasonPossession},
		{"message_2", locktest.Message2, Cut(1), credential.OutcomeRefused, credential.ReasonPossession},
		{"error message", locktest.Message2, Replace([]byte{0x02, 0x02}), credential.OutcomeRefused, credential.ReasonSuite},
		{"TH_3", locktest.TH3, flip, credential.OutcomeRefused, credential.ReasonStatusWord},
		{"TH_4", locktest.TH4, flip, credential.OutcomeRefused, credential.ReasonStatusWord},
		{"PRK_out", locktest.PRKOut, flip, credential.OutcomeRefused, credential.ReasonStatusWord},
		{"PRK_exporter", locktest.PRKExporter, flip, credential.OutcomeRefused, credential.ReasonStatusWord},
		{"channel keys", locktest.ChannelKeys, Flip(16), credential.OutcomeUnconfirmed, credential.ReasonChannel},
		{"response without state", locktest.Plaintext, OfMap(func(m *Map) { m.Delete(3) }), credential.OutcomeUnconfirmed, credential.ReasonMalformed},
		{"response of another form", locktest.Plaintext, Replace(Text("opened")), credential.OutcomeUnconfirmed, credential.ReasonMalformed},
		{"unknown field", locktest.Plaintext, OfMap(func(m *Map) { m.Append(Int(99), Int(1)) }), credential.OutcomeOpened, 0},
		{"unknown outcome", locktest.Plaintext, OfMap(func(m *Map) { m.Set(1, Int(99)) }), credential.OutcomeUnconfirmed, 0},
		{"response sealed otherwise", locktest.Sealed, flip, credential.OutcomeUnconfirmed, credential.ReasonChannel},
		{"data of an answer", locktest.Data, Cut(1), credential.OutcomeRefused, credential.ReasonMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachSuite(t, func(t *testing.T, suite int) {
				l, p := newPeer(), newPhone(t, suite)
				l.Alter = locktest.Alter{c.value: c.alter}
				r, _ := p.Open(t.Context(), l.Link(), credential.OperationOpen)
				require.Equal(t, c.outcome, r.Outcome)
				require.Equal(t, c.reason, r.Reason)
				l.Alter = nil
				r, err := p.Open(t.Context(), l.Link(), credential.OperationOpen)
				require.NoError(t, err)
				require.Equal(t, credential.OutcomeOpened, r.Outcome, "the valid twin")
			})
		})
	}
}

// TestEphemeralKeyIsChosen by the tester.
func TestEphemeralKeyIsChosen(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite int) {
		l, p := newPeer(), newPhone(t, suite)
		l.Alter = locktest.Alter{locktest.PrivateKey: Replace(bytes.Repeat([]byte{7}, 32))}
		var shares [2][]byte
		for i := range shares {
			_, err := p.Open(t.Context(), l.Link(), credential.OperationOpen)
			require.NoError(t, err)
			shares[i] = l.Values()[locktest.GY]
		}
		require.Equal(t, shares[0], shares[1])
	})
}

// TestWhatALockIs alters what it says and has.
func TestWhatALockIs(t *testing.T) {
	key, _ := world.Identity(0)
	for name, c := range map[string]struct {
		alter  func(*locktest.Peer)
		reason credential.Reason
	}{
		"older version":             {func(l *locktest.Peer) { l.Alter = locktest.Alter{locktest.Selection: version(0)} }, credential.ReasonVersion},
		"capability that is no one": {func(l *locktest.Peer) { l.Capabilities |= 1 << 20 }, 0},
		"another lock's certificate": {func(l *locktest.Peer) {
			l.Identities[0] = locktest.Identity{Key: key, Certificate: world.LockCertificate(key, func(c *credential.LockClaims) { c.ID[0]++ })}
		}, credential.ReasonLockIdentity},
		"certificate without its key": {func(l *locktest.Peer) {
			l.Identities[0] = locktest.Identity{Key: world.Key("thief"), Certificate: l.Identities[0].Certificate}
		}, credential.ReasonPossession},
		"another lock": {func(l *locktest.Peer) { l.ID[0]++ }, credential.ReasonLockIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			l, p := newPeer(), newPhone(t, 0)
			c.alter(l)
			r, _ := p.Open(t.Context(), l.Link(), credential.OperationOpen)
			require.Equal(t, c.reason, r.Reason)
		})
	}
	l, p := newPeer(), newPhone(t, 2)
	l.Capabilities = 0 // suite 2 is there, and hidden
	r, _ := p.Open(t.Context(), l.Link(), credential.OperationOpen)
	require.Equal(t, credential.ReasonSuite, r.Reason)
}

// version alters the version in the answer to SELECT.
func version(v byte) func([]byte) []byte {
	return func(b []byte) []byte {
		b[5] = v
		return b
	}
}

// TestAnswersAreGivenOtherwise by silence, in pieces, and by status words.
func TestAnswersAreGivenOtherwise(t *testing.T) {
	for name, c := range map[string]struct {
		alter   func(*locktest.Peer)
		outcome credential.Outcome
		reason  credential.Reason
	}{
		"silence to the request": {func(l *locktest.Peer) {
			l.APDU = func(c, r []byte) []byte {
				if c[1] == 0x12 {
					return nil
				}
				return r
			}
		}, credential.OutcomeUnconfirmed, credential.ReasonLink},
		"a byte at a time beyond what a phone fetches": {func(l *locktest.Peer) {
			l.Piece = func(_ int, left []byte) (int, apdu.Status) {
				if len(left) > 1 {
					return 1, apdu.StatusMoreData | 1
				}
				return 1, apdu.StatusOK
			}
		}, credential.OutcomeRefused, credential.ReasonMalformed},
		"ten bytes at a time": {func(l *locktest.Peer) {
			l.Piece = func(_ int, left []byte) (int, apdu.Status) {
				if len(left) > 10 {
					return 10, apdu.StatusMoreData | apdu.Status(min(len(left)-10, 255))
				}
				return len(left), apdu.StatusOK
			}
		}, credential.OutcomeOpened, 0},
		"status word": {func(l *locktest.Peer) {
			l.Answer = func(c apdu.Command, r *apdu.Response) {
				if c.INS == 0x12 {
					*r = apdu.Response{SW: apdu.StatusRefused}
				}
			}
		}, credential.OutcomeRefused, credential.ReasonStatusWord},
		"pending for ever": {func(l *locktest.Peer) {
			l.Respond = func(locktest.Request) locktest.Response {
				return locktest.Response{Outcome: credential.OutcomePending, Charge: 50, Wait: 10 * time.Second}
			}
		}, credential.OutcomeRefused, credential.ReasonBusy},
		"missing for ever": {func(l *locktest.Peer) {
			l.Respond = func(locktest.Request) locktest.Response {
				return locktest.Response{Missing: []credential.KeyID{credential.KeyIDOf(world.Owner.PublicKey())}}
			}
		}, credential.OutcomeRefused, credential.ReasonIssuerUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			l, p := newPeer(), newPhone(t, 0)
			c.alter(l)
			r, _ := p.Open(t.Context(), l.Link(), credential.OperationOpen)
			require.Equal(t, c.outcome, r.Outcome)
			require.Equal(t, c.reason, r.Reason)
		})
	}
}

// tester is the phone for testers of locks.
func tester(l *locktest.Peer, suite int) *holdertest.Phone {
	k := key(suite, "guest")
	return &holdertest.Phone{Link: l.Link(), Rand: world.Rand("phone"), Key: k, Grant: world.Guest(k), Roots: world.Roots(), Makers: world.Makers()}
}

// opening goes through the exchange, as far as it goes, and returns what the
// tester's phone has against the lock.
func opening(t *testing.T, p *holdertest.Phone, r holdertest.Request) []holdertest.Fault {
	t.Helper()
	selected, err := p.Select(t.Context())
	require.NoError(t, err)
	if selected.SW != apdu.StatusOK || len(selected.Faults) > 0 {
		return selected.Faults
	}
	proof, err := p.Handshake1(t.Context())
	require.NoError(t, err)
	if proof.SW != apdu.StatusOK || len(proof.Faults) > 0 {
		return proof.Faults
	}
	a, err := p.Handshake2(t.Context(), r)
	require.NoError(t, err)
	return a.Faults
}

// TestTheTestersPhoneNamesFaults holds the two peers against each other: what the
// lock does wrong is named by the requirement.
func TestTheTestersPhoneNamesFaults(t *testing.T) {
	open := holdertest.Request{Operation: credential.OperationOpen}
	respond := func(r locktest.Response) func(*locktest.Peer) {
		return func(l *locktest.Peer) { l.Respond = func(locktest.Request) locktest.Response { return r } }
	}
	alter := func(v locktest.Value, f func([]byte) []byte) func(*locktest.Peer) {
		return func(l *locktest.Peer) { l.Alter = locktest.Alter{v: f} }
	}
	byAnother, err := locktest.Receipt(world.Key("another"), credential.ReceiptClaims{Lock: world.LockID, Floor: world.Now, PolicyVersion: 1})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		alter       func(*locktest.Peer)
		request     holdertest.Request
		requirement string
	}{
		"nothing":                    {func(*locktest.Peer) {}, open, ""},
		"version":                    {alter(locktest.Selection, version(2)), open, "PST-APDU-008"},
		"no template":                {alter(locktest.Selection, Flip(0)), open, "PST-APDU-008"},
		"unknown capability":         {func(l *locktest.Peer) { l.Capabilities |= 1 << 20 }, open, "PST-APDU-011"},
		"another lock's certificate": {func(l *locktest.Peer) { l.ID[0]++ }, open, "PST-APDU-008"},
		"signature":                  {alter(locktest.Signature2, Flip(0)), open, "PST-EDH-021"},
		"EAD":                        {alter(locktest.Plaintext2, Extend(Int(0)...)), open, "PST-EDH-021"},
		"connection identifier":      {alter(locktest.Plaintext2, SetItem(0, Bytes(make([]byte, 3)))), open, "PST-EDH-021"},
		"form of the certificate":    {alter(locktest.Plaintext2, SetItem(1, Bytes(make([]byte, 8)))), open, "PST-EDH-011"},
		"error message":              {alter(locktest.Message2, Replace([]byte{2, 0x81, 0})), open, "PST-EDH-028"},
		"error without a cause":      {alter(locktest.Message2, Replace([]byte{2, 0x82, 0, 2})), open, "PST-EDH-028"},
		"sealed otherwise":           {alter(locktest.Sealed, Flip(0)), open, "PST-CHAN-001"},
		"unknown field":              {alter(locktest.Plaintext, OfMap(func(m *Map) { m.Append(Int(11), Int(1)) })), open, "PST-REQ-004"},
		"no state":                   {alter(locktest.Plaintext, OfMap(func(m *Map) { m.Delete(3) })), open, "PST-REQ-004"},
		"sequence for a guest":       {func(l *locktest.Peer) { l.State.Sequence = 7 }, open, "PST-REQ-009"},
		"status that opens":          {respond(locktest.Response{Outcome: credential.OutcomeOpened}), holdertest.Request{}, "PST-DEC-007"},
		"opening that is done":       {respond(locktest.Response{}), open, "PST-DEC-007"},
		"slot unasked":               {respond(locktest.Response{Outcome: credential.OutcomeOpened, Slot: 32}), open, "PST-RES-023"},
		"page unasked":               {respond(locktest.Response{Log: make([]byte, 792)}), holdertest.Request{}, "PST-LOG-022"},
		"documents unasked":          {respond(locktest.Response{Documents: []credential.Reason{0}}), holdertest.Request{}, "PST-DOC-006"},
		"documents not told":         {func(*locktest.Peer) {}, holdertest.Request{Documents: [][]byte{world.StatedTime(world.Now)}}, "PST-DOC-006"},
		"slot not kept":              {func(*locktest.Peer) {}, holdertest.Request{Operation: credential.OperationOpen, Resumable: true}, "PST-RES-023"},
		"page not there":             {func(*locktest.Peer) {}, holdertest.Request{Operation: credential.OperationReadLog}, "PST-LOG-010"},
		"page in clear":              {respond(locktest.Response{Log: make([]byte, 768)}), holdertest.Request{Log: true}, "PST-LOG-022"},
		"page with no array":         {respond(locktest.Response{Log: make([]byte, 768)}), holdertest.Request{Operation: credential.OperationReadLog}, "PST-LOG-010"},
		"page of another lock":       {respond(locktest.Response{Log: locktest.Page(credential.LockID{9}, credential.LogHead{})}), holdertest.Request{Operation: credential.OperationReadLog}, "PST-LOG-010"},
		"missing another":            {respond(locktest.Response{Missing: []credential.KeyID{{9}}}), open, "PST-REQ-004"},
		"receipt not there":          {func(*locktest.Peer) {}, holdertest.Request{Operation: credential.OperationOpen, Receipt: true}, "PST-LOG-015"},
		"receipt by another key": {respond(locktest.Response{Outcome: credential.OutcomeOpened, Receipt: byAnother}),
			holdertest.Request{Operation: credential.OperationOpen, Receipt: true}, "PST-LOG-015"},
		"two missing": {respond(locktest.Response{Missing: make([]credential.KeyID, 2)}), open, "PST-REQ-004"},
		"data with a status word": {func(l *locktest.Peer) {
			l.APDU = func(c, r []byte) []byte { return []byte{1, 2, 0x69, 0x82} }
		}, open, "PST-APDU-023"},
		"wrong count": {func(l *locktest.Peer) {
			l.Piece = func(_ int, left []byte) (int, apdu.Status) {
				if len(left) > 20 {
					return 20, apdu.StatusMoreData | 3
				}
				return len(left), apdu.StatusOK
			}
		}, open, "PST-APDU-023"},
		"no status word": {func(l *locktest.Peer) { l.APDU = func(c, r []byte) []byte { return r[:1] } }, open, "PST-APDU-023"},
		"1025 bytes":     {alter(locktest.Selection, Replace(make([]byte, 1025))), open, "PST-APDU-023"},
	} {
		t.Run(name, func(t *testing.T) {
			eachSuite(t, func(t *testing.T, suite int) {
				l := newPeer()
				c.alter(l)
				faults := opening(t, tester(l, suite), c.request)
				if c.requirement == "" {
					require.Empty(t, faults)
					return
				}
				require.NotEmpty(t, faults)
				require.Equal(t, c.requirement, faults[0].Requirement, faults)
			})
		})
	}
}

// TestTheTestersLockNamesFaults is the same the other way round.
func TestTheTestersLockNamesFaults(t *testing.T) {
	open := holdertest.Request{Operation: credential.OperationOpen}
	for name, c := range map[string]struct {
		alter       func(*holdertest.Phone, *locktest.Peer)
		requirement string
	}{
		"nothing":       {func(*holdertest.Phone, *locktest.Peer) {}, ""},
		"SELECT":        {func(p *holdertest.Phone, _ *locktest.Peer) { p.Command = func(c *apdu.Command) { c.Ne = 10 } }, "PST-APDU-007"},
		"no Le":         {func(p *holdertest.Phone, _ *locktest.Peer) { p.Command = func(c *apdu.Command) { c.Ne = 0 } }, "PST-APDU-030"},
		"method":        {sends(holdertest.Message1, SetItem(0, Int(1))), "PST-EDH-017"},
		"EAD_1":         {sends(holdertest.Message1, Extend(Int(1)...)), "PST-EDH-017"},
		"no sequence":   {sends(holdertest.Message1, Replace([]byte{0xFF})), "PST-EDH-017"},
		"EDHOC error":   {sends(holdertest.Message3, Replace([]byte{1})), "PST-EDH-031"},
		"message_3":     {sends(holdertest.Ciphertext3, Flip(0)), "PST-EDH-034"},
		"signature":     {sends(holdertest.Signature3, Flip(0)), "PST-EDH-034"},
		"EAD_3":         {sends(holdertest.Plaintext3, Extend(Int(1)...)), "PST-EDH-034"},
		"credential":    {sends(holdertest.Plaintext3, SetItem(0, Bytes(make([]byte, 8)))), "PST-EDH-013"},
		"sealed":        {sends(holdertest.Sealed, Flip(0)), "PST-CHAN-001"},
		"unknown field": {sends(holdertest.Plaintext, OfMap(func(m *Map) { m.Append(Int(9), Int(1)) })), "PST-REQ-001"},
		"no operation":  {sends(holdertest.Plaintext, OfMap(func(m *Map) { m.Delete(1) })), "PST-REQ-001"},
		"page 0 said":   {sends(holdertest.Plaintext, Replace([]byte{0x80})), "PST-REQ-001"},
		"extended unannounced": {func(p *holdertest.Phone, l *locktest.Peer) {
			l.Capabilities = locktest.CapabilitySuite2
			p.APDUs = func(apdus [][]byte) [][]byte {
				if apdus[0][1] != 0xA4 {
					apdus[0] = append([]byte{apdus[0][0], apdus[0][1], apdus[0][2], apdus[0][3], 0, 0}, append(apdus[0][4:len(apdus[0])-1], 0, 0)...)
				}
				return apdus
			}
		}, "PST-APDU-006"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newPeer()
			p := tester(l, 0)
			c.alter(p, l)
			_ = opening(t, p, open)
			if c.requirement == "" {
				require.Empty(t, l.Faults())
				return
			}
			require.NotEmpty(t, l.Faults())
			require.Equal(t, c.requirement, l.Faults()[0].Requirement, l.Faults())
		})
	}
}

// sends returns the alteration of one value of the phone's.
func sends(v holdertest.Value, f func([]byte) []byte) func(*holdertest.Phone, *locktest.Peer) {
	return func(p *holdertest.Phone, _ *locktest.Peer) { p.Alter = holdertest.Alter{v: f} }
}
