package holder_test

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// scenes are what brings the rows about, by state, input and guard.
var scenes = map[string]map[string]scene{
	"start | lock in the field | ": {"any": {prepare: plain, outcome: credential.OutcomeOpened}},
	"selecting | answer, 9000 | passes section 8.3; a slot may be used (section 15.4) and RESUME was not sent in this tap": {
		"slot": {prepare: slot, outcome: credential.OutcomeOpened},
	},
	"selecting | answer, 9000 | passes section 8.3": {
		"no slot":         {prepare: plain, outcome: credential.OutcomeOpened},
		"RESUME was sent": {prepare: both(slot, says(1, "6982")), at: 2, outcome: credential.OutcomeOpened},
	},
	"selecting, greeting | link lost, status word | within the phone's bound (section 8.7), RESUME was not sent in this tap": {
		"SELECT lost":       {prepare: loses(0), outcome: credential.OutcomeOpened},
		"SELECT refused":    {prepare: says(0, "6A82"), outcome: credential.OutcomeRefused, reason: credential.ReasonStatusWord},
		"HANDSHAKE lost":    {prepare: loses(1), at: 1, outcome: credential.OutcomeOpened},
		"HANDSHAKE refused": {prepare: says(1, "6982"), at: 1, outcome: credential.OutcomeRefused, reason: credential.ReasonStatusWord},
		"both lost":         {prepare: both(loses(1), loses(2)), at: 2, outcome: credential.OutcomeRefused, reason: credential.ReasonLink},
	},
	"selecting | anything else | ": {
		"garbage": {prepare: says(0, "6F00 9000"), outcome: credential.OutcomeRefused, reason: credential.ReasonMalformed},
		"another lock": {prepare: func(v *visit) { v.phone.Expect = credential.LockID{1} },
			outcome: credential.OutcomeRefused, reason: credential.ReasonLockIdentity},
		"lost after RESUME": {prepare: both(slot, both(says(1, "6982"), loses(2))), at: 2,
			outcome: credential.OutcomeUnconfirmed, reason: credential.ReasonLink},
	},
	"resuming | sealed response | ": {
		"pending": {prepare: both(slot, answers(waiting, opened)), at: 1, outcome: credential.OutcomeOpened},
	},
	"resuming | status word | ": {"6982": {prepare: both(slot, says(1, "6982")), at: 1, outcome: credential.OutcomeOpened}},
	"resuming | anything else | ": {
		"garbage": {prepare: both(slot, says(1, "00 9000")), at: 1, outcome: credential.OutcomeUnconfirmed, reason: credential.ReasonChannel},
		"lost":    {prepare: both(slot, loses(1)), at: 1, outcome: credential.OutcomeUnconfirmed, reason: credential.ReasonLink},
	},
	"greeting | message_2, 9000 | passes section 8.4": {"any": {prepare: plain, at: 1, outcome: credential.OutcomeOpened}},
	"greeting | EDHOC error 2 | first in this tap, a credential for a suite of SUITES_R": {
		"one key": {prepare: says(1, "0202 9000"), at: 1, outcome: credential.OutcomeRefused, reason: credential.ReasonSuite, unfit: true},
	},
	"greeting | other key id than expected | first in this tap": {
		"replaced":              {prepare: otherLock, at: 1, outcome: credential.OutcomeOpened},
		"replaced, with a slot": {prepare: both(slot, both(otherLock, says(1, "6982"))), at: 3, outcome: credential.OutcomeOpened},
	},
	"greeting | anything else | ": {
		"garbage": {prepare: says(1, "9000"), at: 1, outcome: credential.OutcomeRefused, reason: credential.ReasonPossession},
		"impostor": {prepare: func(v *visit) { v.lock.key = worldtest.Key("impostor") }, at: 1,
			outcome: credential.OutcomeRefused, reason: credential.ReasonPossession},
		"another key id again": {prepare: both(otherLock, func(v *visit) {
			v.lock.idCred = func(bool) []byte { return unhex(v.t, "A1 04 48 FFFFFFFFFFFFFFFF") }
		}), at: 3, outcome: credential.OutcomeRefused, reason: credential.ReasonLockIdentity},
		"lost after RESUME": {prepare: both(slot, both(says(1, "6982"), loses(3))), at: 3,
			outcome: credential.OutcomeUnconfirmed, reason: credential.ReasonLink},
	},
	"asking | sealed response: missing | first for this key id in this channel, parents or certificate at hand": {
		"postman": {prepare: both(postman, answers(lacking, opened)), at: 2, outcome: credential.OutcomeOpened},
	},
	"asking | sealed response: pending | tries left": {
		"once": {prepare: answers(waiting, opened), at: 2, outcome: credential.OutcomeOpened},
	},
	"asking | sealed response: refused, `reasons/evidence` (35) | first in this tap, the lock announces live time, and a source of live tokens is at hand": {
		"once": {prepare: both(online, answers(timeless, opened)), at: 2, outcome: credential.OutcomeOpened},
	},
	"asking | sealed response: decision about a request that went ahead (section 8.5) | ": {
		"many documents": {prepare: both(laden, answers(opened)), at: 2, outcome: credential.OutcomeOpened},
	},
	"asking | sealed response: decision other than refused | pages of the log are wanted and may be left": {
		"log alone":         {prepare: both(pages(credential.OperationStatus), keepsSlots), at: 2, outcome: credential.OutcomeDone},
		"after the opening": {prepare: both(pages(credential.OperationOpen), keepsSlots), at: 2, outcome: credential.OutcomeOpened},
	},
	"asking | sealed response: another decision | ": {
		"opened":   {prepare: both(plain, keepsSlots), at: 2, outcome: credential.OutcomeOpened},
		"resumed":  {prepare: both(slot, answers(waiting, opened)), at: 2, outcome: credential.OutcomeOpened},
		"refused":  {prepare: answers(refused), at: 2, outcome: credential.OutcomeRefused, reason: credential.ReasonHours},
		"evidence": {prepare: both(online, answers(timeless, timeless)), at: 3, outcome: credential.OutcomeRefused, reason: credential.ReasonEvidence},
		"no source": {prepare: both(online, both(answers(timeless), func(v *visit) { v.phone.Live = nil })), at: 2,
			outcome: credential.OutcomeRefused, reason: credential.ReasonEvidence},
	},
	"asking | link lost before the last command of HANDSHAKE-2 was handed to it | within the phone's bound (section 8.7), RESUME was not sent in this tap": {
		"once":  {prepare: both(laden, both(short, loses(2))), at: 2, outcome: credential.OutcomeOpened},
		"twice": {prepare: both(laden, both(short, both(loses(2), loses(5)))), at: 5, outcome: credential.OutcomeRefused, reason: credential.ReasonLink},
	},
	"asking | anything else | only pages of the log were still due, after a request other than status or for the log, or after one for status with `flags/receipt` (1)": {
		"lost":    {prepare: both(pages(credential.OperationOpen), loses(3)), at: 3, outcome: credential.OutcomeOpened},
		"refused": {prepare: both(pages(credential.OperationOpen), says(3, "6982")), at: 3, outcome: credential.OutcomeOpened},
		"lost after a receipt": {prepare: both(both(pages(credential.OperationStatus), withReceipt), loses(3)), at: 3,
			outcome: credential.OutcomeOpened},
	},
	"asking | anything else | ": {
		"lost": {prepare: loses(2), at: 2, outcome: credential.OutcomeUnconfirmed, reason: credential.ReasonLink},
		"lost after RESUME": {prepare: both(slot, both(both(laden, short), both(says(1, "6982"), loses(4)))), at: 4,
			outcome: credential.OutcomeRefused, reason: credential.ReasonLink},
		"refused":        {prepare: says(2, "6982"), at: 2, outcome: credential.OutcomeRefused, reason: credential.ReasonStatusWord},
		"garbage":        {prepare: says(2, "00 9000"), at: 2, outcome: credential.OutcomeUnconfirmed, reason: credential.ReasonChannel},
		"missing twice":  {prepare: both(postman, answers(lacking, lacking)), at: 3, outcome: credential.OutcomeRefused, reason: credential.ReasonIssuerUnknown},
		"a page is lost": {prepare: both(pages(credential.OperationStatus), loses(3)), at: 3, outcome: credential.OutcomeRefused, reason: credential.ReasonLink},
	},
}

// plain leaves everything as it is: the lock opens.
func plain(*visit) {}

// both does one thing after the other.
func both(first, second func(*visit)) func(*visit) {
	return func(v *visit) { first(v); second(v) }
}

// loses has the link fail in a station.
func loses(at int) func(*visit) {
	return func(v *visit) { v.inject[at] = func() ([]byte, error) { return nil, errField } }
}

// says puts an answer in the place of the lock's.
func says(at int, answer string) func(*visit) {
	return func(v *visit) { v.inject[at] = func() ([]byte, error) { return unhex(v.t, answer), nil } }
}

// keepsSlots has lock and phone make a slot of a full exchange.
func keepsSlots(v *visit) {
	v.phone.Slots = &only{}
	v.lock.selection.Capabilities |= wire.CapabilityResumption
	answer := v.lock.answer
	v.lock.answer = func(n int, r message.Request) []byte {
		if r.Operation == credential.OperationOpen {
			return encode(v.t, message.Response{Outcome: credential.OutcomeOpened, Slot: 9})
		}
		return answer(n, r)
	}
}

// slot has lock and phone share a slot.
func slot(v *visit) {
	keepsSlots(v)
	_, err := v.phone.Open(v.t.Context(), v.lock.link(), credential.OperationOpen)
	require.NoError(v.t, err)
	v.lock.secret, err = v.lock.exporter.Resumption(v.lock.hash[:])
	require.NoError(v.t, err)
	v.lock.requests = nil
}

// otherLock has the phone know the certificate of the lock that was there before.
func otherLock(v *visit) {
	know(v.t, v.w, v.phone)
	replace(v.t, v.w)
	v.lock.certificate, v.lock.key = v.w.Config.Identities[0].Certificate, worldtest.Key("second lock")
}

// postman has a postman come in place of the neighbour.
func postman(v *visit) { v.phone = v.w.PostmanPhone(v.t) }

// online gives the phone a source of live tokens that the lock can use.
func online(v *visit) {
	v.lock.selection.Capabilities |= wire.CapabilityLiveTime
	v.phone.Authorities = append(v.phone.Authorities, source(v.t, v.w, "clock"))
	v.phone.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
		return token(v.t, v.w, "clock", nonce), nil
	}
}

// laden has the phone bring more documents than one request carries.
func laden(v *visit) {
	for i := range 6 {
		v.phone.Documents = append(v.phone.Documents, list(v.t, v.w, "carrier", uint32(i+1), 20))
	}
}

// short has long commands go as chains.
func short(v *visit) { v.phone.Extended = false }

// pages has the app want two pages of a full log, beside the operation.
func pages(o credential.Operation) func(*visit) {
	return func(v *visit) {
		v.ask = holder.Ask{Operation: o, LogPages: 2}
		withLog(v.t, v.lock, pagesOf(v.w.LockID, logOf(64)), true, credential.OutcomeOpened)
	}
}

// withReceipt has the phone ask for a receipt as well.
func withReceipt(v *visit) { v.ask.Receipt = true }

// answers has the lock answer one request after the other, and tell what became
// of documents.
func answers(all ...func(*visit) message.Response) func(*visit) {
	return func(v *visit) {
		next := 0
		v.lock.answer = func(_ int, r message.Request) []byte {
			if r.Operation != v.ask.Operation {
				return decide(v.t, r, message.Response{})
			}
			response := all[next](v)
			next++
			if len(response.Missing) > 0 {
				return encode(v.t, response)
			}
			return decide(v.t, r, response)
		}
	}
}

func opened(*visit) message.Response {
	return message.Response{Outcome: credential.OutcomeOpened}
}

func waiting(*visit) message.Response {
	return message.Response{Outcome: credential.OutcomePending, Wait: time.Second}
}

func refused(*visit) message.Response {
	return message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonHours}
}

func timeless(*visit) message.Response {
	return message.Response{Outcome: credential.OutcomeRefused, Reason: credential.ReasonEvidence}
}

func lacking(v *visit) message.Response {
	return message.Response{Missing: []credential.KeyID{credential.KeyIDOf(v.w.Post.Authority().Key())}}
}
